// Package sampling makes random words: the public uniform residues of a seed, and
// secret errors.
package sampling

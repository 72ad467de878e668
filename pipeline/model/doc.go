// Package model is the weights of scores as integers on the planes of a cohort: in the
// clear, for their owner to evaluate, or encrypted under the key of the cohort's owner.
package model

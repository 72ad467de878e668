// Package site is what a compute site does: one resumable pass over an encrypted cohort,
// for sums and for scores, and merging what shards made. It has evaluation keys and no
// secret, and imports no package that has one.
package site

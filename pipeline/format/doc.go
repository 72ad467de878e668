// Package format is the files that leave the owner's machine, and those that come back:
// the cohort, the traits of a query, sums, scores, evaluation keys. It also has what every
// role knows: planes and encodings, shards, ranges of samples. It holds no secret.
// docs/format.md describes the files.
package format

// Package owner does what only the owner of genotypes can: it encrypts genotypes and
// traits, and decrypts sums and scores into tables after checking them.
package owner

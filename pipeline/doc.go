// Package pipeline streams data through the program: variants into blocks,
// blocks into encrypted chunks on disk, chunks into sums, sums into tables. It is
// the one package that knows both genetics and cryptography. Memory is bounded
// by what is in flight, never by the number of variants.
//
// Files that leave the owner's machine: the cohort directory, .traits, eval.key;
// and .sums on the way back. Files that stay: secret.key, .index, .private.
package pipeline

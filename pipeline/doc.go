// Package pipeline is where data streams: variants into blocks, blocks into encrypted
// chunks on disk, chunks into sums, sums into tables. It holds no code of its own. Its
// packages are rooms for roles, and a role imports only what it may hold:
//
//	format    files that leave the owner's machine, and what every role knows of them
//	private   files that never leave it: secret key, index, private half of a query
//	owner     encrypts genotypes and traits, decrypts sums and scores
//	site      computes on what is encrypted; imports neither private nor owner
//	model     the weights of scores, in the clear or encrypted
//	info      says what a file is, without opening more than its header
//
// Beside them are tools: chunkfile (the container of all files), atomicfile (files that
// appear whole, and locks), sizing, slurm, tasks, parallel and progress.
//
// The tests here go through all rooms, from genotypes to tables. Memory is bounded by
// what is in flight, never by the number of variants.
package pipeline

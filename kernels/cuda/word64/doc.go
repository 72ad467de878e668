// Package word64 does with ciphertexts of Lattigo v5, whose residues are 64-bit words modulo
// primes below 2^61, what Lattigo's evaluators do, to the residue. No engine needs it yet:
// benchmarks and tests use it.
package word64

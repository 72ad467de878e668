// Package hetest makes small parameter sets, keys and ciphertexts for tests.
package hetest

import (
	"math/rand/v2"
	"testing"

	"genoveil/he"
)

// Chain returns a chain with the given ring and numbers of primes.
func Chain(logN, sums, dropped int) he.Chain {
	primes := he.PrimesBelow(1<<28, logN, sums+dropped+1)
	return he.Chain{LogN: logN, Sums: primes[:sums], Dropped: primes[sums : sums+dropped], Switches: primes[sums+dropped:]}
}

// Keys generates a secret key and its evaluation keys.
func Keys(t testing.TB, chain he.Chain) (*he.SecretKey, *he.EvaluationKeys) {
	t.Helper()
	sk, err := he.GenerateSecret(chain)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := he.GenerateEvaluationKeys(chain, sk)
	if err != nil {
		t.Fatal(err)
	}
	return sk, keys
}

// Residues fills a slice with residues modulo the primes in turn, n a row:
// random ones, or q−1 everywhere if extreme.
func Residues(r *rand.Rand, primes []uint32, rows, n int, extreme bool) []uint32 {
	a := make([]uint32, rows*n)
	for i := range a {
		q := primes[i/n%len(primes)]
		a[i] = q - 1
		if !extreme {
			a[i] = r.Uint32N(q)
		}
	}
	return a
}

// Chunk returns a chunk of arbitrary residues: a ciphertext of nothing in
// particular, which engines must still agree on.
func Chunk(r *rand.Rand, chain he.Chain, samples int, extreme bool) he.Chunk {
	return he.Chunk{Samples: samples, Seed: seed(r), C0: Residues(r, chain.Sums, len(chain.Sums), chain.N()*samples, extreme)}
}

// Column returns a packed column of arbitrary residues.
func Column(r *rand.Rand, chain he.Chain, extreme bool) he.PackedColumn {
	return he.PackedColumn{Seed: seed(r), C0: Residues(r, chain.Trait(), len(chain.Trait()), chain.N(), extreme)}
}

func seed(r *rand.Rand) (s [32]byte) {
	for i := range s {
		s[i] = byte(r.Uint32())
	}
	return s
}

// Package hetest makes small parameter sets, keys and ciphertexts for tests.
package hetest

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"sync/atomic"
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
	return he.NewChunk(EncryptedChunk(r, chain, samples, extreme), nil)
}

// EncryptedChunk is Chunk for whoever gives it to engines.
func EncryptedChunk(r *rand.Rand, chain he.Chain, samples int, extreme bool) he.EncryptedChunk {
	return he.EncryptedChunk{Samples: samples, Seed: seed(r), C0: Residues(r, chain.Sums, len(chain.Sums), chain.N()*samples, extreme)}
}

// checked is a chunk that counts how often an engine has verified each tile; once fails
// unless that was once an Add.
func checked(chain he.Chain, chunk he.EncryptedChunk) (counting he.Chunk, once func(t testing.TB, adds int)) {
	counts := make([]atomic.Int32, chain.Tiles())
	return he.NewChunk(chunk, func(tile int) { counts[tile].Add(1) }), func(t testing.TB, adds int) {
		t.Helper()
		for tile := range counts {
			if n := counts[tile].Load(); int(n) != adds {
				t.Fatalf("tile %d was verified %d times in %d additions", tile, n, adds)
			}
		}
	}
}

// Column returns a packed column of arbitrary residues.
func Column(r *rand.Rand, chain he.Chain, extreme bool) he.SeededCiphertext {
	return he.SeededCiphertext{Seed: seed(r), C0: Residues(r, chain.ColumnPrimes(), len(chain.ColumnPrimes()), chain.N(), extreme)}
}

func seed(r *rand.Rand) (s [32]byte) {
	for i := range s {
		s[i] = byte(r.Uint32())
	}
	return s
}

// SumParams returns a set for sums of narrow planes (V = 1, B = 4096) in a small ring, which
// no planner would give because it is not secure, so that a few thousand samples and
// positions make several tiles, batches and blocks.
func SumParams(t testing.TB, logN, batch int) he.SumParams {
	t.Helper()
	return sumParams(t, Chain(logN, 3, 1), batch, 1, 1<<28, 1<<27)
}

// WideSumParams is the same for wide planes (V = 1,000,000).
func WideSumParams(t testing.TB, logN, batch int) he.SumParams {
	t.Helper()
	return sumParams(t, Chain(logN, 5, 1), batch, 1_000_000, 1<<37, 1<<54)
}

// ScoreParams is he.PlanScore(V) in a small ring.
func ScoreParams(t testing.TB, logN int, V int64) he.ScoreParams {
	t.Helper()
	return inRing(t, logN, V, he.PlanScore)
}

// PrivateModelParams is he.PlanPrivateModel(V) in a small ring.
func PrivateModelParams(t testing.TB, logN int, V int64) he.ScoreParams {
	t.Helper()
	return inRing(t, logN, V, he.PlanPrivateModel)
}

// inRing is a planned set for scores with the primes of a small ring.
func inRing(t testing.TB, logN int, V int64, plan func(int64) (he.ScoreParams, error)) he.ScoreParams {
	t.Helper()
	p, err := plan(V)
	if err != nil {
		t.Fatal(err)
	}
	return Change(t, p, fields(t, Chain(logN, len(p.Chain().Sums), 0)))
}

// ScoreKeys generates a secret key and its score keys.
func ScoreKeys(t testing.TB, chain he.Chain) (*he.SecretKey, *he.ScoreKeys) {
	t.Helper()
	sk, err := he.GenerateSecret(chain)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := he.GenerateScoreKeys(chain, sk)
	if err != nil {
		t.Fatal(err)
	}
	return sk, keys
}

// Change returns a set with some fields of its file changed.
func Change[P he.SumParams | he.ScoreParams](t testing.TB, p P, changed map[string]any) P {
	t.Helper()
	all := fields(t, p)
	maps.Copy(all, changed)
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// fields are the fields of something in a file, numbers with all their digits.
func fields(t testing.TB, x any) map[string]any {
	t.Helper()
	text, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

func sumParams(t testing.TB, c he.Chain, batch, maxPlane int, planeScale, columnScale uint64) he.SumParams {
	t.Helper()
	fields := fields(t, c)
	fields["plane_scale"], fields["column_scale"] = planeScale, columnScale
	fields["max_plane"], fields["max_column"], fields["batch"] = maxPlane, 4096, batch
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	var p he.SumParams
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

package hetest

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"genoveil/he"
	"genoveil/kernels/cpu"
	"genoveil/kernels/cpu/sampling"
)

// EncryptsChunks holds an encryptor against decryption by long integers: chunks of one,
// some and all samples, made by several goroutines at a time, are their values exactly,
// under errors and seeds that never come again.
func EncryptsChunks(t *testing.T, logN int, encryptor func(he.PlaneParams, *he.SecretKey) (he.ChunkEncryptor, error)) {
	t.Helper()
	params := SumParams(t, logN, 1<<13).PlaneParams
	sk, err := he.GenerateSecret(params.Chain())
	if err != nil {
		t.Fatal(err)
	}
	e, err := encryptor(params, sk)
	if err != nil {
		t.Fatal(err)
	}
	n, bound := params.N(), int32(params.MaxPlane())
	sizes := []int{1, 5, 64, 1, 64, 33}
	values, chunks := make([][]int32, len(sizes)), make([]he.EncryptedChunk, len(sizes))
	var group errgroup.Group
	for i, samples := range sizes {
		r := rand.New(rand.NewPCG(uint64(i), 2))
		values[i] = make([]int32, samples*n)
		for j := range values[i] {
			values[i][j] = r.Int32N(2*bound+1) - bound
			if i == 3 {
				values[i][j] = bound * int32(1-2*(j&1))
			}
		}
		group.Go(func() error {
			return e.EncryptChunk(&chunks[i], samples, func(sample int, v []int32) { copy(v, values[i][sample*n:][:n]) })
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	seeds := map[[32]byte]bool{}
	noise := map[[8]int8]bool{} // the first errors of every sample
	for i, chunk := range chunks {
		got, errors := decrypt(t, params, sk, chunk)
		if chunk.Samples != sizes[i] || !slices.Equal(got, values[i]) {
			t.Fatalf("chunk %d of %d samples does not decrypt to its values", i, sizes[i])
		}
		for s := range chunk.Samples {
			noise[[8]int8(errors[s*n:])] = true
		}
		seeds[chunk.Seed] = true
	}
	if samples := 1 + 5 + 64 + 1 + 64 + 33; len(seeds) != len(sizes) || len(noise) < samples-1 { // two agree once in 20,000 runs
		t.Errorf("%d seeds of %d chunks, %d errors of %d samples", len(seeds), len(sizes), len(noise), samples)
	}

	// Refusals, and again what is right with the memory of a larger chunk.
	for _, samples := range []int{0, he.ChunkSamples + 1} {
		if e.EncryptChunk(&chunks[0], samples, func(int, []int32) {}) == nil {
			t.Errorf("encrypted %d samples", samples)
		}
	}
	fill := func(x int32) func(int, []int32) {
		return func(_ int, v []int32) {
			clear(v)
			v[n-1] = x
		}
	}
	for _, x := range []int32{bound + 1, -bound - 1} {
		if e.EncryptChunk(&chunks[0], 2, fill(x)) == nil {
			t.Errorf("encrypted %d where ±%d is planned", x, bound)
		}
	}
	if err := e.EncryptChunk(&chunks[2], 2, fill(bound)); err != nil {
		t.Fatal(err)
	}
	want := make([]int32, 2*n)
	want[n-1], want[2*n-1] = bound, bound
	if got, _ := decrypt(t, params, sk, chunks[2]); !slices.Equal(got, want) {
		t.Error("a chunk in used memory does not decrypt to its values")
	}
}

// decrypt returns the values [sample][N] of a chunk and its errors, which are at most as
// large as those of the centred binomial.
func decrypt(t *testing.T, params he.PlaneParams, sk *he.SecretKey, chunk he.EncryptedChunk) (values []int32, errors []int8) {
	t.Helper()
	chain := params.Chain()
	n, size := chain.N(), chunk.Samples*chain.N()
	phase := make([][]uint32, len(chain.Sums)) // [prime][sample·N + coefficient]
	q := big.NewInt(1)
	for l, prime := range chain.Sums {
		ntt, err := cpu.NewNTT(n, prime)
		if err != nil {
			t.Fatal(err)
		}
		secret := make([]uint32, n)
		for i, x := range sk.Bytes() {
			secret[i] = ntt.ReduceSigned(int64(x) - 1)
		}
		ntt.Forward(secret)
		uniform := sampling.NewUniform(&chunk.Seed)
		for s := range chunk.Samples {
			row := make([]uint32, n)
			uniform.Fill(row, ntt.Modulus, uint32(s), uint32(l), 0)
			for i := range row {
				c0 := chunk.C0[l*size+(i/he.TileWidth*chunk.Samples+s)*he.TileWidth+i%he.TileWidth]
				row[i] = ntt.Add(ntt.Mul(row[i], secret[i]), c0)
			}
			ntt.Inverse(row)
			phase[l] = append(phase[l], row...)
		}
		q.Mul(q, big.NewInt(int64(prime)))
	}
	half, scale := new(big.Int).Rsh(q, 1), params.PlaneScale()
	basis := make([]*big.Int, len(chain.Sums)) // 1 modulo one prime, 0 modulo the others
	for l, prime := range chain.Sums {
		p := big.NewInt(int64(prime))
		rest := new(big.Int).Div(q, p)
		basis[l] = new(big.Int).Mul(rest, new(big.Int).ModInverse(rest, p))
	}
	x, term := new(big.Int), new(big.Int)
	for i := range size {
		x.SetInt64(0)
		for l := range basis {
			x.Add(x, term.Mul(basis[l], term.SetUint64(uint64(phase[l][i]))))
		}
		if x.Mod(x, q); x.Cmp(half) > 0 {
			x.Sub(x, q)
		}
		// The nearest multiple of the scale, and what is left.
		value := new(big.Int).Add(x, new(big.Int).Rsh(scale, 1))
		value.Div(value, scale)
		left := x.Sub(x, term.Mul(value, scale)).Int64()
		if left < -sampling.BinomialPairs || left > sampling.BinomialPairs {
			t.Fatalf("word %d: error %d", i, left)
		}
		values, errors = append(values, int32(value.Int64())), append(errors, int8(left))
	}
	return values, errors
}

package he_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
)

// A world is a key with everything that encrypts, evaluates and decrypts.
type world struct {
	t      *testing.T
	params he.SumParams
	engine he.Engine
	enc    *he.Encryptor
	column *he.ColumnEncryptor
	dec    *he.SumDecryptor
}

func newWorld(t *testing.T, params he.SumParams) *world {
	t.Helper()
	sk, keys := hetest.Keys(t, params.Chain())
	engine, err := cpu.New(keys, 1)
	if err != nil {
		t.Fatal(err)
	}
	enc, err := he.NewEncryptor(params.PlaneParams, sk)
	if err != nil {
		t.Fatal(err)
	}
	column, err := he.NewColumnEncryptor(params, sk)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := he.NewSumDecryptor(params, sk)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t, params, engine, enc, column, dec}
}

// sum encrypts a chunk of planes and the columns, evaluates them and returns the
// encrypted sums beside the true values.
func (w *world) sum(samples int, plane func(i, j int) int32, columns ...[]int32) (sums []he.Sum, want [][]int64) {
	w.t.Helper()
	n := w.params.N()
	var chunk he.EncryptedChunk
	want = make([][]int64, len(columns))
	for k := range want {
		want[k] = make([]int64, n)
	}
	err := w.enc.EncryptChunk(&chunk, samples, func(i int, values []int32) {
		for j := range values {
			values[j] = plane(i, j)
			for k, column := range columns {
				want[k][j] += int64(values[j]) * int64(column[i])
			}
		}
	})
	if err != nil {
		w.t.Fatal(err)
	}
	var packed []he.SeededCiphertext
	var all []int
	for k, column := range columns {
		p, err := w.column.EncryptColumn(column)
		if err != nil {
			w.t.Fatal(err)
		}
		packed, all = append(packed, p), append(all, k)
	}
	constants, err := w.engine.NewExpansion(packed).Expand(0, samples)
	if err != nil {
		w.t.Fatal(err)
	}
	a := w.engine.NewAccumulator(all)
	if err := w.engine.Add(constants, []he.Product{{Chunk: he.NewChunk(chunk, nil), Accumulator: a}}); err != nil {
		w.t.Fatal(err)
	}
	if sums, err = a.Sums(); err != nil {
		w.t.Fatal(err)
	}
	return sums, want
}

// TestErrorStaysUnderTheBound draws 100 keys and sums worst-case planes against
// worst-case columns under each, at the scales of a full batch. Sums must be
// exact, and errors below the planner's bound: every single one within
// RejectMargin standard deviations, and all together with less than one.
//
// One key's root mean square may exceed the bound on the standard deviation: under
// a constant plane the error is nearly one wave over all coefficients, with two
// degrees of freedom. But if no key came near it, it would not be the bound of
// this scheme.
func TestErrorStaysUnderTheBound(t *testing.T) {
	const keys, samples = 100, he.ChunkSamples
	params, err := he.Plan(1_000_000, 1, 4096)
	if err != nil {
		t.Fatal(err)
	}
	bound := params.ErrorBound(samples)
	planes := []struct {
		name  string
		value func(r *rand.Rand, j int) int32
	}{
		// A constant plane lines up with the frequency of the secret that C bounds.
		{"all 1", func(*rand.Rand, int) int32 { return 1 }},
		{"all -1", func(*rand.Rand, int) int32 { return -1 }},
		{"alternating", func(_ *rand.Rand, j int) int32 { return int32(1 - 2*(j&1)) }},
		{"random", func(r *rand.Rand, _ int) int32 { return int32(r.IntN(3)) - 1 }},
	}
	column := make([]int32, samples)
	for i := range column {
		column[i] = int32(params.MaxColumn()) * int32(1-2*(i&1))
	}
	var mu sync.Mutex
	var ratios []float64
	t.Run("keys", func(t *testing.T) {
		for key := range keys {
			plane := planes[key%len(planes)]
			t.Run(fmt.Sprintf("%d: %s", key, plane.name), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, params)
				r := rand.New(rand.NewPCG(uint64(key), 1))
				sums, want := w.sum(samples, func(_, j int) int32 { return plane.value(r, j) }, column)
				got, err := w.dec.Decode(sums[0], samples)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got, want[0]) {
					t.Error("sums are not exact")
				}
				square, largest := 0.0, 0.0
				residuals := w.dec.Residuals(sums[0])
				for _, x := range residuals {
					square += x * x
					largest = max(largest, math.Abs(x))
				}
				if largest > he.RejectMargin*bound {
					t.Errorf("an error of %.2f standard deviations", largest/bound)
				}
				ratio := math.Sqrt(square/float64(len(residuals))) / bound
				mu.Lock()
				defer mu.Unlock()
				ratios = append(ratios, ratio)
			})
		}
	})
	slices.Sort(ratios)
	square := 0.0
	for _, x := range ratios {
		square += x * x / keys
	}
	t.Logf("observed error / bound over %d keys: median %.2f, root mean square %.2f, largest %.2f", len(ratios), ratios[len(ratios)/2], math.Sqrt(square), ratios[len(ratios)-1])
	if square > 1 {
		t.Errorf("root mean square over all keys %.2f times the bound", math.Sqrt(square))
	}
	if ratios[len(ratios)-1] < 0.2 {
		t.Errorf("no key came closer to the bound than %.2f", ratios[len(ratios)-1])
	}
}

// TestFactor compares the factor of a key with its definition, and key generation
// keeps below the limit.
func TestFactor(t *testing.T) {
	chain := hetest.Chain(7, 1, 1)
	for range 20 {
		sk, err := he.GenerateSecret(chain)
		if err != nil {
			t.Fatal(err)
		}
		n := sk.N()
		largest := 0.0
		for k := range n {
			re, im := 0.0, 0.0
			for i, b := range sk.Bytes() {
				angle := math.Pi * float64(i*(2*k+1)) / float64(n)
				re += float64(int(b)-1) * math.Cos(angle)
				im += float64(int(b)-1) * math.Sin(angle)
			}
			largest = max(largest, re*re+im*im)
		}
		want := largest / (2 * float64(n) / 3)
		if got := sk.Factor(); math.Abs(got-want) > 1e-9*want {
			t.Errorf("factor %g, want %g", got, want)
		}
		if want > he.MaxKeyFactor {
			t.Errorf("key generation let a factor of %g pass", want)
		}
	}
}

// TestSecretIsTernary: all three coefficients occur, about equally often.
func TestSecretIsTernary(t *testing.T) {
	sk, err := he.GenerateSecret(hetest.Chain(13, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	var counts [3]int
	for _, b := range sk.Bytes() {
		counts[b]++
	}
	for i, c := range counts {
		if math.Abs(float64(c)-8192.0/3) > 6*math.Sqrt(8192*2/9.0) {
			t.Errorf("coefficient %d comes %d times in 8192", i-1, c)
		}
	}
	again, err := he.SecretKeyFromBytes(sk.Bytes())
	if err != nil || again.ID() != sk.ID() || !slices.Equal(again.Bytes(), sk.Bytes()) {
		t.Error("a key does not survive its bytes")
	}
}

// TestSeedsNeverRepeat: two ciphertexts that shared their public half would expose
// the difference of their plaintexts. Every call draws a fresh seed, also for the
// same input and through forks; within a chunk the stream is one-to-one in
// sample, prime and position (TestUniformEqualsTwin), and the halves of all
// samples and primes differ.
func TestSeedsNeverRepeat(t *testing.T) {
	params, err := he.Plan(100, 1, 4096)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, params)
	seen := map[[32]byte]bool{}
	note := func(seed [32]byte) {
		if seen[seed] {
			t.Fatal("a seed was used twice")
		}
		seen[seed] = true
	}
	enc := w.enc
	for range 20 {
		var chunk he.EncryptedChunk
		if err := enc.EncryptChunk(&chunk, 1, func(int, []int32) {}); err != nil {
			t.Fatal(err)
		}
		note(chunk.Seed)
		column, err := w.column.EncryptColumn(nil)
		if err != nil {
			t.Fatal(err)
		}
		note(column.Seed)
		if enc, err = enc.Fork(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEncryptRefusesLargeValues: a value outside the planned bounds would make
// sums wrong without anyone noticing.
func TestEncryptRefusesLargeValues(t *testing.T) {
	params, err := he.Plan(100, 1, 4096)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, params)
	for _, v := range []int32{2, -2, math.MaxInt32, math.MinInt32} {
		var chunk he.EncryptedChunk
		if err := w.enc.EncryptChunk(&chunk, 1, func(_ int, values []int32) { values[77] = v }); err == nil {
			t.Errorf("plane value %d was encrypted", v)
		}
	}
	for _, v := range []int32{4097, -4097, math.MaxInt32, math.MinInt32} {
		if _, err := w.column.EncryptColumn([]int32{0, v}); err == nil {
			t.Errorf("column value %d was encrypted", v)
		}
	}
	if _, err := w.column.EncryptColumn(make([]int32, params.N()+1)); err == nil {
		t.Error("a column longer than the ring was encrypted")
	}
}

// TestDecodeRejectsDamage: noise beyond the margin is refused, one residue
// changed too; so is a sum over more samples than a batch.
func TestDecodeRejectsDamage(t *testing.T) {
	params, err := he.Plan(100, 1, 4096)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, params)
	column := make([]int32, 64)
	for i := range column {
		column[i] = int32(i)
	}
	sums, _ := w.sum(64, func(i, j int) int32 { return int32((i+j)%3) - 1 }, column)
	if _, err := w.dec.Decode(sums[0], 64); err != nil {
		t.Fatal(err)
	}
	if _, err := w.dec.Decode(sums[0], params.Batch()+1); err == nil || errors.Is(err, he.ErrDamaged) {
		t.Errorf("more samples than a batch: %v", err)
	}
	for _, at := range []int{0, params.N() + 5, len(sums[0].Residues) - 1} {
		changed := he.Sum{Components: 2, Residues: slices.Clone(sums[0].Residues)}
		changed.Residues[at] ^= 1
		if _, err := w.dec.Decode(changed, 64); !errors.Is(err, he.ErrDamaged) {
			t.Errorf("residue %d changed: %v", at, err)
		}
	}
	// A residue that is not reduced is refused before any arithmetic.
	changed := he.Sum{Components: 2, Residues: slices.Clone(sums[0].Residues)}
	changed.Residues[0] = math.MaxUint32
	if _, err := w.dec.Decode(changed, 64); err == nil {
		t.Error("an unreduced residue was accepted")
	}
}

// TestThreeComponents: sums that were not relinearised decode to the same values.
func TestThreeComponents(t *testing.T) {
	params, err := he.Plan(100, 1, 4096)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, params)
	sums, want := w.sum(5, func(i, j int) int32 { return int32((i*j)%3) - 1 }, []int32{1, -2, 3, -4096, 4096})
	three := he.Sum{Components: 3, Residues: append(slices.Clone(sums[0].Residues), make([]uint32, params.Chain().SumLen(1))...)}
	got, err := w.dec.Decode(three, 5)
	if err != nil || !slices.Equal(got, want[0]) {
		t.Errorf("%v", err)
	}
}

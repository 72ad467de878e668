package he_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/he"
	"genoveil/he/hetest"
	"genoveil/kernels/cpu"
)

// TestFloodNoise: flooding modulo a prime equals that of long integers.
func TestFloodNoise(t *testing.T) {
	transform, err := cpu.NewNTT(64, hetest.Chain(6, 1, 0).Sums[0])
	if err != nil {
		t.Fatal(err)
	}
	for bits := 1; bits <= 126; bits++ {
		got, want, err := he.FloodNoise(transform, bits)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("flooding of %d bits differs", bits)
		}
	}
}

// TestMaskIsTernary: −1, 0 and 1 about equally often.
func TestMaskIsTernary(t *testing.T) {
	const n = 1 << 16
	masks, err := he.Ternaries(n)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[int8]float64{}
	for _, x := range masks {
		counts[x]++
	}
	if len(counts) != 3 {
		t.Errorf("values %v", counts)
	}
	for x, count := range counts {
		if math.Abs(count-n/3.0) > 6*math.Sqrt(n*2/9.0) {
			t.Errorf("%d comes %g times in %d", x, count, n)
		}
	}
}

// floods returns the errors of replies to answers of zero, in units of 2^f.
func floods(t *testing.T, replies int) []float64 {
	params := hetest.ScoreParams(t, 7, 1)
	w := newScoreWorld(t, params, referenceScorer)
	var noise []float64
	for range replies {
		sum := he.Sum{Components: 2, Residues: make([]uint32, params.Chain().SumLen(2))}
		w.finish(sum, params.N(), 0)
		if _, err := w.dec.Decode(sum, params.N()); err != nil {
			t.Fatal(err)
		}
		for _, x := range w.dec.Residuals(sum) {
			noise = append(noise, math.Ldexp(x, -params.FloodBits()))
		}
	}
	return noise
}

// TestFloodingIsUniform: the errors of replies reach from −2^f to 2^f and no
// further, their mean is zero and their highest bits are uniform (χ² of 16 classes).
// Each bound fails an honest run less than once in 10^8.
func TestFloodingIsUniform(t *testing.T) {
	noise := floods(t, 200)
	n := float64(len(noise))
	var classes [16]float64
	sum := 0.0
	for _, x := range noise {
		if math.Abs(x) > 1+0x1p-50 {
			t.Fatalf("an error of %g times the largest", x)
		}
		sum += x
		classes[min(15, max(0, int((x+1)*8)))]++
	}
	// None of n is within 40/n of an end of [−1, 1): e^-20.
	if slices.Max(noise) < 1-40/n || slices.Min(noise) > -1+40/n {
		t.Errorf("errors from %g to %g", slices.Min(noise), slices.Max(noise))
	}
	if mean := sum / n; math.Abs(mean) > 6/math.Sqrt(3*n) {
		t.Errorf("mean %g", mean)
	}
	square := 0.0
	for _, count := range classes {
		square += (count - n/16) * (count - n/16) / (n / 16)
	}
	if square > 75 { // 15 degrees of freedom
		t.Errorf("χ² %.1f", square)
	}
}

// TestModelsAreIndistinguishable is the claim that a reply tells nothing but its
// answers. Two models of different norm have the same scores on a client's
// genotypes. The client has its secret key and the errors of its ciphertexts, so it
// can compute, for both models, what packing gives before flooding: every coefficient's
// noise, and c1. It compares many replies of either model with both by
//
//   - a projection of the noise on the difference of both models' noise, which is 1
//     for replies of the first, 0 for the second and the best linear test there is;
//   - a Kolmogorov–Smirnov test between the noise of the two models' replies, over
//     answers and all other coefficients;
//   - c1 less what either model would give, which is zero in the model's own replies
//     if nothing masks it, and must be uniform.
//
// Without flooding each of the three tells the models apart; with it none does.
// Thresholds fail an honest run less than once in 10^8.
func TestModelsAreIndistinguishable(t *testing.T) {
	const samples, replies = 100, 300
	params := hetest.ScoreParams(t, 7, 1)
	w := newScoreWorld(t, params, fastScorer)
	r := rand.New(rand.NewPCG(8, 8))
	n := params.N()
	genotypes := randomGenotypes(r, samples, 1, n, 1)
	first := randomWeights(r, 1, 1, n, 1<<26)
	second := [][][]int64{{slices.Clone(first[0][0])}}
	for _, sample := range genotypes {
		copy(sample[0][n/2:], sample[0][:n/2]) // variants in perfect linkage
	}
	for j := range n / 2 {
		shift := r.Int64N(1<<30) - 1<<29
		second[0][0][j] += shift
		second[0][0][n/2+j] -= shift
	}
	want := answers(genotypes, first, 0)[0]
	if !slices.Equal(want, answers(genotypes, second, 0)[0]) {
		t.Fatal("the models differ in their scores")
	}

	// The same ciphertexts under both models.
	var chunks []he.Chunk
	for part := range slices.Chunk(genotypes, he.ChunkSamples) {
		var values [][]int32
		for _, sample := range part {
			values = append(values, sample[0])
		}
		chunks = append(chunks, w.chunk(values))
	}
	packed := func(weights [][][]int64) he.Sum {
		prepared := w.prepare(weights)
		tile := he.NewTile(w.scorer, params.Chain())
		for _, chunk := range chunks {
			s := w.scorer.NewScores(chunk.Samples, prepared)
			w.must(w.scorer.Add(s, prepared, []he.Chunk{chunk}))
			nodes, err := w.scorer.Pack(s)
			w.must(err)
			w.must(tile.Add(nodes[0]))
		}
		sum, err := tile.Sum()
		w.must(err)
		return sum
	}
	models := [2]he.Sum{packed(first), packed(second)}
	known := [2][]float64{w.dec.Residuals(models[0]), w.dec.Residuals(models[1])}
	norm := 0.0
	difference := make([]float64, n)
	for j := range difference {
		difference[j] = known[0][j] - known[1][j]
		norm += difference[j] * difference[j]
	}

	// A view is what the client makes of the replies of one model.
	type view struct {
		projection    []float64
		noise         []float64
		masks, zeroes float64 // of c1 less a model's: all residues, and those that are zero
		classes       [16]float64
	}
	observe := func(model, count int, flooded bool) *view {
		v := &view{}
		for range count {
			reply := he.Sum{Components: 2, Residues: slices.Clone(models[model].Residues)}
			if flooded {
				w.must(params.Flood(reply, samples, 0, w.keys.Public))
			}
			got, err := w.dec.Decode(reply, samples)
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("answers differ: %v", err)
			}
			residuals := w.dec.Residuals(reply)
			projection := 0.0
			for j, x := range residuals {
				projection += (x - known[1][j]) * difference[j] / norm
			}
			v.projection = append(v.projection, projection)
			v.noise = append(v.noise, residuals...)
			for _, other := range models {
				for i := params.Chain().SumLen(1); i < len(reply.Residues); i++ {
					q := params.Chain().Sums[i/n-len(params.Chain().Sums)]
					x := (reply.Residues[i] + q - other.Residues[i]) % q
					v.masks++
					v.classes[uint64(x)*16/uint64(q)]++
					if x == 0 {
						v.zeroes++
					}
				}
			}
		}
		return v
	}

	// told says which tests tell the models apart.
	told := func(a, b *view) (told []string) {
		meanA, varianceA := moments(a.projection)
		meanB, varianceB := moments(b.projection)
		if z := math.Abs(meanA-meanB) / math.Sqrt((varianceA+varianceB)/float64(len(a.projection))+1e-20); z > 6 {
			told = append(told, "projection")
		}
		if d := kolmogorovSmirnov(a.noise, b.noise); d > 3.2*math.Sqrt(2/float64(len(a.noise))) { // 2·exp(−2·3.2²) = 2^-28.5
			told = append(told, "Kolmogorov–Smirnov")
		}
		for _, v := range []*view{a, b} {
			square := 0.0
			for _, count := range v.classes {
				square += (count - v.masks/16) * (count - v.masks/16) / (v.masks / 16)
			}
			// Both models are compared, so each residue counts twice and χ² is doubled.
			if square > 2*75 || v.zeroes > 100 {
				told = append(told, "c1")
				break
			}
		}
		return told
	}
	if got := told(observe(0, 3, false), observe(1, 3, false)); len(got) != 3 {
		t.Errorf("without flooding only %v tell the models apart", got)
	}
	if got := told(observe(0, replies, true), observe(1, replies, true)); len(got) != 0 {
		t.Errorf("with flooding %v tell the models apart", got)
	}
}

func moments(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, variance
}

// kolmogorovSmirnov is the largest distance between two empirical distributions.
func kolmogorovSmirnov(a, b []float64) float64 {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	largest, i, j := 0.0, 0, 0
	for i < len(a) && j < len(b) {
		if a[i] <= b[j] {
			i++
		} else {
			j++
		}
		largest = max(largest, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
	}
	return largest
}

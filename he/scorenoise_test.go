package he_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
)

func fastScorer(keys *he.ScoreKeys) (he.Scorer, error) { return cpu.NewScorer(keys, 1) }

// largestWeights are weights of random signs, all as large as the set allows.
func largestWeights(r *rand.Rand, params he.ScoreParams, lanes, scores int) [][][]int64 {
	w := int64(float64(params.MaxNorm()) / math.Sqrt(float64(lanes*params.N())))
	weights := randomWeights(r, lanes, scores, params.N(), 1)
	for _, values := range slices.Concat(weights...) {
		for j := range values {
			values[j] = w * (1 - 2*r.Int64N(2))
		}
	}
	return weights
}

// TestScoresAtTheBounds: exact answers in the real rings where every weight and
// every genotype is as large as it may be and no term cancels another, and where one
// weight takes the whole norm.
func TestScoresAtTheBounds(t *testing.T) {
	for i, plan := range []func(int64) (he.ScoreParams, error){he.PlanScore, he.PlanPrivateModel} {
		V := []int64{1, 1000}[i]
		params, err := plan(V)
		if err != nil {
			t.Fatal(err)
		}
		w := newScoreWorld(t, params, fastScorer)
		r := rand.New(rand.NewPCG(3, uint64(i)))
		weights := largestWeights(r, params, 2, 2)
		clear(weights[0][1])
		clear(weights[1][1])
		weights[1][1][params.N()-1] = -params.MaxNorm()
		genotypes := randomGenotypes(r, 3, 2, params.N(), V)
		for lane, values := range genotypes[1] {
			for j := range values {
				values[j] = int32(V)
				if weights[lane][0][j] < 0 {
					values[j] = -values[j]
				}
			}
		}
		want := answers(genotypes, weights, 0)
		for k, sum := range w.scores(genotypes, weights) {
			for i, residuals := 0, w.dec.Residuals(sum); i < params.N(); i++ {
				bound := params.ScoreNoise()
				if i >= len(genotypes) {
					bound = params.PackNoise()
				}
				if x := residuals[params.Chain().Position(i)]; math.Abs(x) > he.RejectMargin*bound {
					t.Fatalf("V = %d, score %d, sample %d: an error of %g", V, k, i, x)
				}
			}
			// The constant takes the largest answer to the limit.
			constant := params.MaxAnswer() - max(0, slices.Max(want[k]))
			w.finish(sum, len(genotypes), constant)
			got, err := w.dec.Decode(sum, len(genotypes))
			if err != nil {
				t.Fatal(err)
			}
			for s := range got {
				if got[s] != want[k][s]+constant {
					t.Errorf("V = %d, score %d, sample %d: %d, want %d", V, k, s, got[s], want[k][s]+constant)
				}
			}
		}
	}
}

// TestScoreNoiseStaysUnderTheBound draws many keys and scores genotypes under models
// of the largest norm. Before flooding every error is within RejectMargin deviations
// of the bound. In the mode without encryption of the model, where one term is all of
// the bound, the errors' root mean square is the bound itself.
//
// Coefficients without a sample show that nothing but answers survives packing: they
// decode to zero, and their noise is within the bound of packing alone, a thousandth
// or less of what is left where a weight has a part in it.
func TestScoreNoiseStaysUnderTheBound(t *testing.T) {
	const logN, lanes, keys = 7, 2, 30
	for name, c := range map[string]struct {
		params   he.ScoreParams
		from, to float64 // root mean square, in units of the bound
	}{
		"hard calls":                {hetest.ScoreParams(t, logN, 1), 0.9, 1.1},
		"hard calls, private model": {hetest.PrivateModelParams(t, logN, 1), 0.6, 0.8},
		"dosages, private model":    {hetest.PrivateModelParams(t, logN, 1000), 0.6, 0.8},
	} {
		t.Run(name, func(t *testing.T) {
			params, r := c.params, rand.New(rand.NewPCG(4, 4))
			var noise, rest []float64
			for key := range keys {
				w := newScoreWorld(t, params, fastScorer)
				samples := []int{1, 3, 64, 65, params.N()}[key%5]
				genotypes := randomGenotypes(r, samples, lanes, params.N(), params.MaxPlane())
				weights := largestWeights(r, params, lanes, 1)
				sum := w.scores(genotypes, weights)[0]
				if got := w.dec.Values(sum); !slices.Equal(got[:samples], answers(genotypes, weights, 0)[0]) || slices.ContainsFunc(got[samples:], func(x int64) bool { return x != 0 }) {
					t.Fatalf("%d samples: answers are not exact, or there are others", samples)
				}
				residuals := w.dec.Residuals(sum)
				for i := range params.N() {
					x := residuals[params.Chain().Position(i)]
					if i < samples {
						noise = append(noise, x/params.ScoreNoise())
					} else {
						rest = append(rest, x/params.PackNoise())
					}
				}
			}
			check := func(what string, errors []float64, from, to float64) {
				square, largest := 0.0, 0.0
				for _, x := range errors {
					square += x * x / float64(len(errors))
					largest = max(largest, math.Abs(x))
				}
				t.Logf("%s: root mean square %.3f, largest %.2f of the bound", what, math.Sqrt(square), largest)
				if rms := math.Sqrt(square); largest > he.RejectMargin || rms < from || rms > to {
					t.Errorf("%s: root mean square %.3f outside %g … %g, or an error of %.2f deviations", what, rms, from, to, largest)
				}
			}
			check("answers", noise, c.from, c.to)
			// Most are far from a sample and see only the last merges.
			check("other coefficients", rest, 0.02, 1)
		})
	}
}

// TestEveryNumberOfSamples: no number of samples leaves anything of the products
// in coefficients without one.
func TestEveryNumberOfSamples(t *testing.T) {
	params := hetest.ScoreParams(t, 7, 1)
	w := newScoreWorld(t, params, fastScorer)
	r := rand.New(rand.NewPCG(5, 5))
	for samples := 1; samples <= params.N(); samples += 1 + samples/9 {
		genotypes := randomGenotypes(r, samples, 1, params.N(), 1)
		weights := largestWeights(r, params, 1, 1)
		sum := w.scores(genotypes, weights)[0]
		residuals := w.dec.Residuals(sum)
		values := w.dec.Values(sum)
		for i := samples; i < params.N(); i++ {
			if x := residuals[params.Chain().Position(i)]; values[i] != 0 || math.Abs(x) > he.RejectMargin*params.PackNoise() {
				t.Fatalf("%d samples: coefficient of sample %d holds %d and an error of %g", samples, i, values[i], x)
			}
		}
		if !slices.Equal(values[:samples], answers(genotypes, weights, 0)[0]) {
			t.Fatalf("%d samples: answers are not exact", samples)
		}
	}
}

// TestDecodeScoresRefuses: what cannot be an honest reply is damaged.
func TestDecodeScoresRefuses(t *testing.T) {
	for name, params := range map[string]he.ScoreParams{
		"hard calls": hetest.ScoreParams(t, 7, 1), "dosages": hetest.ScoreParams(t, 7, 1000), "private model": hetest.PrivateModelParams(t, 7, 1),
	} {
		t.Run(name, func(t *testing.T) {
			w := newScoreWorld(t, params, fastScorer)
			r := rand.New(rand.NewPCG(6, 6))
			genotypes := randomGenotypes(r, 5, 1, params.N(), 1)
			genotypes[2][0][0] = 1
			weights := [][][]int64{{{1}}}
			reply := func(samples int, constant int64) he.Sum {
				sum := w.scores(genotypes, weights)[0]
				w.finish(sum, samples, constant)
				return sum
			}
			damaged := func(what string, sum he.Sum, samples int) {
				t.Helper()
				if _, err := w.dec.Decode(sum, samples); err != he.ErrDamaged {
					t.Errorf("%s: %v", what, err)
				}
			}
			honest := reply(5, 77)
			if _, err := w.dec.Decode(honest, 5); err != nil {
				t.Fatal(err)
			}
			damaged("an answer without a sample", honest, 4)
			if params.MaxPlane() > 1 || params.PrivateModel() {
				damaged("an answer beyond the largest", reply(5, params.MaxAnswer()), 5)
			}
			for _, at := range []int{0, params.N() + 3, len(honest.Residues) - 1} {
				changed := he.Sum{Components: 2, Residues: slices.Clone(honest.Residues)}
				changed.Residues[at] ^= 1
				damaged(fmt.Sprint("residue ", at, " changed"), changed, 5)
			}
			for _, samples := range []int{0, -1, params.N() + 1} {
				if _, err := w.dec.Decode(honest, samples); err == nil {
					t.Errorf("%d samples were decoded", samples)
				}
				if params.Flood(honest, samples, 0, w.keys.Public) == nil || params.AddConstant(honest, samples, w.keys.Public) == nil {
					t.Errorf("%d samples were finished", samples)
				}
			}
			for _, constant := range []int64{params.MaxAnswer() + 1, -params.MaxAnswer() - 1, math.MinInt64} {
				if params.Flood(honest, 5, constant, w.keys.Public) == nil {
					t.Errorf("a constant of %d was added", constant)
				}
				if params.AddConstant(honest, 5, w.keys.Public) == nil && !params.PrivateModel() {
					t.Error("an encrypted constant was added to the answers of a model in the clear")
				}
				if w.model == nil {
					continue
				}
				if _, err := w.model.EncryptConstant(constant); err == nil {
					t.Errorf("a constant of %d was encrypted", constant)
				}
			}
			if w.model == nil {
				sk, err := he.GenerateSecret(params.Chain())
				w.must(err)
				if _, err := he.NewModelEncryptor(params, sk); err == nil {
					t.Error("a set for models in the clear encrypts models")
				}
				return
			}
			if _, err := w.model.EncryptWeights([]int64{params.MaxNorm() + 1}); err == nil {
				t.Error("a weight beyond the norm was encrypted")
			}
		})
	}
}

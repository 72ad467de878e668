package he_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/he"
	"genoveil/he/hetest"
	"genoveil/he/reference"
)

// A scoreWorld is a key with everything that encrypts, scores and decrypts.
type scoreWorld struct {
	t      testing.TB
	params he.ScoreParams
	keys   *he.ScoreKeys
	scorer he.Scorer
	enc    *he.Encryptor
	model  *he.ModelEncryptor // nil if models are in the clear
	dec    *he.ScoreDecryptor
}

func newScoreWorld(t testing.TB, params he.ScoreParams, scorer func(*he.ScoreKeys) (he.Scorer, error)) *scoreWorld {
	t.Helper()
	w := &scoreWorld{t: t, params: params}
	sk, keys := hetest.ScoreKeys(t, params.Chain())
	w.keys = keys
	var err error
	w.scorer, err = scorer(keys)
	w.must(err)
	w.enc, err = he.NewEncryptor(params.PlaneParams, sk)
	w.must(err)
	if params.PrivateModel() {
		w.model, err = he.NewModelEncryptor(params, sk)
		w.must(err)
	}
	w.dec, err = he.NewScoreDecryptor(params, sk)
	w.must(err)
	return w
}

func (w *scoreWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func referenceScorer(keys *he.ScoreKeys) (he.Scorer, error) { return reference.NewScorer(keys) }

// chunk encrypts genotypes [sample][position] of one lane.
func (w *scoreWorld) chunk(genotypes [][]int32) he.Chunk {
	w.t.Helper()
	var chunk he.EncryptedChunk
	w.must(w.enc.EncryptChunk(&chunk, len(genotypes), func(i int, values []int32) { copy(values, genotypes[i]) }))
	return he.NewChunk(chunk, nil)
}

// prepare prepares weights [lane][score][position], encrypted if the set says so.
func (w *scoreWorld) prepare(weights [][][]int64) he.Weights {
	w.t.Helper()
	if !w.params.PrivateModel() {
		prepared, err := w.scorer.Prepare(weights)
		w.must(err)
		return prepared
	}
	var models [][]he.SeededCiphertext
	for _, lane := range weights {
		var scores []he.SeededCiphertext
		for _, values := range lane {
			ct, err := w.model.EncryptWeights(values)
			w.must(err)
			scores = append(scores, ct)
		}
		models = append(models, scores)
	}
	prepared, err := w.scorer.PrepareEncrypted(models)
	w.must(err)
	return prepared
}

// scores returns the packed answers, one ciphertext a score, of up to N samples with
// genotypes [sample][lane][position]; not finished.
func (w *scoreWorld) scores(genotypes [][][]int32, weights [][][]int64) []he.Sum {
	w.t.Helper()
	prepared := w.prepare(weights)
	var tiles []*he.Tile
	for range prepared.Scores() {
		tiles = append(tiles, he.NewTile(w.scorer, w.params.Chain()))
	}
	for part := range slices.Chunk(genotypes, he.ChunkSamples) {
		var chunks []he.Chunk
		for lane := range weights {
			var values [][]int32
			for _, sample := range part {
				values = append(values, sample[lane])
			}
			chunks = append(chunks, w.chunk(values))
		}
		answers := w.scorer.NewScores(len(part), prepared)
		w.must(w.scorer.Add(answers, prepared, chunks))
		nodes, err := w.scorer.Pack(answers)
		w.must(err)
		for k, node := range nodes {
			w.must(tiles[k].Add(node))
		}
	}
	var sums []he.Sum
	for _, tile := range tiles {
		sum, err := tile.Sum()
		w.must(err)
		sums = append(sums, sum)
	}
	return sums
}

// finish adds the constant, and flooding where the set has it.
func (w *scoreWorld) finish(sum he.Sum, samples int, constant int64) {
	w.t.Helper()
	if !w.params.PrivateModel() {
		w.must(w.params.Flood(sum, samples, constant, w.keys.Public))
		return
	}
	ct, err := w.model.EncryptConstant(constant)
	w.must(err)
	w.must(w.params.AddConstant(sum, samples, ct))
}

// answers are the scores [score][sample] in the clear.
func answers(genotypes [][][]int32, weights [][][]int64, constant int64) [][]int64 {
	result := make([][]int64, len(weights[0]))
	for k := range result {
		for _, sample := range genotypes {
			sum := constant
			for lane, values := range sample {
				for j, v := range values {
					sum += int64(v) * weights[lane][k][j]
				}
			}
			result[k] = append(result[k], sum)
		}
	}
	return result
}

func randomGenotypes(r *rand.Rand, samples, lanes, n int, V int64) [][][]int32 {
	genotypes := make([][][]int32, samples)
	for i := range genotypes {
		for range lanes {
			values := make([]int32, n)
			for j := range values {
				values[j] = int32(r.Int64N(2*V+1) - V)
			}
			genotypes[i] = append(genotypes[i], values)
		}
	}
	return genotypes
}

func randomWeights(r *rand.Rand, lanes, scores, n int, limit int64) [][][]int64 {
	weights := make([][][]int64, lanes)
	for l := range weights {
		for range scores {
			values := make([]int64, n)
			for j := range values {
				values[j] = r.Int64N(2*limit+1) - limit
			}
			weights[l] = append(weights[l], values)
		}
	}
	return weights
}

// TestScores: exact answers from encrypted genotypes, in both modes, for hard calls
// and dosages, for every number of samples that makes the tree ragged.
func TestScores(t *testing.T) {
	const logN, lanes, scores = 7, 2, 2
	for name, params := range map[string]he.ScoreParams{
		"calls": hetest.ScoreParams(t, logN, 1), "dosages": hetest.ScoreParams(t, logN, 1000),
		"calls, private model": hetest.PrivateModelParams(t, logN, 1), "dosages, private model": hetest.PrivateModelParams(t, logN, 1000),
	} {
		t.Run(name, func(t *testing.T) {
			w := newScoreWorld(t, params, referenceScorer)
			r := rand.New(rand.NewPCG(1, 2))
			for _, samples := range []int{1, 3, 64, 65, 1 << logN} {
				genotypes := randomGenotypes(r, samples, lanes, params.N(), params.MaxPlane())
				weights := randomWeights(r, lanes, scores, params.N(), 1<<28)
				const constant = -123456789
				want := answers(genotypes, weights, constant)
				for k, sum := range w.scores(genotypes, weights) {
					w.finish(sum, samples, constant)
					got, err := w.dec.Decode(sum, samples)
					if err != nil || !slices.Equal(got, want[k]) {
						t.Fatalf("%d samples, score %d: %v", samples, k, err)
					}
				}
			}
		})
	}
}

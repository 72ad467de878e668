package pipeline

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/panel"
	"genoveil/genomics/simulate"
	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
)

// A scoreWorld is a directory with everything that a client and a server have.
type scoreWorld struct {
	*world
	purpose Purpose
	scorer  he.Scorer
	keys    *he.ScoreKeys
}

// newScoreWorld has a ring of 128, so that small cohorts have several blocks and
// tiles.
func newScoreWorld(t *testing.T, purpose Purpose, encoding Encoding) *scoreWorld {
	return newScoreWorldIn(t, 7, purpose, encoding)
}

// newScoreWorldIn has the ring of degree 2^logN; 13 is what users have.
func newScoreWorldIn(t *testing.T, logN int, purpose Purpose, encoding Encoding) *scoreWorld {
	params := hetest.ScoreParams(t, logN, int64(encoding.Steps()))
	if purpose == PrivateModel {
		params = hetest.PrivateModelParams(t, logN, int64(encoding.Steps()))
	}
	secret, keys := hetest.ScoreKeys(t, params.Chain())
	scorer, err := cpu.NewScorer(keys, 2)
	if err != nil {
		t.Fatal(err)
	}
	return &scoreWorld{world: &world{t: t, dir: t.TempDir(), params: params.Params(), secret: secret}, purpose: purpose, scorer: scorer, keys: keys}
}

func (w *scoreWorld) encrypt(source genomics.Source) {
	w.t.Helper()
	job := w.genotypes(source)
	job.Purpose = w.purpose
	_, err := job.Run(w.t.Context())
	w.must(err)
}

// model is what the server evaluates: the model, encrypted if that is what the
// cohort is for.
func (w *scoreWorld) model(m *PlainModel) ScoreModel {
	w.t.Helper()
	if w.purpose == Score {
		return m
	}
	index, err := OpenIndex(w.path("cohort.index"), PrivateModel)
	w.must(err)
	defer index.Close()
	w.must(EncryptModel(w.t.Context(), w.path("m.model"), &index.Index, w.secret, m))
	encrypted, err := OpenModel(w.path("m.model"))
	w.must(err)
	w.t.Cleanup(func() { encrypted.Close() })
	return encrypted
}

// job prepares the evaluation of a model into name.scores.
func (w *scoreWorld) job(m ScoreModel, name string, shard Shard) *ScoreJob {
	w.t.Helper()
	cohort, err := OpenCohort(w.path("cohort"), w.purpose)
	w.must(err)
	return &ScoreJob{Cohort: cohort, Model: m, Keys: w.keys, Scorer: w.scorer, Shard: shard, Path: w.path(name + ".scores"), RunKey: w.path("run.key")}
}

func (w *scoreWorld) score(m ScoreModel, name string, shard Shard) {
	w.t.Helper()
	_, err := w.job(m, name, shard).Run(w.t.Context())
	w.must(err)
}

func (w *scoreWorld) decrypt(name string) (*ScoreDescription, [][]int64, error) {
	w.t.Helper()
	index, err := OpenIndex(w.path("cohort.index"))
	w.must(err)
	defer index.Close()
	scores, err := OpenScores(w.path(name + ".scores"))
	if err != nil {
		return nil, nil, err
	}
	defer scores.Close()
	d := ScoreDecryption{Scores: scores, Index: index, Secret: w.secret, Threads: 2}
	return d.Run(w.t.Context())
}

// randomModel draws weights for a cohort of so many variants: small ones, and for the
// last score the largest that the set allows.
func randomModel(r *rand.Rand, params he.ScoreParams, variants, scores int, missing []bool) *PlainModel {
	n := params.N()
	m := &PlainModel{Weights: map[Plane][][][]int64{}, Blocks: (variants + n - 1) / n}
	largest := params.MaxNorm() / int64(2*variants)
	for score := range scores {
		m.Constants = append(m.Constants, r.Int64N(1<<40)-1<<39)
		d := &m.Description
		d.Names = append(d.Names, fmt.Sprint("score", score))
		d.Exponents, d.Weights, d.Intercept = append(d.Exponents, 20+score), append(d.Weights, variants), append(d.Intercept, score == 1)
	}
	for _, plane := range []Plane{Dosage, Missing} {
		for b := range m.Blocks {
			var weights [][]int64
			for score := range scores {
				w := make([]int64, min(n, variants-b*n))
				for j := range w {
					w[j] = r.Int64N(2001) - 1000
					if score == scores-1 {
						w[j] = largest * (2*r.Int64N(2) - 1)
					}
				}
				weights = append(weights, w)
			}
			if plane == Missing && !missing[b] {
				weights = nil
			}
			m.Weights[plane] = append(m.Weights[plane], weights)
		}
	}
	return m
}

// plaintext evaluates a model on genotypes in the clear.
func (c *plainCohort) plaintext(m *PlainModel, n int) [][]int64 {
	var answers [][]int64
	for score, constant := range m.Constants {
		sums := slices.Repeat([]int64{constant}, len(c.samples))
		for j, row := range c.rows {
			for i := range sums {
				for plane, values := range hardCallValues {
					if weights := m.Weights[plane]; weights != nil && weights[j/n] != nil {
						sums[i] += weights[j/n][score][j%n] * int64(values[row.At(i)])
					}
				}
			}
		}
		answers = append(answers, sums)
	}
	return answers
}

// missingBlocks says which blocks of n variants have a missing call.
func (c *plainCohort) missingBlocks(n int) []bool {
	missing := make([]bool, (len(c.rows)+n-1)/n)
	for j, row := range c.rows {
		if row.Count(len(c.samples))[genomics.Missing] > 0 {
			missing[j/n] = true
		}
	}
	return missing
}

// TestPanelOfShards encrypts in two shards, of which the second is encrypted first: the
// manifest has the digest of all variants, in their order.
func TestPanelOfShards(t *testing.T) {
	c := simulated(t, 20, 300, 0, 0)
	w := newScoreWorld(t, Score, HardCalls)
	for _, i := range []int{2, 1} {
		job := w.genotypes(c.all())
		job.Purpose, job.Shard = Score, Shard{i, 2}
		_, err := job.Run(t.Context())
		w.must(err)
	}
	n, err := WritePanel(t.Context(), w.path("cohort.index"), w.path("list.vcf.gz"), "GRCh38")
	w.must(err)
	list, err := panel.Read(w.path("list.vcf.gz"))
	w.must(err)
	if n != len(c.variants) || !slices.Equal(list.Variants, c.variants) || list.Build != "GRCh38" {
		t.Errorf("%d variants, build %q", n, list.Build)
	}
	cohort, err := OpenCohort(w.path("cohort"), Score)
	w.must(err)
	w.must(cohort.CheckPanel(list))
	list.Variants[7], list.Variants[8] = list.Variants[8], list.Variants[7]
	if cohort.CheckPanel(list) == nil {
		t.Error("a list in another order was taken")
	}
}

// TestScoresAreExact goes the whole way round: two blocks, of which one has no
// missing call, and three tiles, in both modes, whole and in shards.
func TestScoresAreExact(t *testing.T) {
	c := simulated(t, 300, 200, 0.05, 128)
	for _, purpose := range []Purpose{Score, PrivateModel} {
		t.Run(purpose.String(), func(t *testing.T) {
			w := newScoreWorld(t, purpose, HardCalls)
			w.encrypt(c.all())
			plain := randomModel(rand.New(rand.NewPCG(1, 2)), w.scoreParams(), len(c.rows), 3, c.missingBlocks(w.params.N()))
			m, want := w.model(plain), c.plaintext(plain, w.params.N())
			check := func(name string) {
				t.Helper()
				description, got, err := w.decrypt(name)
				w.must(err)
				if !slices.Equal(description.Names, plain.Description.Names) || !slices.Equal(description.Exponents, plain.Description.Exponents) {
					t.Errorf("description %v", description)
				}
				for score := range want {
					if !slices.Equal(got[score], want[score]) {
						t.Fatalf("%s, score %d: %v, want %v", name, score, got[score][:5], want[score][:5])
					}
				}
			}
			w.score(m, "whole", Whole)
			check("whole")

			var paths []string
			for i := range 4 { // one shard is empty
				name := fmt.Sprint("part", i+1)
				w.score(m, name, Shard{i + 1, 4})
				paths = append(paths, w.path(name+".scores"))
			}
			slices.Reverse(paths)
			for name, memory := range map[string]int64{"merged": 1 << 30, "merged one by one": 1} {
				_, err := (&MergeJob{Paths: paths, Path: w.path(name + ".scores"), Complete: true, Threads: 2, Memory: memory}).Run(t.Context())
				w.must(err)
				check(name)
			}
		})
	}
}

// TestDosageScoresAreExact is the same for imputed dosages, with missing ones.
func TestDosageScoresAreExact(t *testing.T) {
	const samples = 150
	for _, purpose := range []Purpose{Score, PrivateModel} {
		t.Run(purpose.String(), func(t *testing.T) {
			cohort, err := simulate.New(simulate.Options{Samples: samples, Variants: 200, Missing: 0.02, CaseFraction: 0.3, Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			w := newScoreWorld(t, purpose, Dosages)
			source := &recorded{DosageSource: cohort.Impute()}
			job := w.genotypes(nil)
			job.Dosages, job.Purpose = source, purpose
			_, err = job.Run(t.Context())
			w.must(err)
			n := w.params.N()
			m := randomModel(rand.New(rand.NewPCG(7, 8)), w.scoreParams(), len(source.rows), 2, []bool{true, true})
			w.score(w.model(m), "x", Whole)
			_, got, err := w.decrypt("x")
			w.must(err)
			for score, constant := range m.Constants {
				want := slices.Repeat([]int64{constant}, samples)
				for j, row := range source.rows {
					for i, d := range row {
						if d == genomics.MissingDosage {
							want[i] += m.Weights[Missing][j/n][score][j%n]
						} else {
							want[i] += m.Weights[Dosage][j/n][score][j%n] * (int64(d) - 1000)
						}
					}
				}
				if !slices.Equal(got[score], want) {
					t.Errorf("score %d: %v, want %v", score, got[score][:5], want[:5])
				}
			}
		})
	}
}

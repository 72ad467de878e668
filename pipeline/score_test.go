package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/panel"
	"genoveil/genomics/simulate"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/site"
)

// TestPanelOfShards encrypts in two shards, of which the second is encrypted first: the
// manifest has the digest of all variants, in their order.
func TestPanelOfShards(t *testing.T) {
	c := pipelinetest.Simulated(t, 20, 300, 0, 0)
	w := pipelinetest.NewScoreWorld(t, format.Score, format.HardCalls)
	for _, i := range []int{2, 1} {
		job := w.Genotypes(c.All())
		job.Purpose, job.Shard = format.Score, format.Shard{Index: i, Count: 2}
		_, err := job.Run(t.Context())
		w.Must(err)
	}
	n, err := owner.WritePanel(t.Context(), w.Path("cohort.index"), w.Path("list.vcf.gz"), "GRCh38")
	w.Must(err)
	list, err := panel.Read(w.Path("list.vcf.gz"))
	w.Must(err)
	if n != len(c.Variants) || !slices.Equal(list.Variants, c.Variants) || list.Build != "GRCh38" {
		t.Errorf("%d variants, build %q", n, list.Build)
	}
	cohort, err := format.OpenCohort(w.Path("cohort"), format.Score)
	w.Must(err)
	w.Must(cohort.CheckPanel(list))
	list.Variants[7], list.Variants[8] = list.Variants[8], list.Variants[7]
	if cohort.CheckPanel(list) == nil {
		t.Error("a list in another order was taken")
	}
}

// TestScoresAreExact goes the whole way round: two blocks, of which one has no
// missing call, and three tiles, in both modes, whole and in shards.
func TestScoresAreExact(t *testing.T) {
	c := pipelinetest.Simulated(t, 300, 200, 0.05, 128)
	for _, purpose := range []format.Purpose{format.Score, format.PrivateModel} {
		t.Run(purpose.String(), func(t *testing.T) {
			w := pipelinetest.NewScoreWorld(t, purpose, format.HardCalls)
			w.Encrypt(c.All())
			plain := pipelinetest.RandomModel(rand.New(rand.NewPCG(1, 2)), w.ScoreParams(), len(c.Rows), 3, c.MissingBlocks(w.Params.N()))
			m, want := w.Model(plain), c.Plaintext(plain, w.Params.N())
			check := func(name string) {
				t.Helper()
				description, got, err := w.Decrypt(name)
				w.Must(err)
				if !slices.Equal(description.Names, plain.Description.Names) || !slices.Equal(description.Exponents, plain.Description.Exponents) {
					t.Errorf("description %v", description)
				}
				for score := range want {
					if !slices.Equal(got[score], want[score]) {
						t.Fatalf("%s, score %d: %v, want %v", name, score, got[score][:5], want[score][:5])
					}
				}
			}
			w.Score(m, "whole", format.Whole)
			check("whole")

			var paths []string
			for i := range 4 { // one shard is empty
				name := fmt.Sprint("part", i+1)
				w.Score(m, name, format.Shard{Index: i + 1, Count: 4})
				paths = append(paths, w.Path(name+".scores"))
			}
			slices.Reverse(paths)
			for name, memory := range map[string]int64{"merged": 1 << 30, "merged one by one": 1} {
				_, err := (&site.MergeJob{Paths: paths, Path: w.Path(name + ".scores"), Complete: true, Threads: 2, Memory: memory}).Run(t.Context())
				w.Must(err)
				check(name)
			}
		})
	}
}

// TestDosageScoresAreExact is the same for imputed dosages, with missing ones.
func TestDosageScoresAreExact(t *testing.T) {
	const samples = 150
	for _, purpose := range []format.Purpose{format.Score, format.PrivateModel} {
		t.Run(purpose.String(), func(t *testing.T) {
			cohort, err := simulate.New(simulate.Options{Samples: samples, Variants: 200, Missing: 0.02, CaseFraction: 0.3, Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			w := pipelinetest.NewScoreWorld(t, purpose, format.Dosages)
			source := &pipelinetest.Recorded{DosageSource: cohort.Impute()}
			job := w.Genotypes(nil)
			job.Dosages, job.Purpose = source, purpose
			_, err = job.Run(t.Context())
			w.Must(err)
			n := w.Params.N()
			m := pipelinetest.RandomModel(rand.New(rand.NewPCG(7, 8)), w.ScoreParams(), len(source.Rows), 2, []bool{true, true})
			w.Score(w.Model(m), "x", format.Whole)
			_, got, err := w.Decrypt("x")
			w.Must(err)
			for score, constant := range m.Constants {
				want := slices.Repeat([]int64{constant}, samples)
				for j, row := range source.Rows {
					for i, d := range row {
						if d == genomics.MissingDosage {
							want[i] += m.Weights[format.Missing][j/n][score][j%n]
						} else {
							want[i] += m.Weights[format.Dosage][j/n][score][j%n] * (int64(d) - 1000)
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

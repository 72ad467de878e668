package pipeline_test

import (
	"fmt"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/glm"
	"genoveil/genomics/simulate"
	"genoveil/he/hetest"
	"genoveil/pipeline/pipelinetest"
)

// TestDosagesEqualPlaintextSums: encrypted imputed dosages, with missing ones and
// in several blocks, give the very results that sums over the plaintext give.
// That these agree with PLINK 2 is tested in genomics/glm.
func TestDosagesEqualPlaintextSums(t *testing.T) {
	const samples, variants = 150, 1500
	cohort, err := simulate.New(simulate.Options{Samples: samples, Variants: variants, Missing: 0.02, Causal: 2, Heritability: 0.2, CaseFraction: 0.3, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	imputed := cohort.Impute()
	source := &pipelinetest.Recorded{DosageSource: imputed}
	w := pipelinetest.WorldOf(t, hetest.WideSumParams(t, 10, 1024))
	job := w.Genotypes(nil)
	job.Dosages = source
	result, err := job.Run(t.Context())
	w.Must(err)
	if result.Variants != variants || len(result.Blocks) != 2 || len(result.Blocks[0].Planes) != 3 {
		t.Fatalf("%d variants, blocks %v", result.Variants, result.Blocks)
	}
	traits, err := imputed.Traits()
	w.Must(err)
	index := w.Index()
	covar := []glm.Covariate{{Name: "A", Values: pipelinetest.Wave(samples, 0.3)}}

	logistic, err := glm.FitLogistic(traits.Case, covar, nil)
	w.Must(err)
	linear, err := glm.FitLinear(pipelinetest.Wave(samples, 1.1), covar, nil)
	w.Must(err)
	for name, null := range map[string]*glm.Null{"logistic": logistic, "linear": linear} {
		t.Run(name, func(t *testing.T) {
			model := null.Model()
			got := w.GLMQuery(name, index.Whole(pipelinetest.GLMTrait("T", model, &index.Index)))["T"]
			for j, row := range source.Rows {
				want, err := model.Test(dosageSums(model, row), 1000)
				if err != nil {
					t.Fatal(err)
				}
				if fmt.Sprint(want) != fmt.Sprint(got.Results[j]) {
					t.Fatalf("variant %d: %+v, plaintext %+v", j, got.Results[j], want)
				}
			}
		})
	}
}

func dosageSums(m *glm.Model, row genomics.DosageRow) []glm.Sums {
	sums := make([]glm.Sums, len(m.Columns))
	for k := range m.Columns {
		for i, x := range m.Columns[k].Values {
			if row[i] == genomics.MissingDosage {
				sums[k].Missing += int64(x)
				continue
			}
			g := int64(row[i])
			sums[k].Dosage += int64(x) * g
			sums[k].Square += int64(x) * g * g
		}
	}
	return sums
}

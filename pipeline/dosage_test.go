package pipeline

import (
	"fmt"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/glm"
	"genoveil/genomics/simulate"
	"genoveil/he/hetest"
)

// recorded passes dosages on and keeps them.
type recorded struct {
	genomics.DosageSource
	rows []genomics.DosageRow
}

func (r *recorded) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	err := r.DosageSource.NextDosages(v, row)
	if err == nil {
		r.rows = append(r.rows, append(genomics.DosageRow(nil), row...))
	}
	return err
}

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
	source := &recorded{DosageSource: imputed}
	w := worldOf(t, hetest.WideSumParams(t, 10, 1024))
	job := w.genotypes(nil)
	job.Dosages = source
	result, err := job.Run(t.Context())
	w.must(err)
	if result.Variants != variants || len(result.Blocks) != 2 || len(result.Blocks[0].Planes) != 3 {
		t.Fatalf("%d variants, blocks %v", result.Variants, result.Blocks)
	}
	traits, err := imputed.Traits()
	w.must(err)
	index := w.index()
	covar := []glm.Covariate{{Name: "A", Values: wave(samples, 0.3)}}

	logistic, err := glm.FitLogistic(traits.Case, covar, nil)
	w.must(err)
	linear, err := glm.FitLinear(wave(samples, 1.1), covar, nil)
	w.must(err)
	for name, null := range map[string]*glm.Null{"logistic": logistic, "linear": linear} {
		t.Run(name, func(t *testing.T) {
			model := null.Model()
			got := w.glmQuery(name, index.Whole(glmTrait("T", model, &index.Index)))["T"]
			for j, row := range source.rows {
				want, err := model.Test(dosageSums(model, row), 1000)
				if err != nil {
					t.Fatal(err)
				}
				if fmt.Sprint(want) != fmt.Sprint(got.results[j]) {
					t.Fatalf("variant %d: %+v, plaintext %+v", j, got.results[j], want)
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

package pipeline_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/simulate"
	"genoveil/genomics/test"
	"genoveil/he/hetest"
	"genoveil/pipeline/pipelinetest"
)

// onChromosomes spreads dosages over 1, X, Y and MT, in parts that do not end with a block.
type onChromosomes struct {
	genomics.DosageSource
	variants, next int
}

func (s *onChromosomes) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	err := s.DosageSource.NextDosages(v, row)
	if err == nil {
		v.Chrom = []string{"1", "chrX", "Y", "MT"}[4*s.next/s.variants]
		s.next++
	}
	return err
}

// TestDosagesOfBothSexes: on X, Y and MT encrypted dosages give the very results of sums
// over the plaintext, of the samples and with the covariates that count there.
func TestDosagesOfBothSexes(t *testing.T) {
	const samples, variants = 120, 2600
	cohort, err := simulate.New(simulate.Options{Samples: samples, Variants: variants, Missing: 0.02, Causal: 2, Heritability: 0.2, CaseFraction: 0.4, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	imputed := cohort.Impute()
	source := &pipelinetest.Recorded{DosageSource: &onChromosomes{DosageSource: imputed, variants: variants}}
	w := pipelinetest.WorldOf(t, hetest.WideSumParams(t, 10, 1024))
	job := w.Genotypes(nil)
	job.Dosages = source
	var males, known int
	for i := range samples {
		sex := genomics.Sex((i*7 + i/5) % 3)
		job.Sexes = append(job.Sexes, sex)
		switch sex {
		case genomics.Male:
			males++
			known++
		case genomics.Female:
			known++
		}
	}
	result, err := job.Run(t.Context())
	w.Must(err)
	if len(result.Blocks) != 3 {
		t.Fatalf("%d blocks", len(result.Blocks))
	}
	traits, err := imputed.Traits()
	w.Must(err)
	pheno, covar := "#IID CASE QT\n", "#IID A\n"
	qt, a := pipelinetest.Wave(samples, 1.1), pipelinetest.Wave(samples, 0.3)
	for i, name := range imputed.Samples() {
		pheno += fmt.Sprintf("%s %d %g\n", name, max(1, traits.Case[i]), qt[i])
		covar += fmt.Sprintf("%s %g\n", name, a[i])
	}
	w.Must(os.WriteFile(w.Path("pheno"), []byte(pheno), 0o600))
	w.Must(os.WriteFile(w.Path("covar"), []byte(covar), 0o600))
	index := w.Index()
	silent := func(string, ...any) {}
	for name, trait := range map[string]string{"linear": "QT", "logistic": "CASE"} {
		t.Run(name, func(t *testing.T) {
			sections, err := index.Sections(test.Find(name), test.Phenotypes{Path: w.Path("pheno"), Traits: []string{trait}, Covar: w.Path("covar")}, silent, func(text string, _ ...any) { t.Errorf("warning: %s", text) })
			w.Must(err)
			models := map[genomics.Ploidy]*test.Trait{}
			var has []string
			for i, s := range sections {
				models[s.Ploidy] = &sections[i].Traits[0]
				has = append(has, fmt.Sprint(s.Chromosome, ":", s.Traits[0].Model.Samples, ":", s.Traits[0].Model.Covariates, ":", s.Traits[0].Model.Haploid))
			}
			if want := fmt.Sprintf(":%d:1:false chrX:%d:2:false Y:%d:1:true MT:%d:1:true", samples, known, males, samples); strings.Join(has, " ") != want {
				t.Fatalf("%s, want %s", has, want)
			}
			got := w.GLMQuery(name, sections)[trait]
			if len(got.Results) != variants {
				t.Fatalf("%d results", len(got.Results))
			}
			tested := map[genomics.Ploidy]int{}
			for j, row := range source.Rows {
				ploidy := genomics.PloidyOf(got.Variants[j].Chrom)
				model := models[ploidy].Model
				want, err := model.Test(dosageSums(model, row), 1000)
				if err != nil {
					t.Fatal(err)
				}
				if fmt.Sprint(want) != fmt.Sprint(got.Results[j]) {
					t.Fatalf("variant %d on %s: %+v, plaintext %+v", j, got.Variants[j].Chrom, got.Results[j], want)
				}
				if want.Error == "" {
					tested[ploidy]++
				}
				if ploidy == genomics.YLinked { // counted by hand
					called, sum := 0, 0.0
					for i, d := range row {
						if job.Sexes[i] == genomics.Male && d != genomics.MissingDosage {
							called, sum = called+1, sum+float64(d)
						}
					}
					if r := got.Results[j]; r.Samples != called || r.Alleles < sum/2000-1e-6 || r.Alleles > sum/2000+1e-6 {
						t.Fatalf("variant %d: %+v, counted %g alleles of %d males", j, r, sum/2000, called)
					}
				}
			}
			if len(tested) != 4 || tested[genomics.YLinked] < 100 {
				t.Errorf("tested: %v", tested)
			}
		})
	}
}

package test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/glm"
)

// A study is phenotypes in files, and the cohort that they are of.
type study struct {
	Phenotypes
	Cohort
}

// newStudy has binary traits B1, B2, … and quantitative ones Q1, Q2, …, covariates, and
// predictions for two chromosomes. The first sample is in no table. Three in five are
// cases: without covariates, columns are equal where there are fewer.
func newStudy(t *testing.T, samples, traits, covariates int) study {
	t.Helper()
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	s := study{Phenotypes{Path: filepath.Join(dir, "pheno"), Covar: filepath.Join(dir, "covar"), Offset: filepath.Join(dir, "loco")}, Cohort{
		Calls: true, Chromosomes: []Chromosome{{Name: "1"}, {Name: "chrX"}},
	}}
	header, columns, covar, loco := "#IID", "#IID", "", [3]string{"FID_IID", "1", "23"}
	for k := range traits {
		header += fmt.Sprintf(" B%d Q%d", k+1, k+1)
	}
	for k := range covariates {
		columns += fmt.Sprintf(" C%d", k+1)
	}
	pheno := header + "\n"
	covar = columns + "\n"
	for i := range samples {
		id := fmt.Sprintf("S%d", i)
		s.Samples = append(s.Samples, id)
		loco[0] += " 0_" + id
		loco[1] += fmt.Sprintf(" %.3f", r.NormFloat64()/5)
		loco[2] += fmt.Sprintf(" %.3f", r.NormFloat64()/5)
		if i == 0 {
			continue
		}
		pheno, covar = pheno+id, covar+id
		for range traits {
			pheno += fmt.Sprintf(" %d %.4f", 1+min(1, r.IntN(5)/2), r.NormFloat64())
		}
		for range covariates {
			covar += fmt.Sprintf(" %.4f", r.NormFloat64())
		}
		pheno, covar = pheno+"\n", covar+"\n"
	}
	for path, text := range map[string]string{s.Path: pheno, s.Covar: covar, s.Offset: strings.Join(loco[:], "\n") + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if covariates == 0 {
		s.Covar = ""
	}
	return s
}

// of is what a test can take of the study.
func (s study) of(test *Test, traits int, models bool) Phenotypes {
	p := s.Phenotypes
	kind := "B"
	if test == linear {
		kind = "Q"
	}
	for k := range traits {
		p.Traits = append(p.Traits, fmt.Sprint(kind, k+1))
	}
	p.Models = models && test.Models
	p.Offset = ""
	if !test.Covariates {
		p.Covar = ""
	}
	return p
}

func silent(string, ...any) {}

// sums are the moments of a variant's genotypes.
func sums(trait *Trait, row []int) []glm.Sums {
	all := make([]glm.Sums, len(trait.Columns))
	for k, c := range trait.Columns {
		for i, x := range c.Values {
			if g := int64(row[i]); g == int64(genomics.Missing) {
				all[k].Missing += int64(x)
			} else {
				all[k].Dosage += int64(x) * g
				all[k].Square += int64(x) * g * g
			}
		}
	}
	return all
}

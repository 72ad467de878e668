package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"genoveil/genomics"
	"genoveil/genomics/score"
	"genoveil/genomics/vcf"
)

// A cohort is what a plaintext scorer has to know of the genotypes beforehand.
type cohort struct {
	samples  []string
	variants []genomics.Variant
	missing  []bool // does the variant have a missing call?
}

func readCohort(vcfPath string) (*cohort, error) {
	src, err := vcf.Open(vcfPath, nil)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	c := &cohort{samples: src.Samples()}
	row := make(genomics.Row, genomics.RowLen(len(c.samples)))
	for {
		var v genomics.Variant
		err := src.Next(&v, row)
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return nil, err
		}
		counts := row.Count(len(c.samples))
		c.variants, c.missing = append(c.variants, v), append(c.missing, counts.Called() < len(c.samples))
	}
}

// simulate writes a --score table of n weights on random variants; either allele may be
// the effect allele.
func (c *cohort) simulate(path string, n int, seed uint64) error {
	r := rand.New(rand.NewPCG(seed, 0))
	table := []byte("ID\tA1\tsimulated\n")
	for _, j := range r.Perm(len(c.variants))[:n] {
		v := c.variants[j]
		table = fmt.Appendf(table, "%s\t%s\t%.6g\n", v.ID, []string{v.Ref, v.Alt}[r.IntN(2)], 0.01*r.NormFloat64())
	}
	return os.WriteFile(path, table, 0o644)
}

func (c *cohort) match(files []string, frequencies string) (*score.Model, error) {
	var imputation score.MeanImputation
	var err error
	if imputation.Frequencies, _, err = score.ReadFrequencies(frequencies); err != nil {
		return nil, err
	}
	var weights []*score.File
	for _, path := range files {
		f, err := score.Read(path, nil)
		if err != nil {
			return nil, err
		}
		weights = append(weights, f)
	}
	model, _, err := score.Match(weights, c.variants, imputation)
	return model, err
}

// table scores the plaintext with a model in fixed point. Missing calls have weights in
// blocks of variants that have one.
func (c *cohort) table(m *score.Model, limits score.Limits, block int, vcfPath string) ([]byte, error) {
	has := make([]bool, len(c.variants)/block+1)
	for j, missing := range c.missing {
		has[j/block] = has[j/block] || missing
	}
	var results []score.Result
	for s, name := range m.Names {
		fixed, err := m.Fix(s, 0, limits, func(j int) bool { return has[j/block] })
		if err != nil {
			return nil, err
		}
		src, err := vcf.Open(vcfPath, nil)
		if err != nil {
			return nil, err
		}
		answers, err := fixed.Answers(src)
		if err := errors.Join(err, src.Close()); err != nil {
			return nil, err
		}
		r := score.Result{Name: name, Weights: m.Matched[s]}
		for _, a := range answers {
			r.Sums = append(r.Sums, fixed.Value(a))
		}
		results = append(results, r)
	}
	var table bytes.Buffer
	err := score.WriteTable(&table, c.samples, results)
	return table.Bytes(), err
}

package pipelinetest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/assoc"
	"genoveil/genomics/pheno"
	"genoveil/genomics/simulate"
	"genoveil/pipeline/model"
	"genoveil/pipeline/owner"
)

// Plaintext evaluates a model on genotypes in the clear.
func (c *PlainCohort) Plaintext(m *model.PlainModel, n int) [][]int64 {
	var answers [][]int64
	for score, constant := range m.Constants {
		sums := slices.Repeat([]int64{constant}, len(c.Names))
		for j, row := range c.Rows {
			for i := range sums {
				for plane, values := range owner.HardCallValues {
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

// MissingBlocks says which blocks of n variants have a missing call.
func (c *PlainCohort) MissingBlocks(n int) []bool {
	missing := make([]bool, (len(c.Rows)+n-1)/n)
	for j, row := range c.Rows {
		if row.Count(len(c.Names))[genomics.Missing] > 0 {
			missing[j/n] = true
		}
	}
	return missing
}

// A PlainCohort is a simulated cohort in memory.
type PlainCohort struct {
	Names    []string
	Variants []genomics.Variant
	Rows     []genomics.Row
	Status   []pheno.Status
}

// Simulated makes a cohort. Variants from `complete` on have no missing call.
func Simulated(t *testing.T, samples, variants int, missing float64, complete int) *PlainCohort {
	t.Helper()
	source, err := simulate.New(simulate.Options{Samples: samples, Variants: variants, Missing: missing, Causal: 3, Heritability: 0.2, CaseFraction: 0.3, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	c := &PlainCohort{Names: source.Samples()}
	for {
		var v genomics.Variant
		row := make(genomics.Row, genomics.RowLen(samples))
		err := source.Next(&v, row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range samples {
			if len(c.Variants) >= complete && row.At(i) == genomics.Missing {
				row.Set(i, genomics.Het)
			}
		}
		c.Variants, c.Rows = append(c.Variants, v), append(c.Rows, row)
	}
	traits, err := source.Traits()
	if err != nil {
		t.Fatal(err)
	}
	c.Status = traits.Case
	return c
}

// Source reads the cohort; it fails with err (if any) after n variants.
func (c *PlainCohort) Source(n int, err error) genomics.Source {
	return &MemorySource{PlainCohort: c, Len: n, err: err}
}

type MemorySource struct {
	*PlainCohort
	At, Len int
	err     error
}

func (m *MemorySource) Samples() []string { return m.Names }

func (m *MemorySource) Skipped() map[string]int { return nil }

func (m *MemorySource) Close() error { return nil }

func (m *MemorySource) Next(v *genomics.Variant, row genomics.Row) error {
	if m.At == m.Len {
		if m.err != nil {
			return m.err
		}
		return io.EOF
	}
	*v = m.Variants[m.At]
	copy(row, m.Rows[m.At])
	m.At++
	return nil
}

func (c *PlainCohort) All() genomics.Source { return c.Source(len(c.Variants), nil) }

// Tables computes both tables from the plaintext.
func (c *PlainCohort) Tables(t *testing.T) (assocTable, model []byte) {
	t.Helper()
	var a, m bytes.Buffer
	if err := owner.PlaintextChi2(&a, c.All(), c.Status, nil); err != nil {
		t.Fatal(err)
	}
	width := 0
	for _, v := range c.Variants {
		width = assoc.IDWidth(width, v.ID)
	}
	w, err := assoc.NewModelWriter(&m, width)
	if err != nil {
		t.Fatal(err)
	}
	for j, row := range c.Rows {
		var table assoc.Table
		for i, s := range c.Status {
			switch s {
			case pheno.Case:
				table.Cases[row.At(i)]++
			case pheno.Control:
				table.Controls[row.At(i)]++
			}
		}
		whole := row.Count(len(c.Names))
		if err := w.Write(c.Variants[j], assoc.AllelesOf(whole), whole, table); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return a.Bytes(), m.Bytes()
}

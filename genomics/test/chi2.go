package test

import (
	"errors"
	"fmt"
	"io"

	"genoveil/genomics"
	"genoveil/genomics/assoc"
	"genoveil/genomics/glm"
	"genoveil/genomics/pheno"
)

// chi2 is the tests on counts of cases and controls: allelic χ², and on request trend,
// genotypic, dominant, recessive.
var chi2 = &Test{
	Name: "chi2",
	About: `case/control, without covariates: allelic χ², and with --model also
Cochran-Armitage trend, genotypic, dominant and recessive, which is
twice the work`,
	Results: `PREFIX.assoc, as PLINK 1.9's --assoc writes it, and with --model,
if the traits were encrypted with it, also PREFIX.model, as
PLINK's --model --cell 0`,
	Options: []string{"model", "ci"},
	Models:  true, Calls: true, Instead: "logistic",
	read: func(r *reading, name string) (fit, error) {
		status, err := r.caseControl(name)
		return func(string, []float64) (Trait, error) { return Chi2Trait(name, status, r.Models), nil }, err
	},
	cost: func(d Design) Cost {
		c := Cost{Dosage: 1 + d.Phenotypes} // analysed, cases
		if d.Models {
			c.Square = c.Dosage
		}
		return c
	},
	check: func(name string, _ *glm.Model, columns int) error {
		if columns < 1 || columns > 2 {
			return fmt.Errorf("trait %s has %d columns, where chi2 makes 1 or 2", name, columns)
		}
		return nil
	},
	tables: chi2Tables,
}

// Chi2Trait has the columns of the χ² tests, 1 for cases and 1 for all analysed
// samples. Against dosages and missing calls they give the 2 × 2 table of alleles;
// the models (trend, genotypic, dominant, recessive) need the whole 2 × 3 table, for
// which the columns are summed against squares, too: twice the work. Where every
// sample is analysed the second column is left out, for the owner knows the counts of
// all samples; that saves a quarter of the work.
func Chi2Trait(name string, status []pheno.Status, models bool) Trait {
	cases, analysed := newIndicator(len(status), models), newIndicator(len(status), models)
	for i, s := range status {
		if s != pheno.Absent {
			analysed.mark(i)
		}
		if s == pheno.Case {
			cases.mark(i)
		}
	}
	t := Trait{Name: name, Columns: []Column{cases}}
	if analysed.Sum < int64(len(status)) {
		t.Columns = append(t.Columns, analysed)
	}
	return t
}

func newIndicator(samples int, square bool) Column {
	return Column{Values: make([]int32, samples), Dosage: true, Square: square}
}

func (c *Column) mark(sample int) {
	c.Values[sample] = 1
	c.Sum++
}

// chi2Tables lists PLINK's tables. A trait's name is in theirs where there are several.
func chi2Tables(_ *Test, traits []Trait, out Output) ([]Table, error) {
	var tables []Table
	for i, t := range traits {
		prefix := out.Prefix
		if len(traits) > 1 {
			prefix += "." + t.Name
		}
		tables = append(tables, Table{Trait: i, Path: prefix + ".assoc", Open: func(w io.Writer, idWidth int) (Rows, error) {
			a, err := assoc.NewAssocWriter(w, idWidth, out.Level)
			return alleleRows{a}, err
		}})
		if !out.Models {
			continue
		}
		if !t.Columns[0].Square {
			return nil, errors.New("the query asks for the allelic test alone; encrypt the traits again with --model")
		}
		tables = append(tables, Table{Trait: i, Path: prefix + ".model", Open: func(w io.Writer, idWidth int) (Rows, error) {
			m, err := assoc.NewModelWriter(w, idWidth)
			return genotypeRows{m}, err
		}})
	}
	return tables, nil
}

// alleleRows are an .assoc table.
type alleleRows struct{ *assoc.AssocWriter }

func (r alleleRows) Write(m *Moments) error {
	return r.AssocWriter.Write(m.Variant, m.Counts, m.alleleTable())
}

func (alleleRows) Summary() (string, []any) { return "", nil }

// genotypeRows are a .model table.
type genotypeRows struct{ *assoc.ModelWriter }

func (r genotypeRows) Write(m *Moments) error {
	return r.ModelWriter.Write(m.Variant, m.Counts, m.genotypeTable())
}

func (genotypeRows) Summary() (string, []any) { return "", nil }

// alleleTable is the variant's 2 × 2 table.
func (m *Moments) alleleTable() assoc.AlleleTable {
	cases, analysed := m.alleles(0), assoc.AllelesOf(m.Counts)
	if len(m.Sums) > 1 {
		analysed = m.alleles(1)
	}
	return assoc.AlleleTable{Cases: cases, Controls: assoc.Alleles{Ref: analysed.Ref - cases.Ref, Alt: analysed.Alt - cases.Alt}}
}

// alleles counts the alleles of the samples that a column marks.
func (m *Moments) alleles(column int) assoc.Alleles {
	alt := m.Sums[column].Dosage
	return assoc.Alleles{Ref: int(2*m.called(column) - alt), Alt: int(alt)}
}

// genotypeTable is the variant's 2 × 3 table.
func (m *Moments) genotypeTable() assoc.Table {
	cases, analysed := m.genotypes(0), m.Counts
	if len(m.Sums) > 1 {
		analysed = m.genotypes(1)
	}
	table := assoc.Table{Cases: cases}
	for g := range analysed {
		table.Controls[g] = analysed[g] - cases[g]
	}
	return table
}

// genotypes counts the genotypes of the samples that a column marks: g² = g + 2 for a
// homozygous ALT call, g otherwise.
func (m *Moments) genotypes(column int) genomics.Counts {
	alleles, s := m.alleles(column), m.Sums[column]
	homAlt := int(s.Square-s.Dosage) / 2
	het := alleles.Alt - 2*homAlt
	return genomics.Counts{
		genomics.HomRef:  (alleles.Ref+alleles.Alt)/2 - het - homAlt,
		genomics.Het:     het,
		genomics.HomAlt:  homAlt,
		genomics.Missing: int(s.Missing),
	}
}

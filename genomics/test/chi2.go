package test

import (
	"errors"
	"fmt"
	"io"
	"slices"

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
		return func(p place) (Trait, error) { return chi2Trait(name, status, r.Models, p.Ploidy, r.Sexes), nil }, err
	},
	cost: func(d Design) Cost {
		c := Cost{Dosage: 1 + d.Phenotypes} // analysed, cases
		if d.Models {
			c.Square = c.Dosage
		}
		return c
	},
	check: func(name string, _ *glm.Model, columns int) error {
		if columns != 1 && columns != 2 && columns != 4 {
			return fmt.Errorf("trait %s has %d columns, where chi2 makes 1, 2 or 4", name, columns)
		}
		return nil
	},
	tables: chi2Tables,
}

// Chi2Trait has the columns of the χ² tests where all samples have two copies of the
// chromosomes: 1 for cases and 1 for all analysed samples. Against dosages and missing
// calls they give the 2 × 2 table of alleles; the models (trend, genotypic, dominant,
// recessive) need the whole 2 × 3 table, for which the columns are summed against squares,
// too: twice the work. Where every sample is analysed the second column is left out, for
// the owner knows the counts of all samples; that saves a quarter of the work.
func Chi2Trait(name string, status []pheno.Status, models bool) Trait {
	return chi2Trait(name, status, models, genomics.Diploid, nil)
}

// chi2Trait has the columns for chromosomes of any ploidy. Where a sample may have one
// copy, a call of it is coded as homozygous, and the columns have the number of copies in
// place of 1: their sums are twice the alleles. As PLINK 1.9 has it, the models are those
// of samples with two copies, and there is none where nobody has two: on X they take two
// columns more.
func chi2Trait(name string, status []pheno.Status, models bool, ploidy genomics.Ploidy, sexes []genomics.Sex) Trait {
	if ploidy == genomics.Diploid {
		columns := groups(status, models, func(int) int32 { return 1 })
		if columns[1].Sum == int64(len(status)) {
			columns = columns[:1]
		}
		return Trait{Name: name, Columns: columns}
	}
	copies := func(sample int) int32 {
		if sexes == nil {
			return int32(ploidy.Copies(genomics.UnknownSex))
		}
		return int32(ploidy.Copies(sexes[sample]))
	}
	columns := groups(status, false, copies)
	if ploidy == genomics.Mitochondrial && columns[1].Sum == int64(len(status)) {
		columns = columns[:1] // as for two copies, whose columns and checks it then shares
	}
	if models && ploidy == genomics.XLinked {
		columns = append(columns, groups(status, true, func(sample int) int32 { return copies(sample) / 2 })...)
	}
	return Trait{Name: name, Columns: columns}
}

// groups has a column for cases and one for analysed samples, with a value for each of
// their samples.
func groups(status []pheno.Status, square bool, value func(sample int) int32) []Column {
	columns := make([]Column, 2)
	for k := range columns {
		columns[k] = Column{Values: make([]int32, len(status)), Dosage: true, Square: square}
	}
	for i, s := range status {
		if s == pheno.Absent {
			continue
		}
		x := value(i)
		columns[1].add(i, x)
		if s == pheno.Case {
			columns[0].add(i, x)
		}
	}
	return columns
}

func (c *Column) add(sample int, x int32) {
	c.Values[sample] = x
	c.Sum += int64(x)
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
		if !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Square }) {
			return nil, errors.New("the query asks for the allelic test alone; encrypt the traits again with --model")
		}
		path := prefix + ".model"
		tables = append(tables, Table{Trait: i, Path: path, Open: func(w io.Writer, idWidth int) (Rows, error) {
			m, err := assoc.NewModelWriter(w, idWidth)
			return &genotypeRows{ModelWriter: m, path: path}, err
		}})
	}
	return tables, nil
}

// alleleRows are an .assoc table.
type alleleRows struct{ *assoc.AssocWriter }

func (r alleleRows) Write(m *Moments) error {
	table, err := m.alleleTable()
	if err != nil {
		return err
	}
	return r.AssocWriter.Write(m.Variant, m.whole(), table)
}

func (alleleRows) Summary() (string, []any) { return "", nil }

// genotypeRows are a .model table.
type genotypeRows struct {
	*assoc.ModelWriter
	path    string
	haploid int // variants of which nobody has two copies
}

func (r *genotypeRows) Write(m *Moments) error {
	if m.Ploidy == genomics.YLinked || m.Ploidy == genomics.Mitochondrial {
		r.haploid++
		return nil
	}
	return r.ModelWriter.Write(m.Variant, m.whole(), m.diploid(), m.genotypeTable())
}

func (r *genotypeRows) Summary() (string, []any) {
	if r.haploid == 0 {
		return "", nil
	}
	return fmt.Sprintf("%s: %s of Y and mitochondria left out, which have no genotypes of two alleles", r.path, count(r.haploid, "variant")), []any{"table", r.path, "haploid", r.haploid}
}

// whole counts the alleles of all samples.
func (m *Moments) whole() assoc.Alleles {
	ref, alt := m.Ploidy.Alleles(m.Counts, m.Males)
	return assoc.Alleles{Ref: ref, Alt: alt}
}

// diploid counts the genotypes of all samples with two copies.
func (m *Moments) diploid() genomics.Counts {
	counts := m.Counts
	if m.Ploidy == genomics.XLinked {
		for g, n := range m.Males {
			counts[g] -= n
		}
	}
	return counts
}

// alleleTable is the variant's 2 × 2 table.
func (m *Moments) alleleTable() (t assoc.AlleleTable, err error) {
	analysed := m.whole()
	if len(m.Sums) > 1 {
		if analysed, err = m.alleles(1); err != nil {
			return t, err
		}
	}
	if t.Cases, err = m.alleles(0); err != nil {
		return t, err
	}
	t.Controls = assoc.Alleles{Ref: analysed.Ref - t.Cases.Ref, Alt: analysed.Alt - t.Cases.Alt}
	return t, nil
}

// alleles counts the alleles of the samples that a column marks.
func (m *Moments) alleles(column int) (assoc.Alleles, error) {
	alt, all := m.Sums[column].Dosage, 2*m.called(column)
	if m.Ploidy != genomics.Diploid { // twice, see chi2Trait
		if alt%2 != 0 {
			return assoc.Alleles{}, assoc.ErrContradiction
		}
		alt, all = alt/2, all/2
	}
	return assoc.Alleles{Ref: int(all - alt), Alt: int(alt)}, nil
}

// genotypeTable is the 2 × 3 table of the samples with two copies.
func (m *Moments) genotypeTable() assoc.Table {
	first := 0
	if m.Ploidy == genomics.XLinked {
		first = 2 // see chi2Trait
	}
	cases, analysed := m.genotypes(first), m.Counts
	if len(m.Sums) > first+1 {
		analysed = m.genotypes(first + 1)
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
	s, called := m.Sums[column], int(m.called(column))
	homAlt := int(s.Square-s.Dosage) / 2
	het := int(s.Dosage) - 2*homAlt
	return genomics.Counts{
		genomics.HomRef:  called - het - homAlt,
		genomics.Het:     het,
		genomics.HomAlt:  homAlt,
		genomics.Missing: int(s.Missing),
	}
}

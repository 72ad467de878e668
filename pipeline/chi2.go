package pipeline

import (
	"context"
	"slices"

	"genoveil/genomics"
	"genoveil/genomics/assoc"
	"genoveil/genomics/pheno"
)

// TestChi2 names the tests on genotype counts of cases and controls: allelic χ²,
// trend, genotypic, dominant, recessive.
const TestChi2 = "chi2"

// Chi2Trait has the columns of the χ² tests, 1 for cases and 1 for all analysed
// samples, evaluated against all planes: that gives the whole 2 × 3 table. Where
// every sample is analysed the second column is left out, for the owner knows the
// counts of all samples; that saves a quarter of the work.
func Chi2Trait(name string, status []pheno.Status) Trait {
	cases, analysed := make([]int32, len(status)), make([]int32, len(status))
	everybody := true
	for i, s := range status {
		switch s {
		case pheno.Case:
			cases[i], analysed[i] = 1, 1
		case pheno.Control:
			analysed[i] = 1
		default:
			everybody = false
		}
	}
	t := Trait{Name: name, Columns: []Column{{cases, HardCalls.Planes()}}}
	if !everybody {
		t.Columns = append(t.Columns, Column{analysed, HardCalls.Planes()})
	}
	return t
}

// Chi2Output says which tables to write.
type Chi2Output struct {
	Prefix string  // of the files; NAME is put between where there are several traits
	Model  bool    // also the .model table
	Level  float64 // of the confidence interval of the odds ratio, or 0 for none
}

// WriteChi2 decrypts and writes PLINK's tables, and returns their names. They
// appear only if every block passes its check.
func (d *Decryption) WriteChi2(ctx context.Context, out Chi2Output) ([]string, error) {
	var tables tableSet
	defer tables.abort()
	var writers [][]chi2Writer // by trait
	traits := d.Query.Sections[0].Traits
	for _, t := range traits {
		prefix := out.Prefix
		if len(traits) > 1 {
			prefix += "." + t.Name
		}
		f, err := tables.create(prefix + ".assoc")
		if err != nil {
			return nil, err
		}
		table, err := assoc.NewAssocWriter(f, d.Index.IDWidth, out.Level)
		if err != nil {
			return nil, err
		}
		w := []chi2Writer{table}
		if out.Model {
			f, err := tables.create(prefix + ".model")
			if err != nil {
				return nil, err
			}
			table, err := assoc.NewModelWriter(f, d.Index.IDWidth)
			if err != nil {
				return nil, err
			}
			w = append(w, table)
		}
		writers = append(writers, w)
	}
	err := d.each(ctx, func(b *block, _ int, sums blockSums) error {
		for i, t := range traits {
			for j := range b.variants {
				table := d.Query.table(t, b.tallies[j].counts, sums, j)
				for _, w := range writers[i] {
					if err := w.Write(b.variants[j], b.tallies[j].counts, table); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, w := range slices.Concat(writers...) {
		if err := w.Flush(); err != nil {
			return nil, err
		}
	}
	return tables.commit()
}

type chi2Writer interface {
	Write(v genomics.Variant, whole genomics.Counts, t assoc.Table) error
	Flush() error
}

// table is the 2 × 3 table of variant j, whose counts in all samples are given.
func (q *Query) table(t QueryTrait, all genomics.Counts, sums blockSums, j int) assoc.Table {
	cases := q.genotypes(sums, t.Columns[0], j)
	if len(t.Columns) > 1 {
		all = q.genotypes(sums, t.Columns[1], j)
	}
	table := assoc.Table{Cases: cases}
	for g := range all {
		table.Controls[g] = all[g] - cases[g]
	}
	return table
}

// genotypes counts the genotypes of the samples that an indicator column marks.
// The dosage plane is centred, with missing calls at zero, so its sum lacks one
// for every called sample.
func (q *Query) genotypes(sums blockSums, column, j int) genomics.Counts {
	missing := sums.at(Missing, column, j)
	called := q.Columns[column].Sum - missing
	homAlt := sums.at(HomAlt, column, j)
	het := sums.at(Dosage, column, j) + called - 2*homAlt
	return genomics.Counts{
		genomics.HomRef:  int(called - het - homAlt),
		genomics.Het:     int(het),
		genomics.HomAlt:  int(homAlt),
		genomics.Missing: int(missing),
	}
}

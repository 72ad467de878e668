package pipeline

import (
	"context"
	"errors"

	"genoveil/genomics"
	"genoveil/genomics/assoc"
	"genoveil/genomics/pheno"
)

// TestChi2 names the tests on counts of cases and controls: allelic χ², and on
// request trend, genotypic, dominant, recessive.
const TestChi2 = "chi2"

// Chi2Trait has the columns of the χ² tests, 1 for cases and 1 for all analysed
// samples. Against dosages and missing calls they give the 2 × 2 table of alleles;
// the models (trend, genotypic, dominant, recessive) need the whole 2 × 3 table, for
// which the columns are evaluated against homozygous ALT, too: twice the work. Where
// every sample is analysed the second column is left out, for the owner knows the
// counts of all samples; that saves a quarter of the work.
func Chi2Trait(name string, status []pheno.Status, models bool) Trait {
	planes := []Plane{Dosage, Missing}
	if models {
		planes = HardCalls.Planes()
	}
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
	t := Trait{Name: name, Columns: []Column{{cases, planes}}}
	if !everybody {
		t.Columns = append(t.Columns, Column{analysed, planes})
	}
	return t
}

// Chi2Output says which tables to write.
type Chi2Output struct {
	Prefix string  // of the files; NAME is put between where there are several traits
	Model  bool    // also the .model table; the query must have the models' columns
	Level  float64 // of the confidence interval of the odds ratio, or 0 for none
}

// path names a table of one of the query's traits.
func (o *Chi2Output) path(q *Query, trait, suffix string) string {
	if len(q.traitNames()) > 1 {
		return o.Prefix + "." + trait + suffix
	}
	return o.Prefix + suffix
}

// Files lists the tables of a query.
func (o *Chi2Output) Files(q *Query) []string {
	var paths []string
	for _, trait := range q.traitNames() {
		paths = append(paths, o.path(q, trait, ".assoc"))
		if o.Model {
			paths = append(paths, o.path(q, trait, ".model"))
		}
	}
	return paths
}

// WriteChi2 decrypts and writes PLINK's tables, and returns their names. They
// appear only if every block passes its check.
func (d *Decryption) WriteChi2(ctx context.Context, out Chi2Output) ([]string, error) {
	if out.Model && !d.Query.hasModels() {
		return nil, errors.New("the query asks for the allelic test alone; encrypt the traits again with --model")
	}
	var tables tableSet
	defer tables.abort()
	traits := d.Query.Sections[0].Traits
	assocs, models := make([]*assoc.AssocWriter, len(traits)), make([]*assoc.ModelWriter, len(traits))
	for i, t := range traits {
		f, err := tables.create(out.path(d.Query, t.Name, ".assoc"))
		if err != nil {
			return nil, err
		}
		if assocs[i], err = assoc.NewAssocWriter(f, d.Index.IDWidth, out.Level); err != nil {
			return nil, err
		}
		if out.Model {
			f, err := tables.create(out.path(d.Query, t.Name, ".model"))
			if err != nil {
				return nil, err
			}
			if models[i], err = assoc.NewModelWriter(f, d.Index.IDWidth); err != nil {
				return nil, err
			}
		}
	}
	err := d.each(ctx, func(b *indexBlock, _ int, sums blockSums) error {
		for i, t := range traits {
			for j, v := range b.variants {
				whole := b.tallies[j].counts
				if err := assocs[i].Write(v, whole, d.Query.alleleTable(t, whole, sums, j)); err != nil {
					return err
				}
				if out.Model {
					if err := models[i].Write(v, whole, d.Query.table(t, whole, sums, j)); err != nil {
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
	for i := range traits {
		if err := assocs[i].Flush(); err != nil {
			return nil, err
		}
		if out.Model {
			if err := models[i].Flush(); err != nil {
				return nil, err
			}
		}
	}
	return tables.commit()
}

// hasModels says whether a χ² query was evaluated against homozygous ALT.
func (q *Query) hasModels() bool { return q.Sections[0].Planes[HomAlt] != nil }

// alleleTable is the 2 × 2 table of variant j, whose counts in all samples are
// given.
func (q *Query) alleleTable(t QueryTrait, all genomics.Counts, sums blockSums, j int) assoc.AlleleTable {
	analysed := assoc.AllelesOf(all)
	if len(t.Columns) > 1 {
		analysed = q.alleles(sums, t.Columns[1], j)
	}
	cases := q.alleles(sums, t.Columns[0], j)
	return assoc.AlleleTable{Cases: cases, Controls: assoc.Alleles{Ref: analysed.Ref - cases.Ref, Alt: analysed.Alt - cases.Alt}}
}

// alleles counts the alleles of the samples that an indicator column marks. The
// dosage plane is centred, with missing calls at zero, so its sum lacks one for
// every called sample.
func (q *Query) alleles(sums blockSums, column, j int) assoc.Alleles {
	called := q.Columns[column].Sum - sums.at(Missing, column, j)
	dosage := sums.at(Dosage, column, j)
	return assoc.Alleles{Ref: int(called - dosage), Alt: int(called + dosage)}
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
func (q *Query) genotypes(sums blockSums, column, j int) genomics.Counts {
	alleles, homAlt := q.alleles(sums, column, j), int(sums.at(HomAlt, column, j))
	het := alleles.Alt - 2*homAlt
	return genomics.Counts{
		genomics.HomRef:  (alleles.Ref+alleles.Alt)/2 - het - homAlt,
		genomics.Het:     het,
		genomics.HomAlt:  homAlt,
		genomics.Missing: int(sums.at(Missing, column, j)),
	}
}

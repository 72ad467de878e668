package pipeline

import (
	"context"
	"errors"

	"genoveil/genomics"
	"genoveil/genomics/assoc"
	"genoveil/genomics/pheno"
	"genoveil/pipeline/atomicfile"
)

// TestChi2 names the tests on genotype counts of cases and controls: allelic χ²,
// trend, genotypic, dominant, recessive.
const TestChi2 = "chi2"

const (
	caseColumn     = "case"     // 1 for cases
	analysedColumn = "analysed" // 1 for cases and controls
)

// Chi2Columns are the columns of the χ² tests: all are evaluated against all
// planes, which gives the whole 2 × 3 table.
func Chi2Columns(status []pheno.Status) ([]Column, map[Plane][]string) {
	cases, analysed := make([]int32, len(status)), make([]int32, len(status))
	for i, s := range status {
		switch s {
		case pheno.Case:
			cases[i], analysed[i] = 1, 1
		case pheno.Control:
			analysed[i] = 1
		}
	}
	names := []string{caseColumn, analysedColumn}
	planes := map[Plane][]string{}
	for _, plane := range allPlanes {
		planes[plane] = names
	}
	return []Column{{caseColumn, cases}, {analysedColumn, analysed}}, planes
}

// Chi2Output says which tables to write.
type Chi2Output struct {
	Assoc string  // path of the .assoc table
	Model string  // path of the .model table, or ""
	Level float64 // of the confidence interval of the odds ratio, or 0 for none
}

// WriteChi2 decrypts and writes PLINK's tables. They appear only if every block
// passes its check.
func (d *Decryption) WriteChi2(ctx context.Context, out Chi2Output) error {
	file, err := atomicfile.Create(out.Assoc, 0o644)
	if err != nil {
		return err
	}
	defer file.Abort()
	table, err := assoc.NewAssocWriter(file, d.Index.IDWidth, out.Level)
	if err != nil {
		return err
	}
	writers := []chi2Writer{table}
	files := []*atomicfile.File{file}
	if out.Model != "" {
		file, err := atomicfile.Create(out.Model, 0o644)
		if err != nil {
			return err
		}
		defer file.Abort()
		table, err := assoc.NewModelWriter(file, d.Index.IDWidth)
		if err != nil {
			return err
		}
		writers, files = append(writers, table), append(files, file)
	}
	err = d.each(ctx, func(b *block, sums blockSums) error {
		for j := range b.variants {
			t := d.Query.table(sums, j)
			for _, w := range writers {
				if err := w.Write(b.variants[j], b.tallies[j].counts, t); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, w := range writers {
		err = errors.Join(err, w.Flush())
	}
	for _, f := range files {
		if err == nil {
			err = f.Commit()
		}
	}
	return err
}

type chi2Writer interface {
	Write(v genomics.Variant, whole genomics.Counts, t assoc.Table) error
	Flush() error
}

// table is the 2 × 3 table of variant j.
func (q *Query) table(sums blockSums, j int) assoc.Table {
	cases := q.genotypes(sums, caseColumn, j)
	all := q.genotypes(sums, analysedColumn, j)
	t := assoc.Table{Cases: cases}
	for g := range all {
		t.Controls[g] = all[g] - cases[g]
	}
	return t
}

// genotypes counts the genotypes of the samples that an indicator column marks.
// The dosage plane is centred, with missing calls at zero, so its sum lacks one
// for every called sample.
func (q *Query) genotypes(sums blockSums, column string, j int) genomics.Counts {
	missing := sums.at(Missing, column, j)
	called := q.column(column).Sum - missing
	homAlt := sums.at(HomAlt, column, j)
	het := sums.at(Dosage, column, j) + called - 2*homAlt
	return genomics.Counts{
		genomics.HomRef:  int(called - het - homAlt),
		genomics.Het:     int(het),
		genomics.HomAlt:  int(homAlt),
		genomics.Missing: int(missing),
	}
}

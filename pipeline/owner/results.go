package owner

import (
	"context"

	"genoveil/genomics/glm"
	"genoveil/genomics/test"
	"genoveil/pipeline/format"
	"genoveil/pipeline/private"
)

// Results decrypts, writes the tables of the query, and returns their rows. They appear
// only if every block passes its check.
func (d *Decryption) Results(ctx context.Context, tables []test.Table) ([]test.Rows, error) {
	var files tableSet
	defer files.abort()
	var rows []test.Rows
	byTrait := make([][]*resultTable, len(d.Query.Sections[0].Traits))
	for _, t := range tables {
		table, err := newResultTable(&files, t, d.Index.IDWidth)
		if err != nil {
			return nil, err
		}
		rows, byTrait[t.Trait] = append(rows, table.rows), append(byTrait[t.Trait], table)
	}
	traits := make([][]test.Trait, len(d.Query.Sections))
	for i := range d.Query.Sections {
		traits[i] = d.Query.TestTraits(&d.Query.Sections[i])
	}
	m := test.Moments{Steps: d.Index.Genotypes.Steps()}
	err := d.Each(ctx, func(b *private.IndexBlock, number int, sums BlockSums) (err error) {
		for j, v := range b.Variants {
			section, err := d.Query.Section(number, v.Chrom)
			if err != nil {
				return err
			}
			m.Variant, m.Counts, m.Males = v, b.Tallies[j].Counts, b.Tallies[j].Males
			m.Ploidy = d.Query.Sections[section].Ploidy
			for i, t := range d.Query.Sections[section].Traits {
				m.Trait, m.Sums = &traits[section][i], d.moments(m.Sums[:0], t, sums, j)
				for _, table := range byTrait[i] {
					if err := table.rows.Write(&m); err != nil {
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
	for _, tables := range byTrait {
		for _, t := range tables {
			if err := t.finish(&files); err != nil {
				return nil, err
			}
		}
	}
	return rows, files.commit()
}

// moments turns a variant's sums over planes into moments of the dosage, in
// steps. The dosage plane is centred, g − s with s steps, and zero for missing
// genotypes.
func (d *Decryption) moments(moments []glm.Sums, t private.QueryTrait, sums BlockSums, j int) []glm.Sums {
	steps := int64(d.Index.Genotypes.Steps())
	for _, c := range t.Columns {
		missing := sums.at(format.Missing, c, j)
		called := d.Query.Columns[c].Sum - missing
		centred := sums.at(format.Dosage, c, j)
		m := glm.Sums{Missing: missing, Dosage: centred + steps*called}
		if d.Index.Genotypes == format.Dosages {
			m.Square = sums.at(format.Squared, c, j) + 2*steps*centred + steps*steps*called
		} else {
			m.Square = m.Dosage + 2*sums.at(format.HomAlt, c, j)
		}
		moments = append(moments, m)
	}
	return moments
}

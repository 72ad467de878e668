package pipeline

import (
	"context"
	"fmt"
	"slices"

	"genoveil/genomics/glm"
	"genoveil/genomics/test"
)

// Tables lists the tables of a query's results.
func (q *Query) Tables(out test.Output) ([]test.Table, error) {
	return test.Find(q.Test).Tables(q.traits(&q.Sections[0]), out)
}

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
		traits[i] = d.Query.traits(&d.Query.Sections[i])
	}
	m := test.Moments{Steps: d.Index.Genotypes.Steps()}
	err := d.each(ctx, func(b *indexBlock, number int, sums blockSums) (err error) {
		for j, v := range b.variants {
			section, err := d.Query.section(number, v.Chrom)
			if err != nil {
				return err
			}
			m.Variant, m.Counts = v, b.tallies[j].counts
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

// section finds the section of a variant.
func (q *Query) section(block int, chromosome string) (int, error) {
	for i, s := range q.Sections {
		if s.From <= block && block < s.To && (s.Chromosome == "" || s.Chromosome == chromosome) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("the query has no model for chromosome %s", chromosome)
}

// traits are those of a section, as their test made them.
func (q *Query) traits(s *QuerySection) []test.Trait {
	var traits []test.Trait
	for _, t := range s.Traits {
		trait := test.Trait{Name: t.Name, Model: t.Model}
		for _, c := range t.Columns {
			trait.Columns = append(trait.Columns, test.Column{
				Sum: q.Columns[c].Sum, Dosage: s.evaluates(Dosage, c), Square: s.evaluates(HomAlt, c) || s.evaluates(Squared, c),
			})
		}
		traits = append(traits, trait)
	}
	return traits
}

// evaluates says whether a column is evaluated against a plane.
func (s *QuerySection) evaluates(plane Plane, column int) bool {
	p := s.Planes[plane]
	return p != nil && slices.Contains(p.Columns, column)
}

// moments turns a variant's sums over planes into moments of the dosage, in
// steps. The dosage plane is centred, g − s with s steps, and zero for missing
// genotypes.
func (d *Decryption) moments(moments []glm.Sums, t QueryTrait, sums blockSums, j int) []glm.Sums {
	steps := int64(d.Index.Genotypes.Steps())
	for _, c := range t.Columns {
		missing := sums.at(Missing, c, j)
		called := d.Query.Columns[c].Sum - missing
		centred := sums.at(Dosage, c, j)
		m := glm.Sums{Missing: missing, Dosage: centred + steps*called}
		if d.Index.Genotypes == Dosages {
			m.Square = sums.at(Squared, c, j) + 2*steps*centred + steps*steps*called
		} else {
			m.Square = m.Dosage + 2*sums.at(HomAlt, c, j)
		}
		moments = append(moments, m)
	}
	return moments
}

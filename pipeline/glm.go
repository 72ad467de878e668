package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"

	"genoveil/genomics"
	"genoveil/genomics/glm"
)

// Tests with covariates; what Query.Test says.
const (
	TestLogistic = "logistic"
	TestLinear   = "linear"
)

// missingCorrection is the share of missing genotypes from which on the columns
// that correct for them are worth their cost, one key-switch a sample each.
// Counting a missing call as the mean costs about 0.036 of the missing share in
// 1 − r against dropping the sample (docs/from-sums-to-p-values.md), 1e-4 at this
// limit.
const missingCorrection = 0.0025

// CorrectsMissing says whether tests with covariates correct for missing
// genotypes; otherwise one counts as the mean.
func (x *Index) CorrectsMissing() bool { return x.MissingRate >= missingCorrection }

// GLMTrait has the columns of a null model.
func GLMTrait(name string, model *glm.Model, index *Index) Trait {
	if !index.CorrectsMissing() {
		var kept []glm.Column
		for _, c := range model.Columns {
			if c.Dosage || c.Square {
				kept = append(kept, c)
			}
		}
		model.Columns = kept
	}
	t := Trait{Name: name, Model: model}
	second := index.Genotypes.Planes()[1]
	for i := range model.Columns {
		c := &model.Columns[i]
		column := Column{Values: c.Values, Planes: []Plane{Missing}}
		if c.Dosage {
			column.Planes = append(column.Planes, Dosage)
		}
		if c.Square {
			column.Planes = append(column.Planes, second)
		}
		t.Columns = append(t.Columns, column)
	}
	return t
}

// A ChromosomeRange is the blocks that have variants of a chromosome.
type ChromosomeRange struct {
	Name     string
	From, To int
}

// Chromosomes reads the whole index and lists the chromosomes in order of their
// first variant.
func Chromosomes(indexPath string) ([]ChromosomeRange, error) {
	r, err := OpenIndex(indexPath)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var ranges []ChromosomeRange
	place := map[string]int{}
	for number := 0; ; number++ {
		b, err := r.nextBlock()
		if errors.Is(err, io.EOF) {
			return ranges, nil
		}
		if err != nil {
			return nil, err
		}
		for _, v := range b.variants {
			i, ok := place[v.Chrom]
			if !ok {
				i = len(ranges)
				place[v.Chrom] = i
				ranges = append(ranges, ChromosomeRange{Name: v.Chrom, From: number})
			}
			ranges[i].To = number + 1
		}
	}
}

// A GLMWriter writes one row a variant.
type GLMWriter interface {
	Write(v genomics.Variant, r glm.Result) error
	Flush() error
}

// GLMOutput says which tables to write.
type GLMOutput struct {
	// Path names a trait's table.
	Path func(trait string) string

	// Writer begins a trait's table on w.
	Writer func(trait string, kind glm.Kind, w io.Writer) (GLMWriter, error)

	// Compress writes tables as BGZF (path + ".gz") with a tabix index (".tbi" more)
	// where they are tab-delimited and sorted. Header is the number of lines before
	// the first variant that do not start with '#'.
	Compress bool
	Header   int

	// Metadata, if not nil, describes a finished table in path + "-meta.yaml".
	Metadata func(trait QueryTrait, file, md5 string) glm.SSFMetadata

	// MinAlleles leaves out variants with fewer copies of the rarer allele among
	// the analysed samples.
	MinAlleles float64
}

// table names a trait's table, as it is on disk.
func (o *GLMOutput) table(trait string) string {
	if o.Compress {
		return o.Path(trait) + ".gz"
	}
	return o.Path(trait)
}

// Files lists what may be written of a query.
func (o *GLMOutput) Files(q *Query) []string {
	var paths []string
	for _, trait := range q.traitNames() {
		paths = append(paths, o.table(trait))
		if o.Compress {
			paths = append(paths, o.table(trait)+tabixSuffix)
		}
		if o.Metadata != nil {
			paths = append(paths, o.table(trait)+metadataSuffix)
		}
	}
	return paths
}

// GLMReport counts what was written of one trait.
type GLMReport struct {
	Trait   string
	Path    string
	Written int // rows
	NoPlace int // variants with a test that the format has no place for
	Rare    int // left out by MinAlleles
	Failed  int // rows with an error code instead of a test
	MidP    int // rows whose P is the Poisson mid-P value
}

// WriteGLM decrypts and writes a table for every trait. They appear only if every
// block passes its check.
func (d *Decryption) WriteGLM(ctx context.Context, out GLMOutput) ([]GLMReport, error) {
	var tables tableSet
	defer tables.abort()
	var writers []*glmTable
	var reports []GLMReport
	for _, t := range d.Query.Sections[0].Traits {
		w, err := newGLMTable(&tables, out, t)
		if err != nil {
			return nil, err
		}
		writers, reports = append(writers, w), append(reports, GLMReport{Trait: t.Name, Path: w.path})
	}
	err := d.each(ctx, func(b *indexBlock, number int, sums blockSums) error {
		for j, v := range b.variants {
			section, err := d.Query.section(number, v.Chrom)
			if err != nil {
				return err
			}
			for i, t := range section.Traits {
				result, err := t.Model.Test(d.glmSums(t, sums, j), d.Index.Genotypes.Steps())
				if err != nil {
					return fmt.Errorf("variant %s at %s:%d, trait %s: %w", v.ID, v.Chrom, v.Pos, t.Name, err)
				}
				if result.MinorAlleles() < out.MinAlleles {
					reports[i].Rare++
					continue
				}
				reports[i].count(result)
				if err := writers[i].Write(v, result); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, w := range writers {
		if err := w.finish(&tables, out); err != nil {
			return nil, err
		}
		if ssf, ok := w.rows.(*glm.SSFWriter); ok {
			reports[i].Written -= ssf.Omitted()
			reports[i].NoPlace = ssf.NoPlace()
		}
	}
	_, err = tables.commit()
	return reports, err
}

func (r *GLMReport) count(result glm.Result) {
	r.Written++
	if result.Error != "" {
		r.Failed++
	}
	if result.MidP {
		r.MidP++
	}
}

// section finds the section of a variant.
func (q *Query) section(block int, chromosome string) (*QuerySection, error) {
	for i := range q.Sections {
		s := &q.Sections[i]
		if s.From <= block && block < s.To && (s.Chromosome == "" || s.Chromosome == chromosome) {
			return s, nil
		}
	}
	return nil, fmt.Errorf("the query has no model for chromosome %s", chromosome)
}

// glmSums turns a variant's sums over planes into moments of the dosage, in
// steps. The dosage plane is centred, g − s with s steps, and zero for missing
// genotypes.
func (d *Decryption) glmSums(t QueryTrait, sums blockSums, j int) []glm.Sums {
	steps := int64(d.Index.Genotypes.Steps())
	moments := make([]glm.Sums, len(t.Columns))
	for i, c := range t.Columns {
		missing := sums.at(Missing, c, j)
		called := d.Query.Columns[c].Sum - missing
		centred := sums.at(Dosage, c, j)
		m := glm.Sums{Missing: missing, Dosage: centred + steps*called}
		if d.Index.Genotypes == Dosages {
			m.Square = sums.at(Squared, c, j) + 2*steps*centred + steps*steps*called
		} else {
			m.Square = m.Dosage + 2*sums.at(HomAlt, c, j)
		}
		moments[i] = m
	}
	return moments
}

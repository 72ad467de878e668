package test

import (
	"fmt"
	"io"

	"genoveil/genomics"
	"genoveil/genomics/glm"
)

// An Output says which tables to write of a query.
type Output struct {
	Prefix string // of the files

	Models bool    // also the table of tests on genotypes; the query must have their columns
	Level  float64 // of the confidence interval of the odds ratio, or 0 for none

	Format     string  // of the tables of tests with covariates
	MinAlleles float64 // leave out variants with fewer copies of the rarer allele among the analysed samples
	Compress   bool    // as BGZF
	Build      string  // genome assembly, for the metadata that a format has
}

// Check refuses values that make no sense, whatever the files. Comparisons are written
// such that NaN fails.
func (o *Output) Check() error {
	f, err := o.format()
	switch {
	case err != nil:
		return err
	case !(o.MinAlleles >= 0):
		return fmt.Errorf("--mac takes a number from 0 up, not %v", o.MinAlleles)
	case f.metadata != nil && o.Build == "":
		return fmt.Errorf("--format %s needs --build, the genome assembly, such as GRCh38", o.Format)
	}
	return nil
}

// A Table is a file of results of one trait.
type Table struct {
	Trait int    // number of the trait in the query
	Path  string // as it is on disk

	// Compress asks for BGZF, with an index where lines are tab-delimited and sorted.
	// Header is the number of lines before the first variant that do not start with '#'.
	Compress bool
	Header   int

	// Open begins the table on w. SNP columns of fixed width have idWidth.
	Open func(w io.Writer, idWidth int) (Rows, error)

	// Metadata, unless nil, describes the finished table to another program: file is its
	// name, and md5 its checksum.
	Metadata func(w io.Writer, file, md5 string) error
}

// Rows are the rows of a table.
type Rows interface {
	// Write adds a variant. An error with a genomics.Contradiction says that nobody's
	// genotypes have these moments; no error may say what they are.
	Write(m *Moments) error

	// Flush writes out what is buffered, after the last variant.
	Flush() error

	// Summary says what was written, in words and as attributes: nothing where that is a
	// row for every variant.
	Summary() (text string, attributes []any)
}

// Moments are what is known of a variant and a trait.
type Moments struct {
	Variant genomics.Variant
	Ploidy  genomics.Ploidy // of the part of the genome
	Counts  genomics.Counts // of all samples; of hard calls only
	Males   genomics.Counts // of males, on X and Y
	Trait   *Trait          // of the part of the genome
	Sums    []glm.Sums      // of the trait's columns
	Steps   int             // that a dosage of one has: 1 for hard calls, 1000 for thousandths
}

// called is a column's sum over the called samples.
func (m *Moments) called(column int) int64 {
	return m.Trait.Columns[column].Sum - m.Sums[column].Missing
}

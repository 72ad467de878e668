package meta

import (
	"bufio"
	"io"
	"math"
	"strconv"
	"strings"

	"genoveil/genomics/pvalue"
)

// A Row is a variant's line of a table.
type Row struct {
	Variant Variant
	Total   Total
	Result  Result
}

// A Writer writes a table of results, one line a variant. Variants of which no site has
// anything are not to be written.
type Writer struct {
	w       *bufio.Writer
	line    []byte
	columns []column
	keep    func(*Row) bool // nil keeps all
	omitted int
}

// A column has a name and appends what a row has in it.
type column struct {
	name  string
	value func(line []byte, r *Row) []byte
}

func newWriter(w io.Writer, columns []column) (*Writer, error) {
	t := &Writer{w: bufio.NewWriter(w), columns: columns}
	for i, c := range columns {
		if i > 0 {
			t.line = append(t.line, '\t')
		}
		t.line = append(t.line, c.name...)
	}
	t.line = append(t.line, '\n')
	_, err := t.w.Write(t.line)
	return t, err
}

// Write adds a variant's line, or counts it as omitted where the format cannot have it.
func (t *Writer) Write(r *Row) error {
	if t.keep != nil && !t.keep(r) {
		t.omitted++
		return nil
	}
	line := t.line[:0]
	for i, c := range t.columns {
		if i > 0 {
			line = append(line, '\t')
		}
		line = c.value(line, r)
	}
	t.line = append(line, '\n')
	_, err := t.w.Write(t.line)
	return err
}

// Omitted is the number of variants left out so far.
func (t *Writer) Omitted() int { return t.omitted }

// Flush writes out what is buffered. It is to be called after the last variant.
func (t *Writer) Flush() error { return t.w.Flush() }

// fixed is a column of a number with some digits after the point.
func fixed(name string, digits int, x func(*Row) float64) column {
	return column{name, func(line []byte, r *Row) []byte { return appendNumber(line, x(r), 'f', digits) }}
}

// general is a column of a number with six digits.
func general(name string, x func(*Row) float64) column {
	return column{name, func(line []byte, r *Row) []byte { return appendNumber(line, x(r), 'g', 6) }}
}

// integer is a column of a count.
func integer(name string, x func(*Row) int) column {
	return column{name, func(line []byte, r *Row) []byte { return strconv.AppendInt(line, int64(x(r)), 10) }}
}

// texts is a column of a text.
func texts(name string, x func(*Row) string) column {
	return column{name, func(line []byte, r *Row) []byte { return append(line, x(r)...) }}
}

// pColumn is a column of P with some digits.
func pColumn(name string, digits int) column {
	return column{name, func(line []byte, r *Row) []byte { return pvalue.Append(line, -r.Result.LogP*math.Ln10, digits) }}
}

func appendNumber(line []byte, x float64, format byte, digits int) []byte {
	if math.IsNaN(x) {
		return append(line, "NA"...)
	}
	return strconv.AppendFloat(line, x, format, digits, 64)
}

// The columns that formats share.
var (
	total = struct{ samples, cases, effective, sites func(*Row) int }{
		func(r *Row) int { return r.Total.Samples }, func(r *Row) int { return r.Total.Cases },
		func(r *Row) int { return r.Total.Effective }, func(r *Row) int { return r.Total.Sites },
	}
	effect    = func(r *Row) float64 { return r.Result.Effect }
	stdErr    = func(r *Row) float64 { return r.Result.StdErr }
	zScore    = func(r *Row) float64 { return r.Result.Z }
	frequency = func(r *Row) float64 { return r.Result.Freq }
	info      = func(r *Row) float64 { return r.Total.Info }
	ref       = func(r *Row) string { return r.Variant.Ref }
	alt       = func(r *Row) string { return r.Variant.Alt }
	id        = func(r *Row) string { return r.Variant.ID }
)

// NewMETALWriter begins a table in METAL's columns and digits. What METAL has and sums do
// not give is left out: MinFreq, MaxFreq and Direction. Total counts stand behind, where
// METAL has the columns that its user adds up. P has four digits at any size.
func NewMETALWriter(w io.Writer, s *Study) (*Writer, error) {
	columns := []column{
		texts("MarkerName", id),
		texts("Allele1", func(r *Row) string { return strings.ToLower(r.Variant.Alt) }),
		texts("Allele2", func(r *Row) string { return strings.ToLower(r.Variant.Ref) }),
	}
	if !s.Core {
		columns = append(columns, fixed("Freq1", 4, frequency))
	}
	if s.FrequencySE {
		columns = append(columns, fixed("FreqSE", 4, func(r *Row) float64 { return r.Result.FreqSE }))
	}
	if s.Scheme == SampleSize {
		columns = append(columns, fixed("Weight", 2, func(r *Row) float64 { return float64(r.Total.Samples) }), fixed("Zscore", 3, zScore))
	} else {
		columns = append(columns, fixed("Effect", 4, effect), fixed("StdErr", 4, stdErr))
	}
	columns = append(columns, pColumn("P-value", 4))
	if s.Heterogeneity {
		columns = append(columns,
			fixed("HetISq", 1, func(r *Row) float64 { return r.Result.HetISq }),
			fixed("HetChiSq", 3, func(r *Row) float64 { return r.Result.HetChiSq }),
			column{"HetDf", func(line []byte, r *Row) []byte {
				if math.IsNaN(r.Result.HetChiSq) {
					return append(line, "NA"...)
				}
				return strconv.AppendInt(line, int64(r.Result.HetDf), 10)
			}},
			column{"HetPVal", func(line []byte, r *Row) []byte { return appendNumber(line, r.Result.HetP, 'g', 4) }})
	}
	if s.Tau && s.Scheme == StdErr {
		columns = append(columns, general("Tau2", func(r *Row) float64 { return r.Result.Tau2 }))
	}
	columns = append(columns, integer("N", total.samples))
	if !s.Core {
		columns = append(columns, integer("Cases", total.cases), integer("Sites", total.sites))
	}
	return newWriter(w, columns)
}

// NewLDSCWriter begins a table that LD score regression's munge_sumstats.py and programs
// for polygenic scores read as it is. A1 is the effect allele. INFO is the mean over the
// sites that have one, and NSTUDY the number of sites.
func NewLDSCWriter(w io.Writer, s *Study) (*Writer, error) {
	columns := []column{texts("RSID", id), texts("A1", alt), texts("A2", ref)}
	if s.Scheme == SampleSize {
		columns = append(columns, general("Z", zScore))
	} else {
		columns = append(columns, general("BETA", effect), general("SE", stdErr))
	}
	columns = append(columns, pColumn("P", 6), integer("N", total.samples))
	if !s.Core {
		columns = append(columns, integer("NEFF", total.effective), general("FRQ", frequency), general("INFO", info), integer("NSTUDY", total.sites))
	}
	return newWriter(w, columns)
}

package assoc

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"genoveil/genomics"
)

// ModelWriter writes a .model table: per variant the five rows GENO, TREND,
// ALLELIC, DOM and REC, each with counts, χ², degrees of freedom and P. No row is
// left out for small counts, as with PLINK's --cell 0.
type ModelWriter struct {
	w       *bufio.Writer
	line    []byte
	idWidth int
}

// NewModelWriter begins a .model table with its header. idWidth is the width of
// the SNP column, from IDWidth.
func NewModelWriter(w io.Writer, idWidth int) (*ModelWriter, error) {
	if idWidth < minIDWidth {
		return nil, fmt.Errorf("SNP column of width %d; it takes at least %d", idWidth, minIDWidth)
	}
	m := &ModelWriter{w: bufio.NewWriter(w), idWidth: idWidth}
	line := append(m.line, " CHR "...)
	line = appendRight(line, "SNP", idWidth)
	m.line = append(line, "   A1   A2     TEST            AFF          UNAFF        CHISQ   DF            P\n"...)
	_, err := m.w.Write(m.line)
	return m, err
}

// Write adds a variant's five rows. whole are the alleles of all loaded samples, those
// without a trait included, which decide which allele is A1, and diploid the genotype
// counts of those with two copies. Counts that contradict each other, or of more than
// MaxSamples samples, are an error.
func (m *ModelWriter) Write(v genomics.Variant, whole Alleles, diploid genomics.Counts, t Table) error {
	if err := t.check(v, diploid); err != nil {
		return err
	}
	a1, a2, t := t.orient(v, whole)
	site := appendSite(m.line[:0], v, m.idWidth)
	site = append(appendRight(site, a1, 4), ' ')
	site = append(appendRight(site, a2, 4), ' ')
	for _, model := range models {
		line := append(site, model.name...)
		line = append(appendCounts(line, model.counts(t.Cases)), ' ')
		line = append(appendCounts(line, model.counts(t.Controls)), ' ')
		test := model.test(t)
		line = append(appendStatistic(line, test), ' ')
		line = append(appendDF(line, test.DF), ' ')
		m.line = append(appendP(line, test), '\n')
		if _, err := m.w.Write(m.line); err != nil {
			return err
		}
	}
	return nil
}

// Flush writes out what is buffered. It is to be called after the last variant.
func (m *ModelWriter) Flush() error { return m.w.Flush() }

// classes are the counts of one group in a row of the table: two or three, then
// a negative one.
type classes [3]int

// models are the rows of the table, in PLINK's order.
var models = []struct {
	name   string
	counts func(genomics.Counts) classes
	test   func(Table) ChiSquare
}{
	{"    GENO ", genotypes, Table.Genotypic},
	{"   TREND ", alleles, Table.Trend},
	{" ALLELIC ", alleles, func(t Table) ChiSquare { return t.Alleles().Allelic() }},
	{"     DOM ", carriers, Table.Dominant},
	{"     REC ", homozygotes, Table.Recessive},
}

func genotypes(c genomics.Counts) classes {
	return classes{c[genomics.HomAlt], c[genomics.Het], c[genomics.HomRef]}
}

func alleles(c genomics.Counts) classes {
	a := AllelesOf(c)
	return classes{a.Alt, a.Ref, -1}
}

func carriers(c genomics.Counts) classes {
	return classes{c[genomics.HomAlt] + c[genomics.Het], c[genomics.HomRef], -1}
}

func homozygotes(c genomics.Counts) classes {
	return classes{c[genomics.HomAlt], c[genomics.Het] + c[genomics.HomRef], -1}
}

// appendCounts appends the counts, with slashes between them, in a column of
// fourteen.
func appendCounts(line []byte, counts classes) []byte {
	var text [32]byte
	s := strconv.AppendInt(text[:0], int64(counts[0]), 10)
	for _, n := range counts[1:] {
		if n >= 0 {
			s = append(s, '/')
			s = strconv.AppendInt(s, int64(n), 10)
		}
	}
	return appendRight(line, s, 14)
}

func appendDF(line []byte, df int) []byte {
	if df == 0 {
		return append(line, "  NA"...)
	}
	return append(line, ' ', ' ', ' ', byte('0'+df))
}

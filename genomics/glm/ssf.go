package glm

import (
	"bufio"
	"io"
	"strconv"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
	"genoveil/genomics/pvalue"
	"genoveil/genomics/ssf"
)

// SSFWriter writes the GWAS Catalog's GWAS-SSF v1.0 table. The effect allele is
// ALT. Its mandatory fields may not be empty, so it leaves out variants without a
// test, alleles that are not spelt in A, C, G and T, and chromosomes other than
// 1 to 22, X, Y and MT.
type SSFWriter struct {
	w       *bufio.Writer
	line    []byte
	omitted int
	noPlace int
	rows    int

	// Of the last row, and whether a row came before its predecessor.
	chrom, pos int
	unsorted   bool
}

// NewSSFWriter begins a table with its header.
func NewSSFWriter(w io.Writer) (*SSFWriter, error) {
	s := &SSFWriter{w: bufio.NewWriter(w)}
	_, err := s.w.WriteString("chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\t" +
		"effect_allele_frequency\tp_value\tvariant_id\trsid\tref_allele\tn\n")
	return s, err
}

// Write adds a variant's row, or counts it as omitted.
func (s *SSFWriter) Write(v genomics.Variant, r Result) error {
	place := ssf.Chromosome(chrom.Parse(v.Chrom))
	if r.Error != "" || place == 0 || !nucleotides(v.Ref) || !nucleotides(v.Alt) {
		s.omitted++
		if r.Error == "" {
			s.noPlace++
		}
		return nil
	}
	s.unsorted = s.unsorted || s.rows > 0 && (place < s.chrom || place == s.chrom && v.Pos < s.pos)
	s.rows, s.chrom, s.pos = s.rows+1, place, v.Pos
	line := strconv.AppendInt(s.line[:0], int64(place), 10)
	line = append(strconv.AppendInt(append(line, '\t'), int64(v.Pos), 10), '\t')
	line = append(append(line, v.Alt...), '\t')
	line = append(append(line, v.Ref...), '\t')
	for _, x := range [...]float64{r.Beta, r.SE, r.Frequency()} {
		line = append(appendNumber(line, x), '\t')
	}
	line = append(pvalue.Append(line, r.LogP, digits), '\t')
	line = append(ssf.AppendVariantID(line, place, v.Pos, v.Ref, v.Alt), '\t')
	line = append(line, ssf.RSID(v.ID)...)
	line = append(line, "\tOA\t"...)
	s.line = append(strconv.AppendInt(line, int64(r.Samples), 10), '\n')
	_, err := s.w.Write(s.line)
	return err
}

// Omitted is the number of variants left out so far, and NoPlace of those among them that
// have a test.
func (s *SSFWriter) Omitted() int { return s.omitted }
func (s *SSFWriter) NoPlace() int { return s.noPlace }

// Sorted says whether the rows so far are sorted by chromosome and position.
func (s *SSFWriter) Sorted() bool { return !s.unsorted }

// Flush writes out what is buffered. It is to be called after the last variant.
func (s *SSFWriter) Flush() error { return s.w.Flush() }

func nucleotides(allele string) bool {
	return allele != "" && strings.Trim(allele, "ACGTacgt") == ""
}

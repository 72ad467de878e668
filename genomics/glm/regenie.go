package glm

import (
	"bufio"
	"io"
	"strconv"

	"genoveil/genomics"
)

// RegenieWriter writes the table of REGENIE's step 2. ALLELE1, whose effect and
// frequency are given, is ALT. CHISQ is (BETA/SE)²; LOG10P is the test's own, from
// Student's t for a linear model and mid-P where that was used.
type RegenieWriter struct {
	w    *bufio.Writer
	line []byte
}

// NewRegenieWriter begins a table with its header.
func NewRegenieWriter(w io.Writer) (*RegenieWriter, error) {
	g := &RegenieWriter{w: bufio.NewWriter(w)}
	_, err := g.w.WriteString("CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA\n")
	return g, err
}

// Write adds a variant's row. Without a test its EXTRA column says TEST_FAIL.
func (g *RegenieWriter) Write(v genomics.Variant, r Result) error {
	line := append(append(g.line[:0], regenieName(v.Chrom)...), ' ')
	line = append(strconv.AppendInt(line, int64(v.Pos), 10), ' ')
	for _, field := range [...]string{v.ID, v.Ref, v.Alt} {
		line = append(append(line, field...), ' ')
	}
	line = append(appendNumber(line, r.Frequency()), ' ')
	line = append(strconv.AppendInt(line, int64(r.Samples), 10), " ADD "...)
	line = append(appendNumber(line, r.Beta), ' ')
	line = append(appendNumber(line, r.SE), ' ')
	line = append(appendNumber(line, r.Z*r.Z), ' ')
	extra := " NA\n"
	if r.Error != "" {
		extra = " TEST_FAIL\n"
		line = append(line, "NA"...)
	} else {
		line = appendNumber(line, r.NegLog10P())
	}
	g.line = append(line, extra...)
	_, err := g.w.Write(g.line)
	return err
}

// Flush writes out what is buffered. It is to be called after the last variant.
func (g *RegenieWriter) Flush() error { return g.w.Flush() }

package assoc

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"genoveil/genomics"
)

// AssocWriter writes an .assoc table: per variant the frequency of A1 in cases
// and controls, the allelic χ² test and the odds ratio.
type AssocWriter struct {
	w       *bufio.Writer
	line    []byte
	idWidth int
	level   float64
}

// NewAssocWriter begins an .assoc table with its header. idWidth is the width of
// the SNP column, from IDWidth. level is that of the confidence interval, from
// 0.01 to below 1, or 0 for a table without one.
func NewAssocWriter(w io.Writer, idWidth int, level float64) (*AssocWriter, error) {
	if idWidth < minIDWidth {
		return nil, fmt.Errorf("SNP column of width %d; it takes at least %d", idWidth, minIDWidth)
	}
	if level != 0 && !(level >= 0.01 && level < 1) {
		return nil, fmt.Errorf("confidence level %g; give one from 0.01 to below 1, such as 0.95, or 0 for none", level)
	}
	a := &AssocWriter{w: bufio.NewWriter(w), idWidth: idWidth, level: level}
	line := append(a.line, " CHR "...)
	line = appendRight(line, "SNP", idWidth)
	line = append(line, "         BP   A1      F_A      F_U   A2        CHISQ            P           OR "...)
	if level != 0 {
		// PLINK cuts the level to whole per cent, having raised it by 2⁻³⁰ of
		// itself against values such as 0.29, a little less than 29 per cent.
		percent := strconv.Itoa(int(level * (100 + 0x1p-30)))
		line = append(line, "          SE "...)
		line = append(appendRight(line, "L"+percent, 12), ' ')
		line = append(appendRight(line, "U"+percent, 12), ' ')
	}
	a.line = append(line, '\n')
	_, err := a.w.Write(a.line)
	return a, err
}

// Write adds a variant's row. whole are the alleles of all loaded samples, those
// without a trait included; they decide which allele is A1. Counts that contradict
// each other, or of more than MaxSamples samples, are an error.
func (a *AssocWriter) Write(v genomics.Variant, whole Alleles, t AlleleTable) error {
	if err := t.check(v, whole); err != nil {
		return err
	}
	a1, a2, t := t.orient(v, whole)
	line := appendSite(a.line[:0], v, a.idWidth)
	var number [24]byte
	line = append(appendRight(line, strconv.AppendInt(number[:0], int64(v.Pos), 10), 10), ' ')
	line = append(appendRight(line, a1, 4), ' ')
	line = append(appendFrequency(line, t.Cases), ' ')
	line = append(appendFrequency(line, t.Controls), ' ')
	line = append(appendRight(line, a2, 4), ' ')
	line = append(appendAllelic(line, t), ' ')
	line = append(appendOddsRatio(line, t.OddsRatio()), ' ')
	if a.level != 0 {
		line = append(appendInterval(line, t.OddsRatio(), a.level), ' ')
	}
	a.line = append(line, '\n')
	_, err := a.w.Write(a.line)
	return err
}

// Flush writes out what is buffered. It is to be called after the last variant.
func (a *AssocWriter) Flush() error { return a.w.Flush() }

// appendFrequency appends the frequency of ALT, NA where nobody is called.
func appendFrequency(line []byte, a Alleles) []byte {
	if a.Ref+a.Alt == 0 {
		return appendRight(line, "NA", 8)
	}
	var number [24]byte
	return appendRight(line, appendRatio(number[:0], fraction(uint64(a.Alt), uint64(a.Ref+a.Alt))), 8)
}

// appendAllelic appends the allelic test's χ² and P. In this table, unlike in
// .model, a wholly missing group makes them 0 and 1 as long as the other carries
// both alleles.
func appendAllelic(line []byte, t AlleleTable) []byte {
	test := t.Allelic()
	if test.DF == 0 && t.Cases.Alt+t.Controls.Alt > 0 && t.Cases.Ref+t.Controls.Ref > 0 {
		return append(line, "           0            1"...)
	}
	line = append(appendStatistic(line, test), ' ')
	return appendP(line, test)
}

// appendStatistic appends the χ², or NA, in a column of twelve.
func appendStatistic(line []byte, test ChiSquare) []byte {
	if test.DF == 0 {
		return appendRight(line, "NA", 12)
	}
	var number [24]byte
	return appendRight(line, appendRatio(number[:0], test.value), 12)
}

// appendP appends the P value, or NA, in a column of twelve.
func appendP(line []byte, test ChiSquare) []byte {
	if test.DF == 0 {
		return appendRight(line, "NA", 12)
	}
	return appendNumber(line, test.P())
}

func appendOddsRatio(line []byte, o OddsRatio) []byte {
	if !o.Defined() {
		return appendRight(line, "NA", 12)
	}
	var number [24]byte
	return appendRight(line, appendRatio(number[:0], o.exact()), 12)
}

// appendInterval appends standard error and confidence limits.
func appendInterval(line []byte, o OddsRatio, level float64) []byte {
	if !o.Defined() {
		return append(line, "          NA           NA           NA"...)
	}
	low, high := o.Interval(level)
	line = append(appendNumber(line, o.StandardError()), ' ')
	line = append(appendNumber(line, low), ' ')
	return appendNumber(line, high)
}

// appendNumber appends x ≥ 0 in a column of twelve.
func appendNumber(line []byte, x float64) []byte {
	var number [24]byte
	return appendRight(line, appendFloat(number[:0], x), 12)
}

package glm

import (
	"bufio"
	"io"
	"math"
	"strconv"

	"genoveil/genomics"
	"genoveil/genomics/pvalue"
)

// PlinkWriter writes PLINK 2's .glm.logistic or .glm.linear table, as 2.00a3.5 does
// with "--glm hide-covar omit-ref cols=+a1count,+a1freq" and, for a case/control
// trait, "+a1countcc,+totallelecc": A1 is always ALT.
type PlinkWriter struct {
	w    *bufio.Writer
	kind Kind
	line []byte
}

// NewPlinkWriter begins a table with its header.
func NewPlinkWriter(w io.Writer, kind Kind) (*PlinkWriter, error) {
	p := &PlinkWriter{w: bufio.NewWriter(w), kind: kind}
	counts, effect := "A1_CT\t", "BETA\tSE\tT_STAT"
	if kind == Logistic {
		counts, effect = "A1_CT\tA1_CASE_CT\tA1_CTRL_CT\tCASE_ALLELE_CT\tCTRL_ALLELE_CT\t", "OR\tLOG(OR)_SE\tZ_STAT"
	}
	_, err := p.w.WriteString("#CHROM\tPOS\tID\tREF\tALT\tA1\t" + counts + "A1_FREQ\tTEST\tOBS_CT\t" + effect + "\tP\tERRCODE\n")
	return p, err
}

// Write adds a variant's row.
func (p *PlinkWriter) Write(v genomics.Variant, r Result) error {
	v = v.InVCF()
	line := append(append(p.line[:0], plinkName(v.Chrom)...), '\t')
	line = append(strconv.AppendInt(line, int64(v.Pos), 10), '\t')
	for _, field := range [...]string{v.ID, v.Ref, v.Alt, v.Alt} {
		line = append(append(line, field...), '\t')
	}
	line = append(appendCount(line, r.Alleles), '\t')
	if p.kind == Logistic {
		line = append(appendCount(line, r.CaseAlleles), '\t')
		line = append(appendCount(line, r.Alleles-r.CaseAlleles), '\t')
		line = append(strconv.AppendInt(line, int64(r.copies()*r.Cases), 10), '\t')
		line = append(strconv.AppendInt(line, int64(r.copies()*(r.Samples-r.Cases)), 10), '\t')
	}
	if r.Samples == 0 {
		line = append(line, "nan"...) // as PLINK prints it here, and only here
	} else {
		line = appendNumber(line, r.Frequency())
	}
	line = append(line, "\tADD\t"...)
	line = append(strconv.AppendInt(line, int64(r.Samples), 10), '\t')
	effect := r.Beta
	if p.kind == Logistic {
		effect = math.Exp(effect)
	}
	line = append(appendNumber(line, effect), '\t')
	line = append(appendNumber(line, r.SE), '\t')
	line = append(appendNumber(line, r.Z), '\t')
	line = append(pvalue.Append(line, r.LogP, digits), '\t')
	if r.Error == "" {
		line = append(line, '.')
	}
	p.line = append(append(line, r.Error...), '\n')
	_, err := p.w.Write(p.line)
	return err
}

// Flush writes out what is buffered. It is to be called after the last variant.
func (p *PlinkWriter) Flush() error { return p.w.Flush() }

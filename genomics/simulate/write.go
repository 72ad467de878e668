package simulate

import (
	"bufio"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"

	"genoveil/genomics"
	"genoveil/genomics/pheno"
)

// Meta returns the header lines (##…) for [WriteVCF]: where the file comes from
// and the lengths of the chromosomes.
func (c *Cohort) Meta() []string {
	lines := []string{"##source=genoveil simulate, seed " + strconv.FormatUint(c.options.Seed, 10)}
	for i, length := range chromosomes {
		lines = append(lines, "##contig=<ID="+strconv.Itoa(i+1)+",length="+strconv.Itoa(length)+">")
	}
	return lines
}

// calls is the VCF text of the four genotypes in a byte of a Row.
var calls = func() (t [256][16]byte) {
	for b := range t {
		for i := range 4 {
			g := genomics.Row{byte(b)}.At(i)
			copy(t[b][4*i:], [...]string{"\t0/0", "\t0/1", "\t1/1", "\t./."}[g])
		}
	}
	return t
}()

const (
	gtMeta = "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">"
	dsMeta = "##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"ALT dosage\">"
)

// WriteVCF reads all variants of a source and writes them to w as VCF text with
// unphased genotypes. The lines of meta (each ##… without a line end) go into
// the header. It returns the first error of the source or of w.
func WriteVCF(w io.Writer, src genomics.Source, meta []string) error {
	samples := src.Samples()
	row := make(genomics.Row, genomics.RowLen(len(samples)))
	return writeVCF(w, samples, slices.Concat(meta, []string{gtMeta}), func(line []byte, v *genomics.Variant) ([]byte, error) {
		if err := src.Next(v, row); err != nil {
			return nil, err
		}
		return appendCalls(appendSite(line, v, "GT"), row, len(samples)), nil
	})
}

// WriteDosageVCF is WriteVCF for a source of dosages. A sample has the nearest
// genotype (0/1 at 0.5 and 1/1 at 1.5) and the dosage with three decimals.
func WriteDosageVCF(w io.Writer, src genomics.DosageSource, meta []string) error {
	samples := src.Samples()
	row := make(genomics.DosageRow, len(samples))
	return writeVCF(w, samples, slices.Concat(meta, []string{gtMeta, dsMeta}), func(line []byte, v *genomics.Variant) ([]byte, error) {
		if err := src.NextDosages(v, row); err != nil {
			return nil, err
		}
		return appendDosages(appendSite(line, v, "GT:DS"), row), nil
	})
}

// writeVCF writes a VCF whose records next appends to a line, without the line
// end, until it returns io.EOF.
func writeVCF(w io.Writer, samples, meta []string, next func([]byte, *genomics.Variant) ([]byte, error)) error {
	out := bufio.NewWriterSize(w, 1<<16)
	out.WriteString("##fileformat=VCFv4.3\n")
	for _, line := range meta {
		out.WriteString(line)
		out.WriteByte('\n')
	}
	out.WriteString("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT")
	for _, sample := range samples {
		out.WriteByte('\t')
		out.WriteString(sample)
	}
	out.WriteByte('\n')

	var v genomics.Variant
	var line []byte
	for {
		record, err := next(line[:0], &v)
		if err == io.EOF {
			return out.Flush()
		}
		if err != nil {
			return err
		}
		line = append(record, '\n')
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
}

// appendSite appends the columns before the samples.
func appendSite(line []byte, v *genomics.Variant, format string) []byte {
	line = append(append(line, v.Chrom...), '\t')
	line = append(strconv.AppendInt(line, int64(v.Pos), 10), '\t')
	for _, s := range [...]string{v.ID, v.Ref, v.Alt} {
		line = append(append(line, s...), '\t')
	}
	return append(append(line, ".\t.\t.\t"...), format...)
}

func appendCalls(line []byte, row genomics.Row, samples int) []byte {
	for _, b := range row[:samples/4] {
		line = append(line, calls[b][:]...)
	}
	if rest := samples % 4; rest > 0 {
		line = append(line, calls[row[samples/4]][:4*rest]...)
	}
	return line
}

func appendDosages(line []byte, row genomics.DosageRow) []byte {
	for _, d := range row {
		if d == genomics.MissingDosage {
			line = append(line, "\t./.:."...)
			continue
		}
		line = append(append(line, [...]string{"\t0/0:", "\t0/1:", "\t1/1:"}[(d+500)/1000]...), '0'+byte(d/1000), '.')
		line = append(line, '0'+byte(d/100%10), '0'+byte(d/10%10), '0'+byte(d%10))
	}
	return line
}

// WritePhenotypes writes the table of traits: #IID, CASE (1 control, 2 case) and
// QT, with NA for missing values.
func (t *Traits) WritePhenotypes(w io.Writer) error {
	out := bufio.NewWriter(w)
	out.WriteString("#IID\tCASE\tQT\n")
	status := [...]string{pheno.Absent: "NA", pheno.Control: "1", pheno.Case: "2"}
	for i, sample := range t.Samples {
		qt := "NA"
		if x := t.Quantitative[i]; !math.IsNaN(x) {
			qt = strconv.FormatFloat(x, 'f', 4, 64)
		}
		out.WriteString(sample + "\t" + status[t.Case[i]] + "\t" + qt + "\n")
	}
	return out.Flush()
}

// WriteCovariates writes the table of covariates: #IID and their names. It is an
// error if there are none.
func (t *Traits) WriteCovariates(w io.Writer) error {
	if len(t.Covariates) == 0 {
		return errors.New("simulate: the cohort has no covariates to write")
	}
	out := bufio.NewWriter(w)
	out.WriteString("#IID")
	for _, name := range t.CovariateNames {
		out.WriteString("\t" + name)
	}
	for i, sample := range t.Samples {
		out.WriteString("\n" + sample)
		for k, values := range t.Covariates {
			decimals := 6
			if k < 2 {
				decimals = k // MALE is whole, AGE has tenths
			}
			out.WriteString("\t" + strconv.FormatFloat(values[i], 'f', decimals, 64))
		}
	}
	out.WriteByte('\n')
	return out.Flush()
}

// WriteCausal writes the table of causal variants: ID, A1 and BETA, in the order
// of the genome.
func (t *Traits) WriteCausal(w io.Writer) error {
	out := bufio.NewWriter(w)
	out.WriteString("ID\tA1\tBETA\n")
	for _, e := range t.Causal {
		out.WriteString(e.ID + "\t" + e.A1 + "\t" + strconv.FormatFloat(e.Beta, 'f', 6, 64) + "\n")
	}
	return out.Flush()
}

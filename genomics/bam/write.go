package bam

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"

	"genoveil/genomics"
)

const meta = `##FILTER=<ID=PASS,Description="All filters passed">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Fragments that show REF or ALT">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality of the genotype, given the panel's allele frequency">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Phred-scaled likelihoods of the genotypes">
`

// WriteVCF writes the calls that are left in a Caller as a VCF with GT:DP:GQ:PL.
// The lines of comment (each ##… without a line end) go into the header.
func WriteVCF(w io.Writer, c *Caller, comment ...string) error {
	out := bufio.NewWriterSize(w, 1<<16)
	out.WriteString("##fileformat=VCFv4.3\n")
	for _, line := range comment {
		out.WriteString(line + "\n")
	}
	for _, k := range c.Contigs() {
		fmt.Fprintf(out, "##contig=<ID=%s,length=%d>\n", k.Name, k.Length)
	}
	out.WriteString(meta + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT")
	for _, sample := range c.Samples() {
		out.WriteString("\t" + sample)
	}
	out.WriteByte('\n')

	var v genomics.Variant
	var line []byte
	calls := make([]Call, len(c.Samples()))
	for {
		err := c.NextCalls(&v, calls)
		if errors.Is(err, io.EOF) {
			return out.Flush()
		}
		if err != nil {
			return err
		}
		line = append(append(line[:0], v.Chrom...), '\t')
		line = append(strconv.AppendInt(line, int64(v.Pos), 10), '\t')
		line = append(append(line, v.ID...), '\t')
		line = append(append(append(append(line, v.Ref...), '\t'), v.Alt...), "\t.\tPASS\t.\tGT:DP:GQ:PL"...)
		for i := range calls {
			line = calls[i].append(line)
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
}

// append appends a sample's column.
func (c *Call) append(line []byte) []byte {
	line = append(line, [...]string{"\t0/0:", "\t0/1:", "\t1/1:", "\t./.:"}[c.Genotype]...)
	line = append(strconv.AppendUint(line, uint64(c.Depth), 10), ':')
	line = strconv.AppendUint(line, uint64(c.GQ), 10)
	for g, pl := range c.PL {
		line = strconv.AppendUint(append(line, ":,,"[g]), uint64(pl), 10)
	}
	return line
}

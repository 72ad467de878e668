package panel

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"github.com/biogo/hts/bgzf"

	"genoveil/genomics"
)

// A Writer writes a list as a VCF 4.2 without samples.
type Writer struct {
	bgzf *bgzf.Writer // nil for plain text
	text *bufio.Writer
	line []byte
}

// NewWriter begins a list. chromosomes are named in the header, as tools that index
// the file want, and so is the genome build, unless it is empty.
func NewWriter(w io.Writer, compress bool, build string, chromosomes []string) *Writer {
	l := &Writer{}
	if compress {
		l.bgzf = bgzf.NewWriter(w, 1)
		w = l.bgzf
	}
	l.text = bufio.NewWriter(w)
	fmt.Fprintln(l.text, "##fileformat=VCFv4.2")
	if build != "" {
		fmt.Fprintf(l.text, "##reference=%s\n", build)
	}
	for _, name := range chromosomes {
		fmt.Fprintf(l.text, "##contig=<ID=%s>\n", name)
	}
	fmt.Fprintln(l.text, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
	return l
}

// Write adds a variant.
func (l *Writer) Write(variant *genomics.Variant) error {
	v := variant.InVCF()
	line := append(append(l.line[:0], v.Chrom...), '\t')
	line = append(strconv.AppendInt(line, int64(v.Pos), 10), '\t')
	line = append(append(line, v.ID...), '\t')
	line = append(append(line, v.Ref...), '\t')
	l.line = append(append(line, v.Alt...), "\t.\t.\t.\n"...)
	_, err := l.text.Write(l.line)
	return err
}

// Close completes the list. It does not close the file.
func (l *Writer) Close() error {
	if err := l.text.Flush(); err != nil || l.bgzf == nil {
		return err
	}
	return l.bgzf.Close()
}

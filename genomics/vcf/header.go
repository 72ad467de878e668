package vcf

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"genoveil/genomics"
)

// fixedColumns are the columns before the samples.
var fixedColumns = []string{"#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"}

// declared is what a header declares.
type declared struct {
	formats map[string]bool // DosageFields
	quality genomics.QualityHeader
}

// headerLines cuts the begin of a file into lines.
type headerLines struct {
	in      input
	size    int // of the chunks
	longest int // length allowed of a line
	chunk   chunk
	z       inflater
	text    []byte // unread
	number  int    // 1-based number of the line that next returned last
}

// next returns the next line without its line end (LF or CRLF). The line is
// valid until the next call. The last line need not have a line end.
func (l *headerLines) next() ([]byte, error) {
	scanned := 0
	for {
		more, _, ended := bytes.Cut(l.text[scanned:], []byte("\n"))
		scanned += len(more)
		switch {
		case scanned >= l.longest:
			return nil, errTooLong
		case ended:
			return l.take(scanned, 1), nil
		case l.chunk.err == io.EOF && scanned > 0:
			return l.take(scanned, 0), nil
		case l.chunk.err != nil:
			return nil, l.chunk.err
		}
		l.in.next(&l.chunk, l.size)
		l.text = append(l.text, l.z.inflate(&l.chunk)...)
	}
}

// take returns the next n bytes as a line and drops them with the terminator
// bytes that follow.
func (l *headerLines) take(n, terminator int) []byte {
	line := l.text[:n]
	l.text = l.text[n+terminator:]
	l.number++
	return bytes.TrimSuffix(line, []byte("\r"))
}

// readHeader reads the header up to and with the #CHROM line and returns the
// samples' names, and what it declares.
func readHeader(name string, lines *headerLines) (samples []string, d declared, err error) {
	d.formats = map[string]bool{}
	for {
		line, err := lines.next()
		switch {
		case err == errTooLong:
			return nil, d, fmt.Errorf("%s, line %d: %w", name, lines.number+1, err)
		case err == io.EOF:
			return nil, d, fmt.Errorf("%s: no #CHROM line before the end; is it a VCF file?", name)
		case err != nil:
			return nil, d, readError(name, lines.number, err)
		case bytes.HasPrefix(line, []byte("##")):
			d.quality.Read(line)
			if format, ok := bytes.CutPrefix(line, []byte("##FORMAT=<ID=")); ok {
				if id, _, _ := bytes.Cut(format, []byte(",")); slices.Contains(DosageFields, string(id)) {
					d.formats[string(id)] = true
				}
			}
		case bytes.HasPrefix(line, []byte("#CHROM")):
			samples, err := readColumnNames(string(line))
			if err != nil {
				return nil, d, fmt.Errorf("%s, line %d: %w", name, lines.number, err)
			}
			return samples, d, nil
		case lines.number == 1 && bytes.HasPrefix(line, []byte("BCF\x02")):
			return nil, d, fmt.Errorf("%s is a BCF file; send it through bcftools view FILE.bcf | genoveil … --vcf -", name)
		case lines.number == 1 && bytes.HasPrefix(line, []byte("BAM\x01")):
			return nil, d, fmt.Errorf("%s is a BAM file, with reads and no genotypes; give it with --bam, and the sites to call with --sites", name)
		case lines.number == 1 && !bytes.HasPrefix(line, []byte("#")):
			return nil, d, fmt.Errorf("%s does not begin with a VCF header", name)
		default:
			return nil, d, fmt.Errorf("%s, line %d: expected a ## line or the #CHROM line", name, lines.number)
		}
	}
}

// readColumnNames returns the samples' names in the #CHROM line.
func readColumnNames(line string) ([]string, error) {
	columns := strings.Split(line, "\t")
	for i, want := range fixedColumns {
		if i == len(columns) {
			break
		}
		if columns[i] != want {
			return nil, fmt.Errorf("column %d of the header is %q instead of %s (columns are separated by one tab)", i+1, columns[i], want)
		}
	}
	if len(columns) <= len(fixedColumns) {
		return nil, fmt.Errorf("the file has no samples' columns, and so no genotypes; give a VCF that has them")
	}
	samples := columns[len(fixedColumns):]
	column := make(map[string]int, len(samples))
	for i, name := range samples {
		here := len(fixedColumns) + i + 1
		if name == "" {
			return nil, fmt.Errorf("column %d has no sample name", here)
		}
		if strings.Contains(name, " ") {
			return nil, fmt.Errorf("sample %q in column %d has a blank, at which tables of traits are cut; rename it (bcftools reheader)", name, here)
		}
		if first, ok := column[name]; ok {
			return nil, fmt.Errorf("sample %q is in column %d and again in column %d; give every sample its own name (bcftools reheader)", name, first, here)
		}
		column[name] = here
	}
	return samples, nil
}

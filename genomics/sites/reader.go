// Package sites reads the sites at which genotypes are to be called from a VCF, plain or
// compressed. It ignores genotypes in the file, which need not have any.
package sites

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
	"genoveil/genomics/text"
)

// Reasons for passing over a record, beside those that all readers have.
const (
	indel        = "not a single base (indel)"
	unknownBase  = "REF or ALT is N"
	otherChrom   = "--chr" // as genomics.Filter calls it
	oddFrequency = "INFO has an AF that is no frequency"
)

// A Contig is a sequence that the header names.
type Contig struct {
	Name   string
	Length int // in bases, or 0 where the header does not say
}

// A Reader streams sites.
type Reader struct {
	lines   *text.Lines
	contigs []Contig
	only    *chrom.Selection // nil for all
	seen    map[string]int   // contigs with sites, and the line of the first
	last    Site             // read last
	skipped map[string]int
	first   map[string]string // of odd records, by reason: where the first is, and what
	err     error             // ends every later Next
}

// kind is what the file is in errors.
const kind = "a VCF file"

// Open opens a file of sites.
func Open(path string) (*Reader, error) {
	lines, err := text.Open(path, genomics.MaxLine, kind)
	if err != nil {
		return nil, err
	}
	r, err := newReader(lines)
	if err != nil {
		lines.Close()
		return nil, err
	}
	return r, nil
}

// NewReader reads sites from r; name stands for it in error messages.
func NewReader(r io.Reader, name string) (*Reader, error) {
	return newReader(text.NewLines(name, r, genomics.MaxLine, kind))
}

func newReader(lines *text.Lines) (*Reader, error) {
	p := &Reader{lines: lines, skipped: map[string]int{}, first: map[string]string{}, seen: map[string]int{}}
	if err := p.readHeader(); err != nil {
		return nil, err
	}
	return p, nil
}

// Contigs returns the contigs that the header names, in its order.
func (r *Reader) Contigs() []Contig { return r.contigs }

// Name returns the file's name in error messages.
func (r *Reader) Name() string { return r.lines.Name() }

// Only restricts the reading to some chromosomes. Records of others are counted as
// skipped.
func (r *Reader) Only(chroms *chrom.Selection) { r.only = chroms }

// Skipped says how many records were passed over so far, by reason. Of odd records it
// says which is the first.
func (r *Reader) Skipped() map[string]int {
	all := map[string]int{}
	for reason, n := range r.skipped {
		all[reason+r.first[reason]] = n
	}
	return all
}

// odd passes over a record that no program should write.
func (r *Reader) odd(reason, format string, args ...any) (bool, error) {
	if r.skipped[reason]++; r.skipped[reason] == 1 {
		r.first[reason] = fmt.Sprintf("; the first in line %d: ", r.lines.Number()) + fmt.Sprintf(format, args...)
	}
	return false, nil
}

// NoSite is the error where Next returned io.EOF at once.
func (r *Reader) NoSite() error {
	where := ""
	if r.only != nil {
		where = " on chromosome " + r.only.String() + " (--chr)"
		if met := r.only.Met(); met != "" {
			where += "; it has records on " + met
		}
	}
	odd := ""
	for _, reason := range slices.Sorted(maps.Keys(r.first)) {
		odd += fmt.Sprintf("; %d of them: %s%s", r.skipped[reason], reason, r.first[reason])
	}
	return fmt.Errorf("%s: no site to call%s; sites are biallelic SNVs, others are left out%s", r.Name(), where, odd)
}

// Close closes the file. It leaves a reader that the caller gave open.
func (r *Reader) Close() error { return r.lines.Close() }

// Next reads the next biallelic SNV into s. It returns io.EOF after the last one.
// Sites are in ascending order within a contig, and a contig's stand together:
// anything else is an error. Odd records are passed over. An error names the file and the line, and every later
// call returns it again.
func (r *Reader) Next(s *Site) error {
	for r.err == nil {
		var line []byte
		if line, r.err = r.lines.Next(); r.err != nil {
			break
		}
		var ok bool
		if ok, r.err = r.parse(line, s); r.err == nil && ok {
			return nil
		}
	}
	return r.err
}

// parse reads a line into s and reports whether it is a site to be called.
func (r *Reader) parse(line []byte, s *Site) (bool, error) {
	if len(line) > 0 && line[0] == '#' {
		return false, r.Errorf("header line among the records; join files with bcftools concat")
	}
	var fields [columns][]byte
	for i := range fields {
		if line == nil {
			return false, r.Errorf("%d columns; a VCF has at least %d, separated by tabs", i, columns)
		}
		var more bool
		if fields[i], line, more = bytes.Cut(line, []byte("\t")); !more {
			line = nil
		}
	}
	name, id, ref, alt := fields[0], fields[2], fields[3], fields[4]
	pos, ok := position(fields[1])
	switch {
	case len(name) == 0:
		return r.odd(genomics.OddPlace, "CHROM is empty")
	case len(id) == 0:
		return r.odd(genomics.OddPlace, "ID is empty")
	case bytes.IndexByte(name, ' ') >= 0:
		return r.odd(genomics.OddPlace, "CHROM %.20q has a blank", name)
	case bytes.IndexByte(id, ' ') >= 0:
		return r.odd(genomics.OddPlace, "ID %.20q has a blank", id)
	case !ok:
		return r.odd(genomics.OddPlace, "POS %.20q is not a whole number from 1 to 2147483647", fields[1])
	}
	if err := r.checkOrder(name, pos); err != nil {
		return false, err
	}
	if r.only != nil && !r.only.Has(r.last.Chrom) {
		r.skipped[otherChrom]++
		return false, nil
	}
	switch reason := skipAlleles(ref, alt); reason {
	case "":
	case genomics.OddAlleles:
		return r.odd(reason, "%.20q and %.20q", ref, alt)
	default:
		r.skipped[reason]++
		return false, nil
	}
	frequency, err := frequency(fields[7])
	if err != nil {
		return r.odd(oddFrequency, "%v", err)
	}
	s.Chrom, s.Pos, s.ID, s.Ref, s.Alt, s.Frequency = r.last.Chrom, pos, string(id), string(ref), string(alt), frequency
	return true, nil
}

// checkOrder refuses sites that are not sorted.
func (r *Reader) checkOrder(name []byte, pos int) error {
	if string(name) == r.last.Chrom {
		if pos < r.last.Pos {
			return r.Errorf("position %s:%d after %d; sort the panel with bcftools sort", name, pos, r.last.Pos)
		}
		r.last.Pos = pos
		return nil
	}
	if first, ok := r.seen[string(name)]; ok {
		return r.Errorf("contig %s again; its first site is in line %d, and other contigs are between. Sort the panel with bcftools sort", name, first)
	}
	r.last.Chrom, r.last.Pos = string(name), pos
	r.seen[r.last.Chrom] = r.lines.Number()
	return nil
}

// readHeader reads the header up to and with the #CHROM line.
func (r *Reader) readHeader() error {
	for {
		line, err := r.lines.Next()
		switch {
		case err == io.EOF:
			return fmt.Errorf("%s: no #CHROM line before the end; is it a VCF file?", r.Name())
		case err != nil:
			return err
		case bytes.HasPrefix(line, []byte("##contig=<")):
			r.addContig(string(line))
		case bytes.HasPrefix(line, []byte("##")):
			continue
		case bytes.HasPrefix(line, []byte("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")):
			return nil
		case bytes.HasPrefix(line, []byte("BCF\x02")):
			return fmt.Errorf("%s is a BCF file; send it through bcftools view -G FILE.bcf | genoveil … --sites -", r.Name())
		default:
			return r.Errorf("expected a ## line or the #CHROM line with at least %d columns (is it a VCF file?)", columns)
		}
	}
}

// addContig reads ##contig=<ID=…,length=…>. A line without a name or a length is
// no error, as nothing depends on it.
func (r *Reader) addContig(line string) {
	var c Contig
	fields := strings.TrimSuffix(strings.TrimPrefix(line, "##contig=<"), ">")
	for field := range strings.SplitSeq(fields, ",") {
		switch key, value, _ := strings.Cut(field, "="); key {
		case "ID":
			c.Name = value
		case "length":
			if n, err := strconv.ParseUint(value, 10, 31); err == nil {
				c.Length = int(n)
			}
		}
	}
	if c.Name != "" {
		r.contigs = append(r.contigs, c)
	}
}

// Errorf makes an error about the line read last.
func (r *Reader) Errorf(format string, args ...any) error { return r.lines.Errorf(format, args...) }

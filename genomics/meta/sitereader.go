package meta

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
	"genoveil/genomics/text"
)

const (
	vcfKind    = "a VCF file"
	vcfColumns = 8 // CHROM to INFO
	maxText    = 1000
)

// A siteReader reads biallelic variants from a sorted VCF, and counts what it leaves out.
type siteReader struct {
	lines   *text.Lines
	keys    []string // of frequencies in INFO
	skipped map[string]int

	header bool // whether there was a #CHROM line
	name   string
	chrom  chrom.Key
	pos    int
	passed map[chrom.Key]bool
	here   map[string]bool // alleles of the records at the position
}

func newSiteReader(vcf VCF, keys []string, skipped map[string]int) *siteReader {
	lines := text.NewLines(vcf.Name, vcf.Data, genomics.MaxLine, vcfKind)
	return &siteReader{lines: lines, keys: keys, skipped: skipped, passed: map[chrom.Key]bool{}, here: map[string]bool{}}
}

// next reads the next variant, without its positions, and its frequencies, or returns
// io.EOF.
func (r *siteReader) next(v *Variant, frequencies []float64) error {
	for {
		line, err := r.lines.Next()
		if errors.Is(err, io.EOF) && !r.header {
			return fmt.Errorf("%s: no #CHROM line before the end; is it a VCF file?", r.lines.Name())
		}
		if err != nil {
			return err
		}
		if line = bytes.TrimRight(line, " \t"); len(line) == 0 {
			continue
		}
		if line[0] == '#' {
			r.header = r.header || bytes.HasPrefix(line, []byte("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"))
			continue
		}
		if !r.header {
			return r.lines.Errorf("a record without a #CHROM line before it; is it a VCF file?")
		}
		reason, err := r.parse(line, v, frequencies)
		if err != nil {
			return err
		}
		if reason == "" {
			return nil
		}
		r.skipped[reason]++
	}
}

// parse reads a record, or returns why it is left out.
func (r *siteReader) parse(line []byte, v *Variant, frequencies []float64) (reason string, err error) {
	var fields [vcfColumns][]byte
	for i := range fields {
		var more bool
		if fields[i], line, more = bytes.Cut(line, []byte("\t")); !more && i < vcfColumns-1 {
			return "", r.lines.Errorf("%d columns; a VCF has at least %d, separated by tabs", i+1, vcfColumns)
		}
	}
	name, id, ref, alt := fields[0], fields[2], fields[3], fields[4]
	pos, err := strconv.ParseInt(string(fields[1]), 10, 32)
	if err != nil || pos < 1 || !isWord(name) || !isWord(id) {
		return genomics.OddPlace, nil
	}
	if err := r.moveTo(string(name), int(pos)); err != nil {
		return "", err
	}
	if reason := genomics.SkipAlt(string(alt)); reason != "" {
		return reason, nil
	}
	v.Ref, v.Alt = strings.ToUpper(string(ref)), strings.ToUpper(string(alt))
	switch {
	case v.Ref == v.Alt:
		return genomics.NoAlt, nil
	case !isBases([]byte(v.Ref)) || !isBases([]byte(v.Alt)):
		return genomics.OddAlleles, nil
	case len(name) > maxText || len(id) > maxText || len(ref) > maxText || len(alt) > maxText:
		return longRecord, nil
	}
	for i, key := range r.keys {
		var ok bool
		if frequencies[i], ok = infoFrequency(fields[7], key); !ok {
			return oddAF, nil
		}
	}
	alleles := eitherWay(v.Ref, v.Alt)
	if r.here[alleles] {
		return secondRecord, nil
	}
	r.here[alleles] = true
	v.Chrom = r.chrom
	if v.ID = string(id); v.ID == "." {
		v.ID = string(v.Chrom) + ":" + string(fields[1]) + ":" + v.Ref + ":" + v.Alt
	}
	return "", nil
}

// isWord says whether a text can stand in a list's column.
func isWord(text []byte) bool { return len(text) > 0 && !bytes.ContainsFunc(text, unicode.IsSpace) }

// moveTo goes on to a record's place. It refuses a file that is not sorted, in which
// repeated records would not be seen.
func (r *siteReader) moveTo(name string, pos int) error {
	if name != r.name {
		key := chrom.Parse(name).Whole()
		if r.name = name; key != r.chrom {
			if r.passed[key] {
				return r.lines.Errorf("chromosome %s again, with others between; sort the file with bcftools sort", name)
			}
			r.passed[key] = true
			r.chrom, r.pos = key, 0
		}
	}
	if pos < r.pos {
		return r.lines.Errorf("position %s:%d after %d; sort the file with bcftools sort", name, pos, r.pos)
	}
	if pos > r.pos {
		r.pos = pos
		clear(r.here)
	}
	return nil
}

// infoFrequency reads a key of INFO. NaN stands for none.
func infoFrequency(info []byte, key string) (f float64, ok bool) {
	for field := range bytes.SplitSeq(info, []byte(";")) {
		name, value, _ := bytes.Cut(field, []byte("="))
		if string(name) != key {
			continue
		}
		if string(value) == "." {
			break
		}
		f, err := strconv.ParseFloat(string(value), 64)
		return f, err == nil && f >= 0 && f <= 1
	}
	return math.NaN(), true
}

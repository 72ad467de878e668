package panel

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/text"
)

// A List is the variants that two sides have agreed on, in order.
type List struct {
	Path     string
	Build    string // from the header's ##reference, as it stands there; "" if it has none
	Variants []genomics.Variant
	Lines    []int // of the variants in the file
}

// maxLine bounds the lines of a list: it has no genotypes, but INFO may be long.
const maxLine = 1 << 24

// Bounds in bytes on what a list of a known number of variants may have: in the mean, what
// is kept of a line (its first five columns) and a whole line, and the header.
const (
	meanKept  = 1 << 10
	meanLine  = 1 << 16
	maxHeader = 1 << 28
)

// maxPacked bounds what is kept of a list, in multiples of its file: some 30 bytes a variant
// and variantSize, of which gzip leaves 3 to 10.
const (
	maxPacked   = 128
	variantSize = 100
)

// Read reads a list: a VCF with or without samples, plain or compressed. Every record has
// one ALT allele, or a dot where a PLINK 1 fileset knows none. A variant may stand twice, as in the genotypes that a list was written
// from; aligning refuses that.
func Read(path string) (*List, error) { return ReadUpTo(path, math.MaxInt32) }

// ReadUpTo reads a list from somebody else, of at most so many variants.
func ReadUpTo(path string, variants int) (*List, error) {
	lines, err := text.Open(path, maxLine, kind)
	if err != nil {
		return nil, err
	}
	defer lines.Close()
	bytesKept := int64(math.MaxInt64) // of a pipe, which is our user's
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.Mode().IsRegular() {
		bytesKept = maxLine + maxPacked*info.Size()
	}
	return parseUpTo(path, lines, variants, bytesKept)
}

// kind is what a list is in errors.
const kind = "a list of variants"

// parseUpTo reads up to so many variants, of which up to so many bytes are kept.
func parseUpTo(path string, lines *text.Lines, variants int, bytesKept int64) (*List, error) {
	l := &List{Path: path}
	headed := false
	kept, read := int64(maxLine), int64(maxHeader) // bytes that may follow
	kept += meanKept * int64(variants)
	read += meanLine * int64(variants)
	for {
		whole, err := lines.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if read -= int64(len(whole)) + 1; read < 0 {
			return nil, lines.Errorf("the list is longer than one of %d variants; write it again without samples, as 'genoveil panel' does", variants)
		}
		if bytes.HasPrefix(whole, []byte("##")) && !bytes.HasPrefix(whole, []byte("##reference=")) {
			continue
		}
		// What is kept is the start of the line: samples would fill the memory.
		line := string(firstColumns(whole, 5))
		switch {
		case strings.HasPrefix(line, "##"):
			if value, ok := strings.CutPrefix(line, "##reference="); ok {
				l.Build = value
			}
			continue
		case strings.HasPrefix(line, "#CHROM\tPOS\tID\tREF\tALT"):
			headed = true
			continue
		case !headed:
			return nil, lines.Errorf("not a VCF: the header has no line #CHROM POS ID REF ALT")
		}
		fields := strings.Split(line, "\t")
		if len(fields) < 5 {
			return nil, lines.Errorf("%d columns, a VCF has at least 5", len(fields))
		}
		pos, err := strconv.Atoi(fields[1])
		if err != nil || pos < 1 {
			return nil, lines.Errorf("the position %q is not a whole number of 1 or more", fields[1])
		}
		v := genomics.Variant{Chrom: fields[0], Pos: pos, ID: fields[2], Ref: fields[3], Alt: fields[4]}.InVCF()
		if v.Chrom == "" || v.ID == "" || v.Ref == "" || v.Alt == "" || strings.Contains(v.Alt, ",") {
			return nil, lines.Errorf("%s:%d %s %s: a list has variants with one ALT allele (split the others with 'bcftools norm -m-')", v.Chrom, v.Pos, v.Ref, v.Alt)
		}
		if len(l.Variants) == variants {
			return nil, lines.Errorf("more variants than the %d that were expected", variants)
		}
		if kept -= int64(len(line)); kept < 0 {
			return nil, lines.Errorf("names and alleles are longer than those of %d variants", variants)
		}
		if bytesKept -= int64(len(line)) + variantSize; bytesKept < 0 {
			return nil, lines.Errorf("too many variants for a file of this size; ask for the list again where it was made")
		}
		l.Variants, l.Lines = append(l.Variants, v), append(l.Lines, lines.Number())
	}
	if len(l.Variants) == 0 {
		return nil, fmt.Errorf("%s: no variants", path)
	}
	return l, nil
}

// firstColumns cuts a line before its (n+1)-th column.
func firstColumns(line []byte, n int) []byte {
	for i, c := range line {
		if c != '\t' {
			continue
		}
		if n--; n == 0 {
			return line[:i]
		}
	}
	return line
}

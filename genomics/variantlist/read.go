package variantlist

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/textfile"
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

// Read reads a list: a VCF with or without samples, plain or gzipped. Every record has
// one ALT allele. A variant may stand twice, as in the genotypes that a list was written
// from; aligning refuses that.
func Read(path string) (*List, error) { return ReadUpTo(path, math.MaxInt32) }

// ReadUpTo reads a list from somebody else, of at most so many variants.
func ReadUpTo(path string, variants int) (*List, error) {
	text, err := textfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer text.Close()
	kept := int64(math.MaxInt64) // of a pipe, which is our user's
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if info.Mode().IsRegular() {
		kept = maxLine + maxPacked*info.Size()
	}
	return parseUpTo(path, text, variants, kept)
}

func parse(path string, text io.Reader) (*List, error) {
	return parseUpTo(path, text, math.MaxInt32, math.MaxInt64)
}

// parseUpTo reads up to so many variants, of which up to so many bytes are kept.
func parseUpTo(path string, text io.Reader, variants int, bytesKept int64) (*List, error) {
	l := &List{Path: path}
	scanner := bufio.NewScanner(text)
	scanner.Buffer(nil, maxLine)
	number, headed := 0, false
	// Bytes that may follow.
	kept := maxLine + meanKept*int64(variants)
	read := maxHeader + meanLine*int64(variants)
	for scanner.Scan() {
		number++
		if read -= int64(len(scanner.Bytes())) + 1; read < 0 {
			return nil, fmt.Errorf("%s, line %d: the list is longer than one of %d variants; write it again without samples, as 'genoveil panel' does", path, number, variants)
		}
		if bytes.HasPrefix(scanner.Bytes(), []byte("##")) && !bytes.HasPrefix(scanner.Bytes(), []byte("##reference=")) {
			continue
		}
		// What is kept is the start of the line: samples would fill the memory.
		line := strings.TrimSuffix(string(firstColumns(scanner.Bytes(), 5)), "\r")
		fail := func(format string, args ...any) (*List, error) {
			return nil, fmt.Errorf("%s, line %d: %s", path, number, fmt.Sprintf(format, args...))
		}
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
			return fail("not a VCF: the header has no line #CHROM POS ID REF ALT")
		}
		fields := strings.Split(line, "\t")
		if len(fields) < 5 {
			return fail("%d columns, a VCF has at least 5", len(fields))
		}
		pos, err := strconv.Atoi(fields[1])
		if err != nil || pos < 1 {
			return fail("the position %q is not a whole number from 1 up", fields[1])
		}
		v := genomics.Variant{Chrom: fields[0], Pos: pos, ID: fields[2], Ref: fields[3], Alt: fields[4]}
		if v.Chrom == "" || v.ID == "" || v.Ref == "" || v.Alt == "" || v.Alt == "." || strings.Contains(v.Alt, ",") {
			return fail("%s:%d %s %s: a list has variants with one ALT allele (split the others with 'bcftools norm -m-')", v.Chrom, v.Pos, v.Ref, v.Alt)
		}
		if len(l.Variants) == variants {
			return fail("more variants than the %d that were expected", variants)
		}
		if kept -= int64(len(line)); kept < 0 {
			return fail("names and alleles are longer than those of %d variants", variants)
		}
		if bytesKept -= int64(len(line)) + variantSize; bytesKept < 0 {
			return fail("more variants than a file of this size explains; ask for the list again where it was made")
		}
		l.Variants, l.Lines = append(l.Variants, v), append(l.Lines, number)
	}
	switch err := scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("%s, line %d: longer than %d bytes", path, number+1, maxLine)
	case err != nil:
		return nil, fmt.Errorf("%s, line %d: %w", path, number+1, err)
	case len(l.Variants) == 0:
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

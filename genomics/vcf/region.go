package vcf

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"genoveil/genomics/bgzf"
)

// A region is a range of positions of one chromosome, both ends included.
type region struct {
	chrom    int    // index into the names of the file's index
	name     string // of the chromosome in the file
	from, to int
}

// regions are what is left to read of an indexed file.
type regions struct {
	index *index
	todo  []region // sorted, not overlapping
}

// checkBlocks refuses a file that cannot have an index.
func checkBlocks(file *os.File) error {
	head := make([]byte, bgzf.HeadLen)
	if _, err := io.ReadFull(file, head); err != nil || !bgzf.Detect(head) {
		return fmt.Errorf("%s: regions need a file compressed with bgzip and indexed with tabix -p vcf", file.Name())
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("%s: regions need a file, not a pipe: %w", file.Name(), err)
	}
	return nil
}

// readRegions finds regions in the index of a file.
func readRegions(file *os.File, names []string) (*regions, error) {
	path := file.Name()
	if err := checkBlocks(file); err != nil {
		return nil, err
	}
	idx, err := readIndex(path)
	if err != nil {
		return nil, err
	}
	var todo []region
	for _, name := range names {
		one, err := parseRegion(name, idx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		todo = append(todo, one)
	}
	return &regions{idx, mergeRegions(todo)}, nil
}

// cutRegion cuts chr:from-to after the chromosome's name.
func cutRegion(s string) (name, positions string) {
	if colon := strings.LastIndexByte(s, ':'); colon >= 0 {
		return s[:colon], s[colon+1:]
	}
	return s, ""
}

// notThere is the error of a region on a chromosome that is in none of the files, which
// have records on others.
func notThere(s, have string, chroms []string) error {
	name, _ := cutRegion(s)
	return fmt.Errorf("region %s: no records on chromosome %q; %s records on %s", s, name, have, strings.Join(chroms, ", "))
}

// parseRegion reads chr or chr:from-to, in which one of the positions may be left out.
func parseRegion(s string, idx *index) (region, error) {
	r, ok, err := findRegion(s, idx)
	if err == nil && !ok {
		err = notThere(s, "the file has", idx.names)
	}
	return r, err
}

// findRegion reads a region if the index has its chromosome. A name with a colon in it,
// such as those of HLA contigs, is a chromosome if the index has it.
func findRegion(s string, idx *index) (r region, ok bool, err error) {
	if chrom, ok := idx.find(s); ok {
		return region{chrom, idx.names[chrom], 0, math.MaxInt32}, true, nil
	}
	name, positions := cutRegion(s)
	chrom, ok := idx.find(name)
	if !ok {
		return region{}, false, nil
	}
	from, to, ok := parseRange(positions)
	if !ok {
		return region{}, false, fmt.Errorf("region %s: write it as %s or %s:FROM-TO", s, name, name)
	}
	return region{chrom, idx.names[chrom], from, to}, true, nil
}

// parseRange reads FROM-TO, FROM or FROM- for all from there, and -TO for all up to there,
// as samtools does. Numbers may have commas.
func parseRange(s string) (from, to int, ok bool) {
	first, last, _ := strings.Cut(strings.ReplaceAll(s, ",", ""), "-")
	from, to = 0, math.MaxInt32
	okFirst, okLast := first == "" && last != "", last == ""
	if first != "" {
		from, okFirst = parsePos([]byte(first))
	}
	if last != "" {
		to, okLast = parsePos([]byte(last))
	}
	return from, to, okFirst && okLast && from <= to
}

// String is the opposite of parseRegion.
func (r *region) String() string {
	if r.from == 0 && r.to == math.MaxInt32 {
		return r.name
	}
	return fmt.Sprintf("%s:%d-%d", r.name, r.from, r.to)
}

// mergeRegions sorts regions in the order of the file and joins those that
// overlap, so that each record is met once.
func mergeRegions(all []region) []region {
	slices.SortFunc(all, func(a, b region) int {
		return cmp.Or(cmp.Compare(a.chrom, b.chrom), cmp.Compare(a.from, b.from))
	})
	merged := all[:0]
	for _, r := range all {
		if n := len(merged); n > 0 && merged[n-1].chrom == r.chrom && r.from <= merged[n-1].to {
			merged[n-1].to = max(merged[n-1].to, r.to)
			continue
		}
		merged = append(merged, r)
	}
	return merged
}

// errPast is the end of the records of a region.
var errPast = errors.New("past the region")

// locate returns -1 for a record before the region, 0 inside and 1 past it. The
// number is that of the record's line after the jump.
func (r *region) locate(rec *record, number int) (int, error) {
	here := string(rec.chrom) == r.name
	switch {
	case !here && number == 1:
		return 0, fmt.Errorf("the index leads to chromosome %s", rec.chrom)
	case !here || rec.pos > r.to:
		return 1, nil
	case rec.pos < r.from:
		return -1, nil
	}
	return 0, nil
}

// jump finds the first of the regions that may hold records, drops those before
// it, and returns the first text and the input that follows. It returns io.EOF
// if there is none.
func (rs *regions) jump(file *os.File) (chunk, input, error) {
	for ; len(rs.todo) > 0; rs.next() {
		offset, ok := rs.index.offset(rs.todo[0])
		if !ok {
			continue
		}
		data := io.NewSectionReader(file, offset.File, math.MaxInt64-offset.File)
		in := blockInput{bgzf.NewReader(bufio.NewReaderSize(data, bufferSize), offset.File)}
		var first chunk
		in.next(&first, 1)
		text := new(inflater).inflate(&first)
		err := first.err
		if err == io.EOF && first.blocks.Len() > 0 {
			err = nil // the region has no records
		}
		if before := int(offset.Block); err == nil && before <= len(text) {
			return chunk{text: text[before:], err: first.err}, in, nil
		} else if err == nil {
			err = fmt.Errorf("the block at byte %d is too short", offset.File)
		}
		name := file.Name()
		return chunk{}, nil, fmt.Errorf("%s: cannot jump to region %s; if its index is older than the file, run tabix -f -p vcf %s: %w", name, &rs.todo[0], name, err)
	}
	return chunk{}, nil, io.EOF
}

// next drops the first region.
func (rs *regions) next() { rs.todo = rs.todo[1:] }

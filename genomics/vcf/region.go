package vcf

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/biogo/hts/bgzf"
)

// A region is a range of positions of one chromosome, both ends included.
type region struct {
	chrom    int // index into the names of the file's index
	from, to int
}

// regions are what is left to read of an indexed file.
type regions struct {
	index *index
	todo  []region // sorted, not overlapping; the first is being read
	fresh bool     // no record of the first was seen yet
}

// current spells the region being read.
func (rs *regions) current() string { return rs.index.spell(rs.todo[0]) }

// regionRecords opens an indexed file at the first of the regions.
func regionRecords(file *os.File, names []string) (*records, error) {
	path := file.Name()
	head := make([]byte, 18)
	if _, err := io.ReadFull(file, head); err != nil || !isBGZF(head) {
		return nil, fmt.Errorf("%s: regions need a file compressed with bgzip and indexed with tabix -p vcf", path)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("%s: regions need a file, not a pipe: %w", path, err)
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
	blocks, err := bgzf.NewReader(file, inflaters)
	if err != nil {
		return nil, readError(path, 0, err)
	}
	r, err := textRecords(blocks, blocks, path)
	if err != nil {
		return nil, err
	}
	r.regions = &regions{index: idx, todo: mergeRegions(todo)}
	r.err = r.seekRegion()
	return r, nil
}

// parseRegion reads chr or chr:from-to. A name with a colon in it, such as
// those of HLA contigs, is a chromosome if the index has it.
func parseRegion(s string, idx *index) (region, error) {
	if chrom, ok := idx.find(s); ok {
		return region{chrom, 0, math.MaxInt32}, nil
	}
	name, positions := s, ""
	colon := strings.LastIndexByte(s, ':')
	if colon >= 0 {
		name, positions = s[:colon], s[colon+1:]
	}
	chrom, ok := idx.find(name)
	if !ok {
		return region{}, fmt.Errorf("region %s: there are no records of chromosome %q; there are of %s", s, name, strings.Join(idx.names, ", "))
	}
	first, last, ok := strings.Cut(positions, "-")
	from, ok1 := parsePos([]byte(first))
	to, ok2 := parsePos([]byte(last))
	if !ok || !ok1 || !ok2 || from > to {
		return region{}, fmt.Errorf("region %s: write it as %s or %s:FROM-TO", s, name, name)
	}
	return region{chrom, from, to}, nil
}

// spell is the opposite of parseRegion.
func (x *index) spell(r region) string {
	if r.from == 0 && r.to == math.MaxInt32 {
		return x.names[r.chrom]
	}
	return fmt.Sprintf("%s:%d-%d", x.names[r.chrom], r.from, r.to)
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

// seekRegion jumps to the first of the regions that may hold records. It
// returns io.EOF when none is left.
func (r *records) seekRegion() error {
	for rs := r.regions; len(rs.todo) > 0; rs.todo = rs.todo[1:] {
		offset, ok := rs.index.offset(rs.todo[0])
		if !ok {
			continue
		}
		r.lines.restart()
		rs.fresh = true
		if err := r.bgzf.Seek(offset); err != nil {
			return fmt.Errorf("%s: cannot jump to region %s; if its index is older than the file, run tabix -f -p vcf %s: %w", r.name, rs.current(), r.name, err)
		}
		return nil
	}
	return io.EOF
}

// followRegions reports whether the record lies in the region being read. Past
// its end it jumps to the next.
func (r *records) followRegions(rec record) (bool, error) {
	now := r.regions.todo[0]
	chrom := r.regions.index.names[now.chrom]
	if string(rec.chrom) != chrom && r.regions.fresh {
		return false, r.errorf("the index leads to chromosome %s", rec.chrom)
	}
	r.regions.fresh = false
	if string(rec.chrom) == chrom && rec.pos <= now.to {
		return rec.pos >= now.from, nil
	}
	r.regions.todo = r.regions.todo[1:]
	return false, r.seekRegion()
}

package bam

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/biogo/hts/sam"
)

// deepReads writes a file of reads of 50 bases C, each of so many at a position.
func deepReads(t *testing.T, each int, positions ...int) string {
	t.Helper()
	h, err := sam.NewHeader([]byte(head+group), nil)
	check(t, err)
	letters, quality := slices.Repeat([]byte("C"), 50), slices.Repeat([]byte{40}, 50)
	var records []*sam.Record
	for _, pos := range positions {
		for range each {
			r, err := sam.NewRecord("r", h.Refs()[0], nil, pos, -1, 0, 60, []sam.CigarOp{sam.NewCigarOp(sam.CigarMatch, 50)}, letters, quality, nil)
			check(t, err)
			records = append(records, r)
		}
	}
	path := filepath.Join(t.TempDir(), "deep.bam")
	writeBlocks(t, path, h, records, 200)
	return path
}

// TestCarryIsBounded calls sites one a window where far more reads than are looked at
// reach from one to the next: those of two amplicons that overlap, and reads that begin
// anywhere. Each site has as many as it can, and few are kept.
func TestCarryIsBounded(t *testing.T) {
	var anywhere []int
	for i := range 45 {
		anywhere = append(anywhere, 101+i)
	}
	for name, path := range map[string]string{
		"amplicons": deepReads(t, 2*maxDepth+4000, 100, 140),
		"anywhere":  deepReads(t, 700, anywhere...),
	} {
		var text strings.Builder
		text.WriteString(vcfHead)
		positions := []int{141, 145, 145, 148, 150, 160, 180}
		if name == "anywhere" {
			positions = []int{130, 140, 145, 145, 146, 147, 150, 151, 170}
		}
		for _, pos := range positions {
			fmt.Fprintf(&text, "chr1\t%d\t.\tC\tT\t.\t.\t.\n", pos)
		}
		o := Options{Threads: 1, window: 1}
		got, c := callAll(t, text.String(), []string{path}, o)
		for _, s := range got {
			if depth := s.Calls[0].Depth; depth != maxDepth {
				t.Errorf("%s: depth %d at %d", name, depth, s.Variant.Pos)
			}
		}
		reads := c.files[0].carry.reads
		if len(got) != len(positions) || len(reads) > 0 || cap(reads) > 3*maxDepth || cap(reads) < maxDepth {
			t.Errorf("%s: %d sites, %d reads kept, room for %d", name, len(got), len(reads), cap(reads))
		}
		// In one window, which is the contig's last, no read is kept.
		o.window = 0
		once, c := callAll(t, text.String(), []string{path}, o)
		compare(t, got, once)
		if cap(c.files[0].carry.reads) > 0 {
			t.Errorf("%s: room for %d reads in the last window", name, cap(c.files[0].carry.reads))
		}
	}
}

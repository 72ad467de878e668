package bam

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/bgzf"
)

// TestNoEndMarker reads files without an end marker. Those that end behind a block and
// a record are read, and all of them are counted once.
func TestNoEndMarker(t *testing.T) {
	t.Chdir(t.TempDir())
	const (
		blockCut  = "a.bam: the file ends early (no BGZF end marker); copy it again, and check it with samtools quickcheck"
		indexCut  = "a.bam.bai: the index is damaged or belongs to a different file (its reads end where those of the BAM file do not); make it again with samtools index"
		recordCut = "the file ends within a record; copy the file again, and check it with samtools view -c"
	)
	marker := len(bgzf.EndMarker)
	// lastBlock is where the last block begins that has any text.
	lastBlock := func(data []byte) int64 {
		b := newBlocks(bytes.NewReader(data))
		at := int64(0)
		for b.load() == nil {
			at = b.begin
		}
		return at
	}
	for _, test := range []struct {
		name    string
		change  func(b []byte) []byte
		indexed string // the error with an index, or none
		bare    string // how that without an index ends, or none
	}{
		{"as of 2009", func(b []byte) []byte { return b[:len(b)-marker] }, "", ""},
		{"as of 2009, two blocks in place of one", func(b []byte) []byte { return slices.Concat(b[:len(b)-marker], block(nil)) }, "", ""},
		{"cut in the marker", func(b []byte) []byte { return b[:len(b)-1] }, blockCut, blockCut},
		{"cut in the last block", func(b []byte) []byte { return b[:len(b)-marker-1] }, blockCut, blockCut},
		{"cut after the header of the last block", func(b []byte) []byte { return b[:lastBlock(b)+18] }, blockCut, blockCut},
		{"bytes behind the last block", func(b []byte) []byte { return append(b[:len(b)-marker], 0) }, blockCut, blockCut},
		{"a block is missing", func(b []byte) []byte { return b[:lastBlock(b)] }, indexCut, ""},
		{"a block is missing in a record", func(b []byte) []byte {
			return append(b[:len(b)-marker], block([]byte(fixedPart(37, 2)+"n\x00a"))...)
		}, indexCut, recordCut},
		{"a block is missing in the length of a record", func(b []byte) []byte {
			return append(b[:len(b)-marker], block([]byte("\x25\x00"))...)
		}, indexCut, recordCut},
	} {
		for _, indexed := range []bool{true, false} {
			writeSAM(t, "a.bam", head+group+manyReads(8, 9))
			rewrite(t, "a.bam", test.change)
			want := test.indexed
			if !indexed {
				check(t, os.Remove("a.bam.bai"))
				want = test.bare
			}
			_, c, err := tryCallAll(t, vcfHead+site1, []string{"a.bam"}, usual)
			if want != "" {
				if err == nil || !strings.HasSuffix(err.Error(), want) {
					t.Errorf("%s, with an index: %t: %v", test.name, indexed, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s, with an index: %t: %v", test.name, indexed, err)
				continue
			}
			warned := 0
			for _, note := range c.Notes() {
				if note.Warning && strings.HasPrefix(note.Text, "1 of 1 BAM files have no end marker (a.bam, for example). ") {
					warned++
				}
			}
			if warned != 1 {
				t.Errorf("%s, with an index: %t: %d warnings in %v", test.name, indexed, warned, c.Notes())
			}
		}
	}
}

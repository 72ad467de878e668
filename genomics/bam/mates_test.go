package bam

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestStaleMates has pairs whose mates overlap, and whose records say that the other
// mate begins elsewhere, as they do in files whose reads were moved. Both mates count as
// one over a site, in one window and across windows.
func TestStaleMates(t *testing.T) {
	const lines = "a\t%d\tchr1\t10\t60\t6M\t%s\t%s\t0\tACGTAC\tIIIIII\n" + "a\t%d\tchr1\t12\t60\t6M\t%s\t%s\t0\tGTACGT\tIIIIII\n"
	sites := vcfHead + "chr1\t11\t.\tC\tT\t.\t.\t.\n" + "chr1\t13\t.\tT\tC\t.\t.\t.\n" + "chr1\t15\t.\tC\tT\t.\t.\t.\n" + "chr1\t17\t.\tT\tC\t.\t.\t.\n"
	for _, test := range []struct {
		name          string
		flags1        int
		contig1, pos1 string
		flags2        int
		contig2, pos2 string
		depth         [4]uint16
	}{
		{"right", 99, "=", "12", 147, "=", "10", [4]uint16{1, 1, 1, 1}},
		{"before the move", 99, "=", "712", 147, "=", "710", [4]uint16{1, 1, 1, 1}},
		{"one is right", 99, "=", "712", 147, "=", "10", [4]uint16{1, 1, 1, 1}},
		{"another contig", 99, "chr2", "12", 147, "chr2", "10", [4]uint16{1, 1, 1, 1}},
		{"none", 65, "*", "0", 129, "*", "0", [4]uint16{1, 1, 1, 1}},
		{"no pair", 0, "*", "0", 0, "*", "0", [4]uint16{1, 2, 2, 1}},
		{"mates are unmapped", 73, "=", "10", 137, "=", "12", [4]uint16{1, 2, 2, 1}},
	} {
		text := head + group + fmt.Sprintf(lines, test.flags1, test.contig1, test.pos1, test.flags2, test.contig2, test.pos2)
		path := writeSAM(t, filepath.Join(t.TempDir(), "a.bam"), text+strings.Repeat("z\t4\t*\t0\t0\t*\t*\t0\t0\tACGTAC\tIIIIII\n", 2))
		for _, window := range []int{0, 1, 3} {
			got, _ := callAll(t, sites, []string{path}, Options{Threads: 1, window: window})
			for i, s := range got {
				if s.Calls[0].Depth != test.depth[i] {
					t.Errorf("%s, window %d: depth %d at %d, want %d", test.name, window, s.Calls[0].Depth, s.Variant.Pos, test.depth[i])
				}
			}
		}
	}
}

// TestManyMates has more fragments over a site than the marks of mayHaveMates tell
// apart, some of them with both mates.
func TestManyMates(t *testing.T) {
	var text strings.Builder
	text.WriteString(head + group)
	for i := range 3000 {
		fmt.Fprintf(&text, "f%d\t65\tchr1\t10\t60\t4M\tchr2\t400\t0\tACGT\tIIII\n", i)
		if i%3 == 0 {
			fmt.Fprintf(&text, "f%d\t129\tchr1\t10\t60\t4M\tchr2\t400\t0\tACGT\tIIII\n", i)
		}
	}
	text.WriteString("z\t4\t*\t0\t0\t*\t*\t0\t0\tACGT\tIIII\n")
	got, _ := callAll(t, vcfHead+site1, []string{writeSAM(t, filepath.Join(t.TempDir(), "a.bam"), text.String())}, usual)
	if depth := got[0].Calls[0].Depth; depth != 3000 {
		t.Errorf("depth %d", depth)
	}
}

package bam

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/genomics/bam/readsim"
)

// manyReads are reads of 4 bases, one every 10 from a position on.
func manyReads(from, n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "r%d\t0\tchr1\t%d\t60\t4M\t*\t0\t0\tACGT\tIIII\n", i, from+10*i)
	}
	return text.String()
}

const unplaced = "u\t4\t*\t0\t0\t*\t*\t0\t0\tACGT\tIIII\n"

// TestIndexOfAnotherFile refuses files with the index of another, and takes them with
// their own.
func TestIndexOfAnotherFile(t *testing.T) {
	files := map[string]string{
		"whole":          head + group + manyReads(10, 40),
		"part":           head + group + manyReads(10, 20),
		"end":            head + group + manyReads(210, 20),
		"unplaced":       head + group + manyReads(10, 40) + strings.Repeat(unplaced, 30),
		"part, unplaced": head + group + manyReads(10, 20) + strings.Repeat(unplaced, 50),
		"only unplaced":  head + group + strings.Repeat(unplaced, 3),
		"no reads":       head + group,
	}
	dir := t.TempDir()
	for name, text := range files {
		writeSAM(t, filepath.Join(dir, name), text)
	}
	for name := range files {
		for other := range files {
			for _, suffix := range []string{".bai", ".csi"} {
				path := filepath.Join(dir, other)
				if suffix == ".csi" {
					check(t, readsim.Index{Shift: 14, Levels: 5}.WriteCSI(path))
				}
				idx, err := os.ReadFile(path + suffix)
				check(t, err)
				data, err := os.ReadFile(filepath.Join(dir, name))
				check(t, err)
				alone := filepath.Join(t.TempDir(), "a.bam")
				check(t, os.WriteFile(alone, data, 0o666))
				check(t, os.WriteFile(alone+suffix, idx, 0o666))
				f, err := open(alone)
				if err == nil {
					check(t, f.handle.Close())
				}
				if name == "only unplaced" || name == "no reads" {
					if want := alone + ": no read has a place on the genome; leave the file out, or align its reads"; err == nil || err.Error() != want {
						t.Errorf("%s: %v", name, err)
					}
					continue
				}
				// Where the reads with a place stand at the same bytes, one index is right for both.
				placed := func(name string) string {
					return map[string]string{"unplaced": "whole", "part, unplaced": "part"}[name]
				}
				right := name == other || placed(name) == other || placed(other) == name
				want := alone + suffix + ": the index is damaged or belongs to a different file (its reads end where those of the BAM file do not); make it again with samtools index"
				if right && err != nil || !right && (err == nil || err.Error() != want) {
					t.Errorf("%s with the index%s of %s: %v", name, suffix, other, err)
				}
			}
		}
	}
}

// TestIndexBeyondContigs refuses an index that has reads where the contigs have no bases.
func TestIndexBeyondContigs(t *testing.T) {
	for _, suffix := range []string{".bai", ".csi"} {
		data, err := os.ReadFile("testdata/far.bam" + suffix)
		check(t, err)
		for _, test := range []struct {
			lengths []int
			want    string
		}{
			{[]int{80_000_000, 20_000_000, 900}, ""},
			{[]int{60_000_000, 20_000_000, 900}, "it has reads beyond the end of contig 1"},
			{[]int{80_000_000, 10_000_000, 900}, "it has reads beyond the end of contig 2"},
			{[]int{80_000_000, 20_000_000}, "it has 3 contigs, the BAM file 2"},
		} {
			var contigs []contig
			for i, n := range test.lengths {
				contigs = append(contigs, contig{fmt.Sprint(i + 1), n})
			}
			_, err := readEnd(bufio.NewReader(bytes.NewReader(data)), contigs)
			if got := fmt.Sprint(err); got != test.want && !(err == nil && test.want == "") {
				t.Errorf("%s, %v: %v", suffix, test.lengths, err)
			}
		}
	}
}

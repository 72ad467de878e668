package bam

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	hts "github.com/biogo/hts/bam"
	"github.com/biogo/hts/sam"

	"genoveil/genomics/bam/readsim"
)

// readsOf returns the reads of a file with their offsets and ends.
func readsOf(t *testing.T, path string) (header *sam.Header, records []*sam.Record, begins []offset) {
	file, err := os.Open(path)
	check(t, err)
	defer file.Close()
	r, err := hts.NewReader(file, 1)
	check(t, err)
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return r.Header(), records, begins
		}
		check(t, err)
		records = append(records, rec)
		at := r.LastChunk().Begin
		begins = append(begins, offset(at.File<<16|int64(at.Block)))
	}
}

// checkTables compares the tables of an index with a search of all reads. They must
// never lead too far, nor, but for a tile or a bin of few reads, far too early.
func checkTables(t *testing.T, path string, idx *index) {
	t.Helper()
	header, records, begins := readsOf(t, path)
	for k, ref := range header.Refs() {
		table, err := idx.table(k, len(header.Refs()))
		check(t, err)
		exact := 0
		for tile := range ref.Len()>>tileShift + 1 {
			from, to := tile<<tileShift, (tile+1)<<tileShift
			// The first read that covers the tile, and whether any covers it or
			// lies behind it.
			first, any := offset(0), false
			for i := len(records) - 1; i >= 0; i-- {
				if r := records[i]; r.Ref.ID() == k && r.End() > from {
					any = true
					if r.Pos < to {
						first = begins[i]
					}
				}
			}
			got, ok := table.lookup(from)
			if any && !ok || first != 0 && got > first {
				t.Errorf("%s: contig %d, tile %d: %x, %t, but the first read is at %x", idx.path, k, tile, got, ok, first)
			}
			if first != 0 && got == first {
				exact++
			}
		}
		if exact == 0 && k < 2 {
			t.Errorf("%s: no tile of contig %d has the offset of its first read", idx.path, k)
		}
	}
}

// TestSamtoolsIndexes reads indexes that samtools 1.16 wrote: "samtools index
// far.bam" and "samtools index -c far.bam".
func TestSamtoolsIndexes(t *testing.T) {
	checkTables(t, "testdata/far.bam", &index{"testdata/far.bam.bai", readBAI})
	checkTables(t, "testdata/far.bam", &index{"testdata/far.bam.csi", readCSI})
}

// TestOwnIndexes does so with the indexes that other tests use.
func TestOwnIndexes(t *testing.T) {
	data, err := os.ReadFile("testdata/far.bam")
	check(t, err)
	path := filepath.Join(t.TempDir(), "far.bam")
	check(t, os.WriteFile(path, data, 0o666))
	check(t, readsim.WriteBAI(path))
	checkTables(t, path, &index{path + ".bai", readBAI})
	for _, shift := range []int{10, 14, 17} {
		check(t, readsim.Index{Shift: shift, Levels: 6}.WriteCSI(path))
		checkTables(t, path, &index{path + ".csi", readCSI})
	}
}

// TestJumps calls few sites far apart. Through the index, little of the file is read.
func TestJumps(t *testing.T) {
	var text strings.Builder
	text.WriteString(vcfHead)
	for _, pos := range []int{5000, 5001, 131073, 8388610, 67108870, 79990000} {
		fmt.Fprintf(&text, "1\t%d\t.\tA\tC\t.\t.\tAF=0.5\n", pos)
	}
	fmt.Fprint(&text, "2\t1048580\t.\tA\tC\t.\t.\t.\n2\t16777216\t.\tA\tC\t.\t.\t.\n2\t19990001\t.\tG\tC\t.\t.\t.\n3\t30\t.\tG\tC\t.\t.\t.\n")
	// The reads are of random bases, so most are neither of a site's alleles.
	o := Options{Threads: 1, jump: 1}
	data, err := os.ReadFile("testdata/far.bam")
	check(t, err)
	want := twinCalls(t, text.String(), []string{"testdata/far.bam"}, o)
	for _, suffix := range []string{".bai", ".csi", ""} {
		path := filepath.Join(t.TempDir(), "far.bam")
		check(t, os.WriteFile(path, data, 0o666))
		if suffix != "" {
			idx, err := os.ReadFile("testdata/far.bam" + suffix)
			check(t, err)
			check(t, os.WriteFile(path+suffix, idx, 0o666))
		}
		got, c := callAll(t, text.String(), []string{path}, o)
		compare(t, want, got)
		if jumps := c.files[0].jumps; (jumps > 0) != (suffix != "") {
			t.Errorf("%q: %d jumps", suffix, jumps)
		}
	}
}

// TestStaleIndex opens a file with the index of another.
func TestStaleIndex(t *testing.T) {
	data, err := os.ReadFile("testdata/far.bam")
	check(t, err)
	path := filepath.Join(t.TempDir(), "far.bam")
	check(t, os.WriteFile(path, data, 0o666))
	header, records, _ := readsOf(t, path)
	writeBlocks(t, path, header, records, 3)
	for _, suffix := range []string{".bai", ".csi"} {
		os.Remove(path + ".bai")
		idx, err := os.ReadFile("testdata/far.bam" + suffix)
		check(t, err)
		check(t, os.WriteFile(path+suffix, idx, 0o666))
		_, _, err = tryCallAll(t, vcfHead+"1\t67108870\t.\tA\tC\t.\t.\tAF=0.5\n", []string{path}, Options{Threads: 1, jump: 1})
		if want := path + suffix + ": the index is damaged or belongs to a different file (its reads end where those of the BAM file do not); make it again with samtools index"; err == nil || err.Error() != want {
			t.Error(err)
		}
	}
}

// TestIndexLeadsAstray jumps with an index that ends as the file does, but leads to a
// place that is none: it must not end in calls.
func TestIndexLeadsAstray(t *testing.T) {
	data, err := os.ReadFile("testdata/far.bam")
	check(t, err)
	path := filepath.Join(t.TempDir(), "far.bam")
	check(t, os.WriteFile(path, data, 0o666))
	idx, err := os.ReadFile("testdata/far.bam.bai")
	check(t, err)
	table, err := (&index{"testdata/far.bam.bai", readBAI}).table(0, 3)
	check(t, err)
	to, ok := table.lookup(67108869)
	if !ok {
		t.Fatal("no reads there")
	}
	right := binary.LittleEndian.AppendUint64(nil, uint64(to))
	idx = bytes.ReplaceAll(idx, right, binary.LittleEndian.AppendUint64(nil, uint64(to+1<<16)))
	check(t, os.WriteFile(path+".bai", idx, 0o666))
	_, _, err = tryCallAll(t, vcfHead+"1\t67108870\t.\tA\tC\t.\t.\tAF=0.5\n", []string{path}, Options{Threads: 1, jump: 1})
	if want := ". Or " + path + ".bai belongs to a different file; make it again with samtools index " + path; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Error(err)
	}
}

// FuzzIndex reads any bytes as an index: it must end, and take no more memory than
// the tables of contigs can.
func FuzzIndex(f *testing.F) {
	for _, suffix := range []string{".bai", ".csi"} {
		data, err := os.ReadFile("testdata/far.bam" + suffix)
		check(f, err)
		f.Add(data, 1)
	}
	f.Fuzz(func(t *testing.T, data []byte, number int) {
		if number < 0 || number > 3 {
			return
		}
		for _, read := range []func(*bufio.Reader, int, int) (table, error){readBAI, readCSI} {
			table, err := read(bufio.NewReader(bytes.NewReader(data)), number, 4)
			if err == nil && len(table) > 1<<17 {
				t.Errorf("%d tiles", len(table))
			}
		}
		readEnd(bufio.NewReader(bytes.NewReader(data)), make([]contig, 4))
	})
}

// TestSmallBinsOfCSI has bins of 4 KB (samtools index -c -m 12). Reads may cover the
// beginning of a tile and end before the first such bin of it that is there, so only
// a bin at the beginning of a tile tells the tile's offset.
func TestSmallBinsOfCSI(t *testing.T) {
	const shift, levels, begin = 12, 6, (1<<18 - 1) / 7 // the bins of the lowest level
	var got table
	got = got.bin(begin+0, 50, shift, levels)  // the beginning of tile 0
	got = got.bin(begin+5, 300, shift, levels) // the second quarter of tile 1
	got = got.bin(begin+8, 400, shift, levels) // the beginning of tile 2
	got = got.fill(50)
	for tile, want := range []offset{50, 50, 400} {
		if got[tile] != want {
			t.Errorf("tile %d at %d, want %d", tile, got[tile], want)
		}
	}
	var late table
	late = late.bin(begin+1, 70, shift, levels).bin(begin+4, 90, shift, levels).fill(70)
	if late[0] != 70 {
		t.Errorf("the first tile at %d, want 70: the lowest offset of the contig", late[0])
	}
}

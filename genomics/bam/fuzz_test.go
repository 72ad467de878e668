package bam

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/biogo/hts/bgzf"

	ours "genoveil/genomics/bgzf"
	"genoveil/genomics/sites"
)

// block makes a BGZF block whose data are stored, not compressed.
func block(data []byte) []byte {
	out := []byte("\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\x06\x00BC\x02\x00")
	word := binary.LittleEndian.AppendUint16
	out = word(out, uint16(18+5+len(data)+8-1))
	out = word(append(out, 1), uint16(len(data)))
	out = append(word(out, ^uint16(len(data))), data...)
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(data))
	return binary.LittleEndian.AppendUint32(out, uint32(len(data)))
}

// unblocked is the twin of blocks: all data of testdata/far.bam, as biogo reads it.
func unblocked(t testing.TB) []byte {
	file, err := os.Open("testdata/far.bam")
	check(t, err)
	defer file.Close()
	r, err := bgzf.NewReader(file, 1)
	check(t, err)
	data, err := io.ReadAll(r)
	check(t, err)
	return data
}

// TestBlocks compares the block reader with biogo's, with takes of any size.
func TestBlocks(t *testing.T) {
	t.Parallel()
	want := unblocked(t)
	data, err := os.ReadFile("testdata/far.bam")
	check(t, err)
	for _, size := range []int{1, 3, 1000, 65_536, 70_000, 200_000, len(want)} {
		b := newBlocks(bytes.NewReader(data))
		var got, spill []byte
		places := map[offset]int{0: 0}
		for len(got)+size <= len(want) {
			part, err := b.take(size, &spill)
			check(t, err)
			got = append(got, part...)
			places[b.at()] = len(got)
		}
		if !bytes.Equal(got, want[:len(got)]) {
			t.Fatalf("%d bytes at a time: other data", size)
		}
		if _, err := b.take(len(want)-len(got)+1, &spill); err != io.ErrUnexpectedEOF && len(want) > len(got) || err == nil {
			t.Errorf("beyond the end: %v", err)
		}
		// Seeking leads back to the same data.
		for at, place := range places {
			if size < 1000 && at%97 != 0 || place == len(want) {
				continue
			}
			check(t, b.seek(at))
			part, err := b.take(min(5, len(want)-place), &spill)
			if err != nil || !bytes.Equal(part, want[place:place+len(part)]) || b.at() == at {
				t.Fatalf("at %x: %v, %v", at, part, err)
			}
		}
	}
}

// TestSeekEmptyBlock seeks blocks without data, as an index may point to: there the
// next data begin. A place within such a block is an error, and so is one behind the data.
func TestSeekEmptyBlock(t *testing.T) {
	data := slices.Concat(block([]byte("abc")), block(nil), block(nil), block([]byte("defg")), []byte(ours.EndMarker))
	b := newBlocks(bytes.NewReader(data))
	full, empty := len(block([]byte("abc"))), len(block(nil))
	behind := full + 2*empty
	marker := behind + len(block([]byte("defg")))
	for _, test := range []struct {
		block, within int
		want          string
	}{
		{0, 0, "abc"}, {0, 2, "cde"}, {0, 3, "def"}, {full, 0, "def"}, {full + empty, 0, "def"}, {behind, 1, "efg"},
		{0, 4, "the block at byte 0 is shorter than the index says"},
		{full, 1, fmt.Sprintf("the block at byte %d is shorter than the index says", full)},
		{full + empty, 4, fmt.Sprintf("the block at byte %d is shorter than the index says", full+empty)},
		{behind, 5, fmt.Sprintf("the block at byte %d is shorter than the index says", behind)},
		{marker, 0, "EOF"}, {len(data), 0, "EOF"},
	} {
		var spill []byte
		err := b.seek(offset(test.block<<16 | test.within))
		got := []byte(fmt.Sprint(err))
		if err == nil {
			got, err = b.take(3, &spill)
			check(t, err)
		}
		if string(got) != test.want {
			t.Errorf("byte %d of the block at %d: %q, want %q", test.within, test.block, got, test.want)
		}
	}
}

// FuzzBlocks inflates any bytes.
func FuzzBlocks(f *testing.F) {
	f.Add(slices.Concat(block([]byte("some data")), block(nil), block([]byte("more"))), 9, uint64(3))
	data, err := os.ReadFile("testdata/far.bam")
	check(f, err)
	f.Add(data[:30_000], 100, uint64(1)<<16)
	f.Fuzz(func(t *testing.T, data []byte, size int, at uint64) {
		b := newBlocks(bytes.NewReader(data))
		var spill []byte
		if size < 0 {
			return
		}
		for {
			part, err := b.take(size, &spill)
			if err != nil || size == 0 {
				break
			}
			if len(part) != size {
				t.Fatalf("%d bytes instead of %d", len(part), size)
			}
		}
		b.seek(offset(at) & (1<<40 - 1))
		b.take(1, &spill)
	})
}

// FuzzHeader reads any bytes as a BAM header.
func FuzzHeader(f *testing.F) {
	f.Add(unblocked(f)[:300])
	f.Fuzz(func(t *testing.T, data []byte) {
		var file []byte
		for part := range slices.Chunk(data, 100) {
			file = append(file, block(part)...)
		}
		h, err := readHeader(newBlocks(bytes.NewReader(file)))
		if err == nil {
			h.sample()
		}
	})
}

// FuzzRecords calls sites from any bytes as records. What is called from them does
// not depend on the windows.
func FuzzRecords(f *testing.F) {
	f.Add(unblocked(f)[100:3000], []byte{200, 7, 0, 9})
	records := unblocked(f)
	f.Add(records[recordsBegin(f):][:4000], []byte{19, 136, 1, 1})
	f.Fuzz(func(t *testing.T, data []byte, gaps []byte) {
		// Which of more than maxDepth reads count does depend on the windows.
		if len(gaps) == 0 || len(gaps) > 50 || len(data) > maxDepth*fixed {
			return
		}
		w := &window{positions: make([]int32, len(gaps)), alleles: make([][2]byte, len(gaps)), priors: make([]prior, len(gaps)), sites: make([]sites.Site, len(gaps))}
		at := int32(0)
		for i, gap := range gaps {
			at += int32(gap) * 20
			w.positions[i] = at
			w.alleles[i] = [2]byte{gap % 4, (gap + 1) % 4}
		}
		var whole []byte
		for part := range slices.Chunk(data, 300) {
			whole = append(whole, block(part)...)
		}
		whole = append(whole, ours.EndMarker...)
		call := func(size int) ([]Call, error) {
			s := newScanner(&file{contigs: []contig{{"1", 1 << 30}, {"2", 1 << 30}}, blocks: newBlocks(bytes.NewReader(whole))}, minJump)
			p := &pile{options: Options{}, stop: new(atomic.Bool)}
			calls := make([]Call, len(gaps))
			for from := 0; from < len(gaps); from += size {
				to := min(from+size, len(gaps))
				next := math.MaxInt
				if to < len(gaps) {
					next = int(w.positions[to])
				}
				p.reset(&window{positions: w.positions[from:to], next: next, alleles: w.alleles[from:to], priors: w.priors[from:to], sites: w.sites[from:to]}, calls[from:to])
				if err := s.scan(p, 0); err != nil {
					return nil, err
				}
			}
			return calls, nil
		}
		once, err1 := call(len(gaps))
		parts, err2 := call(1)
		if (err1 == nil) != (err2 == nil) || !slices.Equal(once, parts) {
			t.Fatalf("in one window %v, %v; in several %v, %v", once, err1, parts, err2)
		}
	})
}

func recordsBegin(t testing.TB) int {
	file, err := os.Open("testdata/far.bam")
	check(t, err)
	defer file.Close()
	b := newBlocks(file)
	_, err = readHeader(b)
	check(t, err)
	return int(b.at() & 0xffff)
}

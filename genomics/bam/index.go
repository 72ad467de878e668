package bam

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// A table leads from places on a contig to places in a file. For every tile of
// 2^tileShift bases it has an offset at or before the first read that covers any of
// them. No read covers what lies beyond its end.
//
// It is all that is kept of an index, and of one contig at a time: 120 KB for the
// longest human one, where biogo's index of a whole genome takes some 30 MB. Besides,
// biogo's does not tell the first offset of a tile, and searching a CSI index with it
// leads back to the first read that spans a border of 64 million bases.
type table []offset

const tileShift = 14

// lookup returns an offset at or before the first read that covers a position or
// lies behind it, or false if there is none.
func (t table) lookup(pos int) (offset, bool) {
	if tile := pos >> tileShift; tile < len(t) {
		return t[tile], true
	}
	return 0, false
}

// An index is a file beside a BAM file.
type index struct {
	path string
	read func(r *bufio.Reader, contig, contigs int) (table, error)
}

// findIndex finds the index of a BAM file. It returns nil if there is none, and
// whether the index is older than the file.
func findIndex(path string, modified time.Time) (idx *index, stale bool, err error) {
	for _, candidate := range []index{
		{path + ".bai", readBAI},
		{path + ".csi", readCSI},
		{strings.TrimSuffix(path, ".bam") + ".bai", readBAI},
		{strings.TrimSuffix(path, ".bam") + ".csi", readCSI},
	} {
		info, err := os.Stat(candidate.path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return &candidate, err == nil && info.ModTime().Before(modified), err
	}
	return nil, false, nil
}

// table reads the part of a contig, which is one of several.
func (x *index) table(contig, contigs int) (table, error) {
	file, err := os.Open(x.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	t, err := x.read(bufio.NewReaderSize(file, 1<<16), contig, contigs)
	if err != nil {
		return nil, x.wrong(err)
	}
	return t, nil
}

var (
	errMagic  = errors.New("it does not begin as an index")
	errNumber = errors.New("a number is out of range")
)

// words reads an index's little-endian numbers. After an error they are 0.
type words struct {
	r   *bufio.Reader
	buf [8]byte
	err error
}

// bytes returns the next n bytes, at most 8.
func (w *words) bytes(n int) []byte {
	if w.err == nil {
		_, w.err = io.ReadFull(w.r, w.buf[:n])
	}
	if w.err != nil {
		clear(w.buf[:])
	}
	return w.buf[:n]
}

func (w *words) uint32() uint32 { return binary.LittleEndian.Uint32(w.bytes(4)) }
func (w *words) offset() offset { return offset(binary.LittleEndian.Uint64(w.bytes(8))) }

// count reads a number of things.
func (w *words) count() int {
	n := w.uint32()
	if n > math.MaxInt32 && w.err == nil {
		w.err = errNumber
	}
	if w.err != nil {
		return 0
	}
	return int(n)
}

func (w *words) skip(n int) {
	if w.err == nil {
		_, w.err = w.r.Discard(n)
	}
}

// contigs reads the number of contigs, of which the BAM file has more if the last
// have no reads. It reports whether the one looked for is there.
func (w *words) contigs(contig, all int) bool {
	n := w.count()
	if w.err == nil && n > all {
		w.err = fmt.Errorf("it has %d contigs, the BAM file %d", n, all)
	}
	return contig < n
}

// readBAI reads the linear index of a contig (SAM specification, section 5.2).
func readBAI(r *bufio.Reader, contig, contigs int) (table, error) {
	w := &words{r: r}
	if string(w.bytes(4)) != "BAI\x01" && w.err == nil {
		return nil, errMagic
	}
	if !w.contigs(contig, contigs) {
		return nil, w.err
	}
	for k := 0; w.err == nil; k++ {
		for bins := w.count(); bins > 0 && w.err == nil; bins-- {
			w.skip(4)
			w.skip(16 * w.count())
		}
		tiles := w.count()
		if k < contig {
			w.skip(8 * tiles)
			continue
		}
		var t table
		for ; tiles > 0 && w.err == nil; tiles-- {
			t = append(t, w.offset())
		}
		return t.fill(0), w.err
	}
	return nil, w.err
}

// fill gives tiles without an offset that of the tile before, as the first read
// that covers a tile does not stand before the first that covers an earlier one.
// Where there is none before, it is `lowest`, or if that is 0 the first of the table.
func (t table) fill(lowest offset) table {
	last := lowest
	for _, o := range t {
		if last != 0 {
			break
		}
		last = o
	}
	for i := range t {
		if t[i] == 0 {
			t[i] = last
		}
		last = t[i]
	}
	return t
}

// readCSIHead reads what stands before the contigs: how they are cut into bins.
func (w *words) readCSIHead() (shift, levels int, err error) {
	if string(w.bytes(4)) != "CSI\x01" && w.err == nil {
		return 0, 0, errMagic
	}
	shift, levels = w.count(), w.count()
	if shift+3*levels > 40 || levels > 10 {
		return 0, 0, errNumber
	}
	w.skip(w.count())
	return shift, levels, nil
}

// binRange returns where a bin begins, and log2 of how many bases it has: the tree has
// the whole contig as bin 0, and each level divides a range by eight. It returns false
// for what is no bin of the tree (statistics).
func binRange(bin, shift, levels int) (begin, width int, ok bool) {
	level, first, size := 0, 0, 1 // the bins of a level, which begins with the bin first
	for ; bin >= first+size; level++ {
		if level == levels {
			return 0, 0, false
		}
		first += size
		size *= 8
	}
	width = shift + 3*(levels-level)
	return (bin - first) << width, width, true
}

// readCSI makes a table of the bins of a contig (CSI specification). A bin has the
// offset of the first read that covers the beginning of its range.
func readCSI(r *bufio.Reader, contig, contigs int) (table, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	w := &words{r: bufio.NewReader(z)}
	shift, levels, err := w.readCSIHead()
	if err != nil {
		return nil, err
	}
	if !w.contigs(contig, contigs) {
		return nil, w.err
	}
	for k := 0; w.err == nil; k++ {
		var t table
		var lowest offset
		for bins := w.count(); bins > 0 && w.err == nil; bins-- {
			bin, first := int(w.uint32()), w.offset()
			w.skip(16 * w.count())
			if k == contig && w.err == nil {
				t = t.bin(bin, first, shift, levels)
				if first != 0 && (lowest == 0 || first < lowest) {
					lowest = first
				}
			}
		}
		if k == contig {
			return t.fill(lowest), w.err
		}
	}
	return nil, w.err
}

// bin enters a bin of a CSI index. What is no bin of the tree is left out, and so is the
// offset of a bin that begins within a tile: reads may cover the tile's beginning and end
// before the bin.
func (t table) bin(bin int, first offset, shift, levels int) table {
	begin, width, ok := binRange(bin, shift, levels)
	if !ok {
		return t
	}
	from := begin >> tileShift
	to := min(begin+1<<width, math.MaxInt32)>>tileShift + 1
	for len(t) < min(to, math.MaxInt32>>tileShift) {
		t = append(t, 0)
	}
	aligned := begin&(1<<tileShift-1) == 0
	if aligned && from < len(t) && (t[from] == 0 || first < t[from]) {
		t[from] = first
	}
	return t
}

package readsim

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/biogo/hts/bam"
	"github.com/biogo/hts/bgzf"
	"github.com/biogo/hts/sam"
)

// An Index says how the contigs are cut into bins: leaves of 2^Shift bases, and
// Levels levels above them, each of bins eight times as long.
type Index struct{ Shift, Levels int }

// BAI is the only way that a BAI index allows.
var BAI = Index{14, 5}

// refIndex is the index of one contig (SAM specification, section 5.2).
type refIndex struct {
	Index
	bins             map[uint32][]bgzf.Chunk
	leaves           []bgzf.Offset // of the first record that covers any of a leaf
	all              bgzf.Chunk
	mapped, unmapped uint64
}

// WriteBAI writes the BAI index of a sorted BAM file beside it. (The writer of
// biogo v1.4.5 panics at reads that span two leaves.)
func WriteBAI(path string) error {
	refs, unplaced, err := BAI.read(path)
	if err != nil {
		return err
	}
	out := new(buffer)
	out.WriteString("BAI\x01")
	out.put(int32(len(refs)))
	for i := range refs {
		refs[i].encode(out, false)
		out.put(int32(len(refs[i].leaves)))
		for _, o := range refs[i].leaves {
			out.put(virtual(o))
		}
	}
	out.put(unplaced)
	return os.WriteFile(path+".bai", out.Bytes(), 0o666)
}

// WriteCSI writes the CSI index of a sorted BAM file beside it. (That of biogo
// v1.4.5 gives a bin the offset of its own first record, in place of the first that
// covers its range.)
func (x Index) WriteCSI(path string) error {
	refs, unplaced, err := x.read(path)
	if err != nil {
		return err
	}
	out := new(buffer)
	out.WriteString("CSI\x01")
	out.put(int32(x.Shift), int32(x.Levels), int32(0), int32(len(refs)))
	for i := range refs {
		refs[i].encode(out, true)
	}
	out.put(unplaced)
	file, err := os.Create(path + ".csi")
	if err != nil {
		return err
	}
	defer file.Close()
	z := bgzf.NewWriter(file, 1)
	if _, err := z.Write(out.Bytes()); err != nil {
		return err
	}
	return errors.Join(z.Close(), file.Close())
}

// read indexes a file, and counts reads without a position.
func (x Index) read(path string) (refs []refIndex, unplaced uint64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	r, err := bam.NewReader(file, 1)
	if err != nil {
		return nil, 0, err
	}
	r.Omit(bam.AuxTags)
	refs = make([]refIndex, len(r.Header().Refs()))
	for i := range refs {
		refs[i] = refIndex{Index: x, bins: map[uint32][]bgzf.Chunk{}}
	}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return refs, unplaced, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if rec.Ref == nil {
			unplaced++
			continue
		}
		refs[rec.Ref.ID()].add(rec, r.LastChunk())
	}
}

func (x *refIndex) add(rec *sam.Record, at bgzf.Chunk) {
	if len(x.bins) == 0 {
		x.all.Begin = at.Begin
	}
	x.all.End = at.End
	if rec.Flags&sam.Unmapped == 0 {
		x.mapped++
	} else {
		x.unmapped++
	}
	end := max(rec.End(), rec.Pos+1)
	bin := x.bin(rec.Pos, end-1)
	if chunks := x.bins[bin]; len(chunks) > 0 && chunks[len(chunks)-1].End == at.Begin {
		chunks[len(chunks)-1].End = at.End
	} else {
		x.bins[bin] = append(chunks, at)
	}
	for len(x.leaves) <= (end-1)>>x.Shift {
		x.leaves = append(x.leaves, at.Begin)
	}
}

// bin is the smallest bin that holds all positions from first to last.
func (x Index) bin(first, last int) uint32 {
	for level := x.Levels; level > 0; level-- {
		width := x.Shift + 3*(x.Levels-level)
		if first>>width == last>>width {
			return uint32(begin(level) + first>>width)
		}
	}
	return 0
}

// begin is the number of the first bin of a level: 0, 1, 9, 73, …
func begin(level int) int { return (1<<(3*level) - 1) / 7 }

// first is the leaf where a bin begins.
func (x Index) first(bin uint32) int {
	level := 0
	for int(bin) >= begin(level+1) {
		level++
	}
	return (int(bin) - begin(level)) << (3 * (x.Levels - level))
}

// encode writes the bins, with the offsets of their beginnings in a CSI index.
func (x *refIndex) encode(out *buffer, offsets bool) {
	if len(x.bins) == 0 {
		out.put(int32(0))
		return
	}
	out.put(int32(len(x.bins) + 1))
	for _, bin := range slices.Sorted(maps.Keys(x.bins)) {
		out.put(bin)
		if offsets {
			out.put(virtual(x.leaves[x.first(bin)]))
		}
		out.put(int32(len(x.bins[bin])))
		for _, c := range x.bins[bin] {
			out.put(virtual(c.Begin), virtual(c.End))
		}
	}
	// Where the records are, and how many, stands in a bin that does not exist.
	out.put(uint32(begin(x.Levels+1) + 1))
	if offsets {
		out.put(uint64(0))
	}
	out.put(int32(2), virtual(x.all.Begin), virtual(x.all.End), x.mapped, x.unmapped)
}

// buffer collects little-endian numbers.
type buffer struct{ bytes.Buffer }

func (b *buffer) put(values ...any) {
	for _, v := range values {
		binary.Write(b, binary.LittleEndian, v)
	}
}

func virtual(o bgzf.Offset) uint64 { return uint64(o.File)<<16 | uint64(o.Block) }

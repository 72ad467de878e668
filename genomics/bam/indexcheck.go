package bam

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
)

var errEnd = errors.New("its reads end where those of the BAM file do not")

// check refuses an index of another file. The reads with a place end in the file where
// the index says, and none is beyond the end of its contig.
func (x *index) check(f *file) error {
	file, err := os.Open(x.path)
	if err != nil {
		return err
	}
	defer file.Close()
	end, err := readEnd(bufio.NewReaderSize(file, 1<<16), f.contigs)
	if err != nil {
		return x.wrong(err)
	}
	if ok, err := f.endsAt(max(end, f.first)); err != nil || ok {
		return err
	}
	return x.wrong(errEnd)
}

// wrong is the error about an index that cannot be used.
func (x *index) wrong(err error) error {
	return fmt.Errorf("%s: the index is damaged or belongs to a different file (%w); make it again with samtools index", x.path, noEOF(err))
}

// readEnd reads a whole index of either kind, and returns where the last chunk of reads
// ends, which is 0 if there is none. It returns an error if a bin lies beyond its contig.
func readEnd(r *bufio.Reader, contigs []contig) (end offset, err error) {
	w := &words{r: r}
	shift, levels := 14, 5 // the only ones of a BAI index
	magic, err := r.Peek(4)
	if err != nil {
		return 0, noEOF(err)
	}
	linear := string(magic) == "BAI\x01"
	if linear {
		w.skip(4)
	} else {
		z, err := gzip.NewReader(r)
		if err != nil {
			return 0, errMagic
		}
		w.r = bufio.NewReader(z)
		if shift, levels, err = w.readCSIHead(); err != nil {
			return 0, err
		}
	}
	refs := w.count()
	if w.err == nil && refs > len(contigs) {
		return 0, fmt.Errorf("it has %d contigs, the BAM file %d", refs, len(contigs))
	}
	for k := 0; k < refs && w.err == nil; k++ {
		for bins := w.count(); bins > 0 && w.err == nil; bins-- {
			bin := int(w.uint32())
			if !linear {
				w.skip(8)
			}
			begin, _, ok := binRange(bin, shift, levels)
			if !ok { // statistics, whose second chunk is no chunk
				w.skip(16 * w.count())
				continue
			}
			if n := contigs[k].length; begin >= n && n > 0 && w.err == nil {
				return 0, fmt.Errorf("it has reads beyond the end of contig %s", contigs[k].name)
			}
			for chunks := w.count(); chunks > 0 && w.err == nil; chunks-- {
				w.skip(8)
				end = max(end, w.offset())
			}
		}
		if linear {
			w.skip(8 * w.count())
		}
	}
	return end, w.err
}

// endsAt reports whether the reads that have a place end at an offset: behind it there
// is nothing, or a read without a place. An error is of a block that is damaged.
func (f *file) endsAt(at offset) (bool, error) {
	within := int(at & 0xffff)
	if at.file() == f.size { // where there is no end marker
		return within == 0, nil
	}
	head := make([]byte, len(magic))
	if _, err := f.handle.ReadAt(head, at.file()); err != nil || string(head) != magic {
		return false, nil
	}
	b := newBlocks(io.NewSectionReader(f.handle, 0, f.size))
	if err := b.seek(at - offset(within)); err == io.EOF {
		return within == 0, nil
	} else if err != nil {
		return false, fmt.Errorf("%s: %w", f.path, err)
	}
	if within > 0 && b.begin != at.file() || within > len(b.data) {
		return false, nil
	}
	b.data = b.data[within:]
	var spill []byte
	fields, err := b.take(fixed, &spill)
	if err != nil {
		return err == io.EOF, nil
	}
	r, _, ok := parseFixed(fields, len(f.contigs))
	return ok && r.ref < 0, nil
}

package bam

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"genoveil/genomics/bgzf"
)

// A file is an open BAM file, or one that comes through a pipe.
type file struct {
	path     string
	handle   *os.File // nil for a pipe
	blocks   *blocks
	size     int64 // 0 for a pipe
	sample   string
	contigs  []contig
	first    offset // of the first record
	index    *index // nil where there is none
	stale    bool   // the index is older than the file
	unmarked bool   // the file has no end marker
}

// magic begins a BGZF block.
const magic = "\x1f\x8b\x08\x04"

// open opens a BAM file and reads its header.
func open(path string) (*file, error) {
	handle, err := os.Open(path)
	if errors.Is(err, syscall.EMFILE) {
		return nil, fmt.Errorf("%w; every BAM file stays open: allow more with ulimit -n", err)
	}
	if err != nil {
		return nil, err
	}
	f := &file{path: path, handle: handle, blocks: newBlocks(handle)}
	if err := f.prepare(); err != nil {
		handle.Close()
		return nil, err
	}
	return f, nil
}

// openPipe reads the header of a BAM file that comes through a pipe.
func openPipe(name string, data io.Reader) (*file, error) {
	f := &file{path: name, blocks: newBlocks(data)}
	f.blocks.marked = true
	head, err := f.blocks.packed.Peek(len(magic))
	if len(head) == 0 && err == io.EOF {
		return nil, fmt.Errorf("%s is empty; see what the program says that writes it", name)
	}
	if err != nil && err != io.EOF {
		return nil, err
	}
	if err := f.checkKind(head); err != nil {
		return nil, err
	}
	return f, f.readHeader()
}

func (f *file) prepare() error {
	info, err := f.handle.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", f.path)
	}
	f.size = info.Size()
	head := make([]byte, len(magic))
	if _, err := f.handle.ReadAt(head, 0); err != nil && err != io.EOF {
		return err
	}
	if err := f.checkKind(head); err != nil {
		return err
	}
	if err := f.checkEnd(); err != nil {
		return err
	}
	if err := f.readHeader(); err != nil {
		return err
	}
	if none, err := f.endsAt(f.first); err != nil {
		return err
	} else if none {
		return fmt.Errorf("%s: no read has a place on the genome; leave the file out, or align its reads", f.path)
	}
	if f.index, f.stale, err = findIndex(f.path, info.ModTime()); err != nil || f.index == nil {
		return err
	}
	return f.index.check(f)
}

func (f *file) readHeader() error {
	h, err := readHeader(f.blocks)
	if err != nil {
		return fmt.Errorf("%s: cannot read the BAM header: %w", f.path, noEOF(err))
	}
	f.first = f.blocks.at()
	if h.order == "unsorted" || h.order == "queryname" {
		return fmt.Errorf("%s is not sorted by position (its header says SO:%s); sort it with samtools sort", f.path, h.order)
	}
	f.contigs = h.contigs
	if f.sample, err = h.sample(); err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	return nil
}

// checkKind says what to do with what begins as something else.
func (f *file) checkKind(head []byte) error {
	switch {
	case f.handle == nil && (string(head) == "CRAM" || bytes.HasPrefix(head, []byte("@"))):
		return fmt.Errorf("%s is no BAM file; send it through samtools view -u (with -T REFERENCE.fa if it is a CRAM file)", f.path)
	case string(head) == "CRAM":
		return fmt.Errorf("%s is a CRAM file; send it through samtools view -u -T REFERENCE.fa %s, and give - or <(…) in its place", f.path, f.path)
	case bytes.HasPrefix(head, []byte("@")):
		return fmt.Errorf("%s is a SAM file; convert it with samtools sort -o FILE.bam %s", f.path, f.path)
	case f.handle == nil && string(head) != magic:
		return fmt.Errorf("%s is not a BAM file; where samtools view writes it, give that -u, without which it writes SAM and no header", f.path)
	case string(head) != magic:
		return fmt.Errorf("%s is not a BAM file", f.path)
	}
	return nil
}

// checkEnd refuses files that end within a block. One that ends behind a block is
// believed even without an end marker, as samtools does: writers of 2009 put none.
func (f *file) checkEnd() error {
	marked, err := bgzf.HasEndMarker(f.handle, f.size)
	if err != nil || marked {
		return err
	}
	f.unmarked = true
	if whole, err := bgzf.EndsWhole(f.handle, f.size); err != nil || whole {
		return err
	}
	return fmt.Errorf("%s: the file ends early (no BGZF end marker); copy it again, and check it with samtools quickcheck", f.path)
}

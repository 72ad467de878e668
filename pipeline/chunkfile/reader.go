package chunkfile

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/zeebo/blake3"
)

// A Reader reads a file and verifies its chunks. It may be used from several
// goroutines.
type Reader struct {
	r           io.ReaderAt
	closer      io.Closer
	name        string
	meta        json.RawMessage
	entries     []entry
	fingerprint Fingerprint
}

// Open opens a file of the given kind.
func Open(path, kind string) (*Reader, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	r, err := NewReader(f, info.Size(), path, kind)
	if err != nil {
		f.Close()
		return nil, err
	}
	r.closer = f
	return r, nil
}

// openFile opens a file to read. A pipe or device in its place, which could have it wait
// for ever, is refused.
func openFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a file of genoveil, nor any regular file", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// NewReader reads a file of `size` bytes; name stands in its errors.
func NewReader(src io.ReaderAt, size int64, name, kind string) (*Reader, error) {
	var fixed [16]byte
	if _, err := src.ReadAt(fixed[:], 0); err != nil || string(fixed[:8]) != magic {
		return nil, fmt.Errorf("%s: not a genoveil file", name)
	}
	if v := binary.LittleEndian.Uint32(fixed[8:]); v != version {
		return nil, fmt.Errorf("%s: format version %d; this program reads version %d", name, v, version)
	}
	damaged := fmt.Errorf("%s: the header is damaged; copy the file again from where it was made", name)
	headerLen := int64(binary.LittleEndian.Uint32(fixed[12:]))
	if headerLen > maxHeader || 16+headerLen > size {
		return nil, damaged
	}
	head := make([]byte, 16+headerLen)
	if _, err := src.ReadAt(head, 0); err != nil {
		return nil, damaged
	}
	var h header
	if err := json.Unmarshal(head[16:], &h); err != nil || h.Chunks < 0 || int64(h.Chunks) > size/entrySize {
		return nil, damaged
	}
	total := headSize(int(headerLen), h.Chunks)
	if total > size {
		return nil, damaged
	}
	head = append(head, make([]byte, total-int64(len(head)))...)
	if _, err := src.ReadAt(head[16+headerLen:], 16+headerLen); err != nil {
		return nil, damaged
	}
	body := head[:total-32]
	sum := blake3.Sum256(body)
	if !bytes.Equal(sum[:], head[total-32:]) {
		return nil, damaged
	}
	if h.Kind != kind {
		return nil, fmt.Errorf("%s: holds %s, not %s", name, h.Kind, kind)
	}
	r := &Reader{r: src, name: name, meta: h.Meta, entries: make([]entry, h.Chunks), fingerprint: sum}
	offset := padded(total)
	for i := range r.entries {
		raw := body[16+headerLen+int64(i)*entrySize:]
		e := entry{size: int64(binary.LittleEndian.Uint64(raw)), offset: offset}
		copy(e.sum[:], raw[8:entrySize])
		if e.size < 0 || e.size > size-offset {
			return nil, fmt.Errorf("%s: ends before chunk %d; copy the file again from where it was made", name, i)
		}
		r.entries[i] = e
		offset += padded(e.size)
	}
	if offset != size {
		return nil, fmt.Errorf("%s: has %d bytes, its header says %d; copy the file again from where it was made", name, size, offset)
	}
	return r, nil
}

// Meta unmarshals the header's "meta" into v.
func (r *Reader) Meta(v any) error {
	if err := json.Unmarshal(r.meta, v); err != nil {
		return fmt.Errorf("%s: header: %w", r.name, err)
	}
	return nil
}

// Fingerprint identifies the file's content.
func (r *Reader) Fingerprint() Fingerprint { return r.fingerprint }

// Chunks is the number of chunks.
func (r *Reader) Chunks() int { return len(r.entries) }

// Chunk reads chunk i into buf, which must have its size, and verifies it.
func (r *Reader) Chunk(i int, buf []byte) error {
	e, err := r.entry(i)
	if err != nil {
		return err
	}
	if int64(len(buf)) != e.size {
		return fmt.Errorf("%s: chunk %d has %d bytes, expected %d", r.name, i, e.size, len(buf))
	}
	var sum summer
	for at := 0; at < len(buf); at += ioSize {
		piece := buf[at:min(at+ioSize, len(buf))]
		if err := r.readAt(i, piece, int64(at)); err != nil {
			return err
		}
		sum.Write(piece)
	}
	return r.compare(i, sum.Sum())
}

// readAt reads bytes of chunk i from `at` on.
func (r *Reader) readAt(i int, buf []byte, at int64) error {
	if _, err := r.r.ReadAt(buf, r.entries[i].offset+at); err != nil {
		return fmt.Errorf("%s: chunk %d: %w", r.name, i, err)
	}
	return nil
}

// compare refuses a sum that is not chunk i's.
func (r *Reader) compare(i int, sum [16]byte) error {
	if sum != r.entries[i].sum {
		return fmt.Errorf("%s: chunk %d is damaged; copy the file again from where it was made", r.name, i)
	}
	return nil
}

// entry is the entry of chunk i.
func (r *Reader) entry(i int) (entry, error) {
	if i < 0 || i >= len(r.entries) {
		return entry{}, fmt.Errorf("%s: has no chunk %d", r.name, i)
	}
	return r.entries[i], nil
}

// Size is the number of bytes of chunk i.
func (r *Reader) Size(i int) int64 { return r.entries[i].size }

// Name is the name of the file, for errors.
func (r *Reader) Name() string { return r.name }

// Close closes the file.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}

// Kind is the kind of file that path holds.
func Kind(path string) (string, error) {
	f, err := openFile(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var fixed [16]byte
	if _, err := io.ReadFull(f, fixed[:]); err != nil || string(fixed[:8]) != magic {
		return "", fmt.Errorf("%s: not a genoveil file", path)
	}
	n := binary.LittleEndian.Uint32(fixed[12:])
	var h header
	if n > maxHeader || json.NewDecoder(io.LimitReader(f, int64(n))).Decode(&h) != nil {
		return "", fmt.Errorf("%s: the header is damaged; copy the file again from where it was made", path)
	}
	return h.Kind, nil
}

package chunkfile

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
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

// Open opens a file of the given kind, whose header lists nothing.
func Open(path, kind string) (*Reader, error) { return OpenLimit(path, kind, smallHeader) }

// OpenLimit opens a file of the given kind, whose header has up to maxHeader bytes.
func OpenLimit(path, kind string, maxHeader int64) (*Reader, error) {
	f, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	r, err := newReader(f, info.Size(), path, kind, maxHeader)
	if err != nil {
		f.Close()
		return nil, err
	}
	r.closer = f
	return r, nil
}

// OpenFile opens a file to read. A pipe or device in its place, which could have it wait
// for ever, is refused.
func OpenFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: is not a regular file", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ReadSmall reads a whole regular file, which may have up to max bytes.
func ReadSmall(path string, max int64) ([]byte, error) {
	f, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(text)) > max {
		err = fmt.Errorf("%s: is longer than %d bytes, too long for such a file", path, max)
	}
	return text, err
}

// NewReader reads a file of `size` bytes, whose header lists nothing; name stands in its
// errors.
func NewReader(src io.ReaderAt, size int64, name, kind string) (*Reader, error) {
	return newReader(src, size, name, kind, smallHeader)
}

func otherKind(name, kind, want string) error {
	return fmt.Errorf("%s: holds %s, not %s", name, withArticle(kind), withArticle(want))
}

// withArticle writes a kind as in a sentence: kinds are mostly of many things.
func withArticle(kind string) string {
	switch {
	case strings.HasSuffix(kind, "s"):
		return kind
	case strings.ContainsAny(kind[:min(1, len(kind))], "aeiou"):
		return "an " + kind
	}
	return "a " + kind
}

func newReader(src io.ReaderAt, size int64, name, kind string, maxHeader int64) (*Reader, error) {
	headerLen, err := readFixed(src, name)
	if err != nil {
		return nil, err
	}
	damaged := damagedHeader(name)
	if 16+headerLen > size {
		return nil, damaged
	}
	if headerLen > maxHeader {
		if other, err := readKind(src, headerLen); err == nil && other != kind {
			return nil, otherKind(name, other, kind)
		}
		return nil, fmt.Errorf("%s: the header has %d bytes, and %s have %d at most; ask for the file again where it was made", name, headerLen, kind, maxHeader)
	}
	head := make([]byte, 16+headerLen)
	if _, err := src.ReadAt(head, 0); err != nil {
		return nil, damaged
	}
	var h header
	// A chunk takes a page of the file, unless it is empty.
	if err := json.Unmarshal(head[16:], &h); err != nil || !validKind(h.Kind) || h.Chunks < 0 || int64(h.Chunks) > size/align+maxEmpty {
		return nil, damaged
	}
	total := headSize(int(headerLen), h.Chunks)
	if total > size {
		return nil, damaged
	}
	r := &Reader{r: src, name: name, meta: h.Meta}
	wrong, err := r.readTable(head, h.Chunks, size)
	if err != nil {
		return nil, damaged
	}
	if h.Kind != kind {
		return nil, otherKind(name, h.Kind, kind)
	}
	if wrong != nil {
		return nil, wrong
	}
	return r, nil
}

// readTable reads the table after the head, piece by piece, and the fingerprint. err is
// that of a damaged head; wrong is that of a table which does not fit the file's size.
func (r *Reader) readTable(head []byte, chunks int, size int64) (wrong, err error) {
	hash := blake3.New()
	hash.Write(head)
	offset, empty := padded(headSize(len(head)-16, chunks)), 0
	buf := make([]byte, min(chunks*entrySize, tablePiece))
	at, end := int64(len(head)), int64(len(head))+int64(chunks)*entrySize
	for at < end {
		piece := buf[:min(int64(len(buf)), end-at)]
		if _, err := r.r.ReadAt(piece, at); err != nil {
			return nil, err
		}
		hash.Write(piece)
		at += int64(len(piece))
		for ; len(piece) > 0 && wrong == nil; piece = piece[entrySize:] {
			e := entry{size: int64(binary.LittleEndian.Uint64(piece)), offset: offset}
			copy(e.sum[:], piece[8:])
			if e.size == 0 {
				empty++
			}
			if e.size < 0 || e.size > size-offset {
				wrong = fmt.Errorf("%s: ends before chunk %d; copy the file again from where it was made", r.name, len(r.entries))
				break
			}
			if empty > maxEmpty {
				wrong = fmt.Errorf("%s: more than %d chunks are empty; copy the file again from where it was made", r.name, maxEmpty)
				break
			}
			r.entries = append(r.entries, e)
			offset += padded(e.size)
		}
	}
	if wrong == nil && offset != size {
		wrong = fmt.Errorf("%s: has %d bytes, its header says %d; copy the file again from where it was made", r.name, size, offset)
	}
	hash.Sum(r.fingerprint[:0])
	var there Fingerprint
	if _, err := r.r.ReadAt(there[:], end); err != nil {
		return nil, err
	}
	if there != r.fingerprint {
		return nil, errors.New("the fingerprint differs")
	}
	return wrong, nil
}

// readFixed reads what precedes the header and returns the header's length.
func readFixed(src io.ReaderAt, name string) (int64, error) {
	var fixed [16]byte
	if _, err := src.ReadAt(fixed[:], 0); err != nil || string(fixed[:8]) != magic {
		return 0, fmt.Errorf("%s: not a genoveil file", name)
	}
	if v := binary.LittleEndian.Uint32(fixed[8:]); v != version {
		return 0, fmt.Errorf("%s: format version %d; this program reads version %d", name, v, version)
	}
	return int64(binary.LittleEndian.Uint32(fixed[12:])), nil
}

// readKind reads the kind, which stands first in the header, and nothing after it.
func readKind(src io.ReaderAt, headerLen int64) (string, error) {
	tokens := json.NewDecoder(io.NewSectionReader(src, 16, min(headerLen, maxKind+32)))
	for _, want := range []json.Token{json.Delim('{'), "kind"} {
		if token, err := tokens.Token(); err != nil || token != want {
			return "", errors.New("the header does not start with the kind")
		}
	}
	token, err := tokens.Token()
	kind, ok := token.(string)
	if err != nil || !ok || !validKind(kind) {
		return "", errors.New("the kind is damaged")
	}
	return kind, nil
}

// validKind says whether a name can be one of a kind, which stands in errors.
func validKind(kind string) bool {
	return len(kind) <= maxKind && strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz ") == ""
}

func damagedHeader(name string) error {
	return fmt.Errorf("%s: the header is damaged; copy the file again from where it was made", name)
}

// Meta unmarshals the header's "meta" into v.
func (r *Reader) Meta(v any) error {
	if err := json.Unmarshal(r.meta, v); err != nil {
		// The error may quote a number or a name of any length.
		return fmt.Errorf("%s: header: %.300s", r.name, err.Error())
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

// Kind is the kind of file that path holds. It reads no more of the file.
func Kind(path string) (string, error) {
	f, err := OpenFile(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	n, err := readFixed(f, path)
	if err != nil {
		return "", err
	}
	kind, err := readKind(f, n)
	if err != nil {
		return "", damagedHeader(path)
	}
	return kind, nil
}

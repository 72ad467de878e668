package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	family = "genoveil study bundle v"
	magic  = family + "1\n"

	// minBundle bounds Export's bundles from below: the table must not be most of a bundle,
	// and nobody mails thousands.
	minBundle = 64 << 10

	// maxBundle bounds the time that reading one takes: some seconds.
	maxBundle = 2 << 30

	// maxEntries bounds a bundle of empty files. Messages have some kB, so that 18 MB hold
	// a third of that.
	maxEntries = 1 << 14

	maxPath   = 200
	entrySize = 2 + 8 + 8 + 8 + sha256.Size // and the path
	maxTable  = maxEntries * (entrySize + maxPath)
	fixedSize = len(magic) + 4 + sha256.Size + sha256.Size
)

var errDamaged = errors.New("it is cut off or damaged; have it copied or sent again")

// An entry is a file, or a part of one.
type entry struct {
	path           string
	total          int64 // bytes of the whole file
	offset, length int64 // the part of it that is here
	sum            [sha256.Size]byte
}

func (e *entry) whole() bool { return e.length == e.total }

// ends says whether the file ends with this entry.
func (e *entry) ends() bool { return e.offset+e.length == e.total }

func (e *entry) size() int64 { return int64(entrySize + len(e.path)) }

// encodeHead is a bundle up to the bytes of its entries.
func encodeHead(entries []entry) []byte {
	var table []byte
	for _, e := range entries {
		table = binary.LittleEndian.AppendUint16(table, uint16(len(e.path)))
		table = append(table, e.path...)
		for _, n := range []int64{e.total, e.offset, e.length} {
			table = binary.LittleEndian.AppendUint64(table, uint64(n))
		}
		table = append(table, e.sum[:]...)
	}
	head := binary.LittleEndian.AppendUint32([]byte(magic), uint32(len(table)))
	head = append(head, table...)
	sum := sha256.Sum256(head)
	return append(head, sum[:]...)
}

// readHead reads and checks what encodeHead wrote, of a bundle of a size.
func readHead(r io.ReaderAt, size int64) (head []byte, entries []entry, err error) {
	if size > maxBundle {
		return nil, nil, fmt.Errorf("it has %d bytes; a bundle has at most %d", size, int64(maxBundle))
	}
	fixed := make([]byte, len(magic)+4)
	n, err := r.ReadAt(fixed, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	if text := string(fixed[:min(n, len(magic))]); text != magic {
		if len(text) == len(magic) && text[:len(family)] == family {
			return nil, nil, errors.New("a bundle of another version; this program reads v1, so use the same genoveil at all sites")
		}
		return nil, nil, errors.New("not a bundle of a study, or only the beginning of one")
	}
	length := int64(binary.LittleEndian.Uint32(fixed[len(magic):]))
	if n < len(fixed) || int64(fixedSize)+length > size {
		return nil, nil, errDamaged
	}
	if length > maxTable {
		return nil, nil, fmt.Errorf("its table has %d bytes; it has at most %d", length, maxTable)
	}
	head = make([]byte, int64(len(fixed))+length+sha256.Size)
	if err := readFull(r, head, 0); err != nil {
		return nil, nil, err
	}
	covered, last := head[:len(head)-sha256.Size], head[len(head)-sha256.Size:]
	if sum := sha256.Sum256(covered); !bytes.Equal(sum[:], last) {
		return nil, nil, errDamaged
	}
	if entries, err = parseTable(covered[len(fixed):]); err != nil {
		return nil, nil, err
	}
	end := int64(len(head) + sha256.Size)
	for _, e := range entries {
		end += e.length
	}
	if end != size {
		return nil, nil, errDamaged
	}
	return head, entries, checkPaths(entries)
}

// readFull reads all of buf; a file that ends before is damaged.
func readFull(r io.ReaderAt, buf []byte, at int64) error {
	n, err := r.ReadAt(buf, at)
	if n == len(buf) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return errDamaged
	}
	return err
}

// parseTable reads a table that is whole. What is wrong in it now, somebody wrote so.
func parseTable(table []byte) (entries []entry, err error) {
	for len(table) > 0 {
		if len(entries) == maxEntries {
			return nil, fmt.Errorf("more than %d files are in it", maxEntries)
		}
		if len(table) < 2 {
			return nil, errors.New("its table breaks off")
		}
		n := int(binary.LittleEndian.Uint16(table))
		if n > maxPath {
			return nil, fmt.Errorf("a path of %d bytes; it has at most %d", n, maxPath)
		}
		if len(table) < entrySize+n {
			return nil, errors.New("its table breaks off")
		}
		e := entry{path: string(table[2 : 2+n])}
		table = table[2+n:]
		for _, field := range []*int64{&e.total, &e.offset, &e.length} {
			*field = int64(binary.LittleEndian.Uint64(table))
			table = table[8:]
		}
		table = table[copy(e.sum[:], table):]
		if err := e.check(); err != nil {
			return nil, err
		}
		if n := len(entries); n > 1 && !entries[n-1].whole() {
			return nil, fmt.Errorf("%.80q, in the midst of it, is a part of a file", entries[n-1].path)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// check refuses a part that is none of its file, before anything is added to its numbers.
func (e *entry) check() error {
	if e.total < 0 || e.offset < 0 || e.length < 0 || e.length > e.total || e.offset > e.total-e.length ||
		e.length == 0 && e.total > 0 || e.length > maxBundle {
		return fmt.Errorf("%.80q: no file has a part of %d bytes at %d of %d", e.path, e.length, e.offset, e.total)
	}
	return nil
}

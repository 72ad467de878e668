package bundle

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"

	"genoveil/pipeline/chunkfile"
)

// A source is an open bundle of which every byte was checked.
type source struct {
	file    *os.File
	entries []entry
	at      []int64             // where the bytes of entries begin
	sums    [][sha256.Size]byte // of these bytes
	buf     []byte
}

// open checks a bundle. accept is asked before its bytes are read, which takes time.
func open(name string, accept func([]entry) error) (*source, error) {
	f, err := chunkfile.OpenFile(name)
	if err != nil {
		return nil, err
	}
	s := &source{file: f, buf: make([]byte, bufferSize)}
	if err := s.check(accept); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

func (s *source) check(accept func([]entry) error) error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	head, entries, err := readHead(s.file, info.Size())
	if err != nil {
		return err
	}
	if err := accept(entries); err != nil {
		return err
	}
	s.entries = entries
	return s.readAll(head)
}

// readAll compares the sums of a bundle and of the whole files in it.
func (s *source) readAll(head []byte) error {
	all, at := sha256.New(), int64(len(head))
	all.Write(head)
	for i := range s.entries {
		s.at = append(s.at, at)
		s.sums = append(s.sums, [sha256.Size]byte{})
		sum := sha256.New()
		n, err := io.CopyBuffer(io.MultiWriter(all, sum), s.bytes(i), s.buf)
		if err != nil {
			return err
		}
		if n != s.entries[i].length {
			return errDamaged
		}
		sum.Sum(s.sums[i][:0])
		at += n
	}
	last := make([]byte, sha256.Size)
	if err := readFull(s.file, last, at); err != nil {
		return err
	}
	if !bytes.Equal(all.Sum(nil), last) {
		return errDamaged
	}
	for i := range s.entries {
		if e := &s.entries[i]; e.whole() && s.sums[i] != e.sum {
			return fmt.Errorf("%s: its bytes are not those that the table says", e.path)
		}
	}
	return nil
}

// bytes are those of entry i.
func (s *source) bytes(i int) io.Reader {
	return io.NewSectionReader(s.file, s.at[i], s.entries[i].length)
}

package chunkfile

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"genoveil/pipeline/atomicfile"
)

// A Writer writes a file whose chunk sizes are known beforehand. WriteChunk may
// be called from several goroutines.
type Writer struct {
	file    *atomicfile.File
	path    string
	header  []byte
	entries []entry

	mu      sync.Mutex
	written []bool
	late    []latePart
}

// A latePart is a part of a chunk that is smaller than a page. They are written at the
// end: a write through the page cache has the file for itself, so that it would wait for
// all large ones, and they for it.
type latePart struct {
	bytes  []byte
	offset int64
}

// Create starts a file of the given kind. meta is marshalled to JSON, of MaxHeader bytes
// at most.
func Create(path, kind string, meta any, sizes []int64, mode fs.FileMode) (*Writer, error) {
	w, err := newWriter(path, kind, meta, sizes)
	if err != nil {
		return nil, err
	}
	if w.file, err = atomicfile.Create(path, mode); err != nil {
		return nil, err
	}
	return w, nil
}

// newWriter is a writer that lacks the file.
func newWriter(path, kind string, meta any, sizes []int64) (*Writer, error) {
	headerJSON, entries, err := layOut(kind, meta, sizes)
	if len(headerJSON) > MaxHeader {
		err = fmt.Errorf("%s: its header would have %d bytes, and readers accept %d; put less into one file", path, len(headerJSON), MaxHeader)
	}
	return &Writer{path: path, header: headerJSON, entries: entries, written: make([]bool, len(sizes))}, err
}

// layOut marshals the header and places the chunks.
func layOut(kind string, meta any, sizes []int64) ([]byte, []entry, error) {
	metaJSON, err := json.Marshal(meta)
	if err != nil {
		return nil, nil, err
	}
	headerJSON, err := json.Marshal(header{Kind: kind, Chunks: len(sizes), Meta: metaJSON})
	if err != nil {
		return nil, nil, err
	}
	entries := make([]entry, len(sizes))
	offset := padded(headSize(len(headerJSON), len(sizes)))
	for i, size := range sizes {
		entries[i] = entry{size: size, offset: offset}
		offset += padded(size)
	}
	return headerJSON, entries, nil
}

// end is the size of the whole file, a multiple of the alignment.
func end(headerJSON []byte, entries []entry) int64 {
	if n := len(entries); n > 0 {
		return entries[n-1].offset + padded(entries[n-1].size)
	}
	return padded(headSize(len(headerJSON), 0))
}

// Encode returns a whole file in memory, for content that must not touch the
// disk before it is sealed.
func Encode(kind string, meta any, chunks ...[]byte) ([]byte, error) {
	sizes := make([]int64, len(chunks))
	for i, chunk := range chunks {
		sizes[i] = int64(len(chunk))
	}
	headerJSON, entries, err := layOut(kind, meta, sizes)
	if err != nil {
		return nil, err
	}
	file := make([]byte, end(headerJSON, entries))
	for i, chunk := range chunks {
		var sum summer
		sum.Write(chunk)
		entries[i].sum = sum.Sum()
		copy(file[entries[i].offset:], chunk)
	}
	copy(file, encodeHead(headerJSON, entries))
	return file, nil
}

// WriteChunk writes chunk i, given in parts. It returns before small ones are written.
func (w *Writer) WriteChunk(i int, parts ...[]byte) error {
	var sum summer
	var late []latePart
	e := &w.entries[i]
	at := e.offset
	for _, part := range parts {
		sum.Write(part)
		if len(part) < align {
			late = append(late, latePart{slices.Clone(part), at})
		} else if _, err := w.file.WriteAt(part, at); err != nil {
			return fmt.Errorf("%s: %w", w.path, err)
		}
		at += int64(len(part))
	}
	if at != e.offset+e.size {
		return fmt.Errorf("%s: chunk %d has %d bytes, planned %d", w.path, i, at-e.offset, e.size)
	}
	e.sum = sum.Sum()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written[i] = true
	w.late = append(w.late, late...)
	return nil
}

// writeLate writes the small parts of chunks. The caller has the lock, or nobody else
// writes.
func (w *Writer) writeLate() error {
	for _, part := range w.late {
		if _, err := w.file.WriteAt(part.bytes, part.offset); err != nil {
			return err
		}
	}
	w.late = nil
	return nil
}

// Commit writes the head, makes the file durable and gives it its final name.
// After an error it is still to be aborted or kept.
func (w *Writer) Commit() (Fingerprint, error) { return w.commit((*atomicfile.File).Commit) }

// CommitNew is Commit, but replaces nothing: where the final name is taken, the error
// is fs.ErrExist.
func (w *Writer) CommitNew() (Fingerprint, error) { return w.commit((*atomicfile.File).CommitNew) }

func (w *Writer) commit(commit func(*atomicfile.File) error) (Fingerprint, error) {
	f, err := w.finish()
	if err != nil {
		return Fingerprint{}, fmt.Errorf("%s: %w", w.path, err)
	}
	return f, commit(w.file)
}

// finish writes the head and pads the end.
func (w *Writer) finish() (f Fingerprint, err error) {
	for i, done := range w.written {
		if !done {
			return f, fmt.Errorf("chunk %d was never written", i)
		}
	}
	if err := w.writeLate(); err != nil {
		return f, err
	}
	head := encodeHead(w.header, w.entries)
	if _, err := w.file.WriteAt(head, 0); err != nil {
		return f, err
	}
	copy(f[:], head[len(head)-32:])
	return f, w.file.Truncate(end(w.header, w.entries))
}

// Abort throws the file away; after Commit it does nothing.
func (w *Writer) Abort() { w.file.Abort() }

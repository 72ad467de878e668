package chunkfile

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"genoveil/pipeline/atomicfile"
)

// savedSize is what Save keeps of a chunk: whether it is written, and its checksum.
const savedSize = 1 + 16

// Save brings what is written to disk and returns what Continue needs: the name of
// the temporary file and the table of its chunks.
func (w *Writer) Save() (name string, table []byte, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, done := range w.written {
		var saved [savedSize]byte
		if done {
			saved[0] = 1
			copy(saved[1:], w.entries[i].sum[:])
		}
		table = append(table, saved[:]...)
	}
	if err := errors.Join(w.writeLate(), w.file.Sync()); err != nil {
		return "", nil, fmt.Errorf("%s: %w", w.path, err)
	}
	return filepath.Base(w.file.Name()), table, nil
}

// SavedLen is the number of bytes of the table of so many chunks.
func SavedLen(chunks int) int { return chunks * savedSize }

// Keep closes the file and leaves it unfinished, for Continue. After Commit or
// Abort it does nothing.
func (w *Writer) Keep() error { return w.file.Keep() }

// Continue reopens a file that Keep or a killed process left, and verifies the
// chunks that were written when it was saved; path, kind, meta and sizes must be as
// they were. The error is fs.ErrNotExist where the file is gone.
func Continue(path, kind string, meta any, sizes []int64, name string, table []byte) (*Writer, error) {
	w, err := newWriter(path, kind, meta, sizes)
	if err != nil {
		return nil, err
	}
	if len(table) != SavedLen(len(sizes)) {
		return nil, fmt.Errorf("%s: %d bytes were saved for %d chunks", path, len(table), len(sizes))
	}
	if w.file, err = atomicfile.Reopen(path, name); err != nil {
		return nil, err
	}
	buf := make([]byte, ioSize)
	i := 0
	for saved := range slices.Chunk(table, savedSize) {
		if saved[0] != 0 {
			e := &w.entries[i]
			var sum summer
			if _, err := io.CopyBuffer(&sum, io.NewSectionReader(w.file, e.offset, e.size), buf); err != nil {
				w.Keep()
				return nil, fmt.Errorf("%s: %w", w.file.Name(), err)
			}
			if e.sum = sum.Sum(); e.sum != [16]byte(saved[1:]) {
				w.Keep()
				return nil, fmt.Errorf("%s: chunk %d is damaged", w.file.Name(), i)
			}
			w.written[i] = true
		}
		i++
	}
	return w, nil
}

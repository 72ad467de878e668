package private

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/klauspost/compress/zstd"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/format"
)

// UpdateIndex changes the header of an index and writes the file anew; the variants,
// which are frames of their own, are copied as they are. Who does the same at the same
// time waits; who reads finds either the old or the new index. Nothing is written if
// change fails.
//
// A link stands for its file, and a file with several names is refused: each of them would
// become an index of its own that counts its checks alone.
func UpdateIndex(ctx context.Context, path string, change func(*Index) error) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink > 1 {
		return fmt.Errorf("%s: has %d names (hard links); keep one index, which counts what was asked of the cohort, and make the others symbolic links", path, stat.Nlink)
	}
	lock, err := atomicfile.WaitForLock(ctx, path)
	if err != nil {
		return err
	}
	defer lock.Release()
	r, err := OpenIndex(path, format.GWAS)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := change(&r.Index); err != nil {
		return err
	}
	return WriteIndex(path, &r.Index, r.copyVariants)
}

// copyVariants copies all frames but the header's.
func (r *IndexReader) copyVariants(w io.Writer) error {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	size, err := headerFrame(r.file)
	if err != nil {
		return r.damaged(err)
	}
	_, err = io.Copy(w, io.NewSectionReader(r.file, size, info.Size()-size))
	return err
}

// WriteIndex writes an index: its header, and what variants writes, as frames of zstd,
// which may be concatenated.
func WriteIndex(path string, header *Index, variants func(io.Writer) error) error {
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	packed, err := Compress(append(text, '\n'))
	if err != nil {
		return err
	}
	f, err := atomicfile.Create(path, 0o600)
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.Write(packed); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := variants(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.Commit()
}

// headerFrame is the size of the first zstd frame of an index (RFC 8878, section 3.1),
// which must hold the header line and nothing else.
func headerFrame(f io.ReaderAt) (int64, error) {
	start := make([]byte, zstd.HeaderMaxSize)
	if n, err := f.ReadAt(start, 0); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	} else {
		start = start[:n]
	}
	var h zstd.Header
	if err := h.Decode(start); err != nil || h.Skippable {
		return 0, errors.New("it does not begin with a header")
	}
	size := int64(h.HeaderSize)
	for last := false; !last; {
		var block [4]byte
		if _, err := f.ReadAt(block[:3], size); err != nil {
			return 0, err
		}
		word := binary.LittleEndian.Uint32(block[:])
		last = word&1 == 1
		content := int64(word >> 3)
		if word>>1&3 == 1 { // one byte, repeated
			content = 1
		}
		size += 3 + content
	}
	if h.HasCheckSum {
		size += 4
	}
	decoder, err := zstd.NewReader(io.NewSectionReader(f, 0, size), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return 0, err
	}
	defer decoder.Close()
	text, err := io.ReadAll(decoder)
	if err != nil {
		return 0, err
	}
	if bytes.IndexByte(text, '\n') != len(text)-1 {
		return 0, errors.New("its header is not by itself")
	}
	return size, nil
}

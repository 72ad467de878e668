package bundle

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"genoveil/pipeline/atomicfile"
)

// piecesFolder has a folder for each file under way, with a file for each part of it.
const piecesFolder = ".bundle-pieces"

// folderOf is that of a file's parts. Other bytes of the same path are another file.
func (im *importer) folderOf(e *entry) string {
	key := sha256.Sum256(fmt.Appendf(nil, "%d %x %s", e.total, e.sum, e.path))
	return filepath.Join(im.pieces, hex.EncodeToString(key[:]))
}

// keep stores a part. The newest counts: who imports a good bundle again mends what a bad
// one did.
func (im *importer) keep(i int) error {
	e := &im.entries[i]
	folder := im.folderOf(e)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	to := filepath.Join(folder, fmt.Sprintf("%d-%d", e.offset, e.length))
	if err := atomicfile.Clean(to); err != nil {
		return err
	}
	return putFile(to, 0o600, func(w io.Writer) error { return im.copy(w, i) }, (*atomicfile.File).Commit)
}

// drop forgets the parts of a file.
func (im *importer) drop(e *entry) error { return os.RemoveAll(im.folderOf(e)) }

// A span is some bytes of a file, as they stand in one of its parts.
type span struct {
	name         string
	skip, length int64
}

// spans are those which make a file, if its parts are all there.
func (im *importer) spans(e *entry) (spans []span, complete bool, err error) {
	folder := im.folderOf(e)
	list, err := os.ReadDir(folder)
	if err != nil {
		return nil, false, err
	}
	type part struct {
		name       string
		start, end int64
	}
	var parts []part
	for _, file := range list {
		first, second, _ := strings.Cut(file.Name(), "-")
		offset, errOffset := strconv.ParseInt(first, 10, 64)
		length, errLength := strconv.ParseInt(second, 10, 64)
		if errOffset == nil && errLength == nil {
			parts = append(parts, part{filepath.Join(folder, file.Name()), offset, offset + length})
		}
	}
	// Parts overlap if bundles of two sizes were made. Of those that begin where bytes are
	// needed, or before, the one that ends last is taken.
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.start, b.start) })
	at := int64(0)
	for at < e.total {
		best := part{}
		for len(parts) > 0 && parts[0].start <= at {
			if parts[0].end > best.end {
				best = parts[0]
			}
			parts = parts[1:]
		}
		if best.end <= at {
			return nil, false, nil
		}
		spans = append(spans, span{best.name, at - best.start, best.end - at})
		at = best.end
	}
	return spans, true, nil
}

// join writes a file from its parts. Where they are not those of one file, there is no
// telling which is wrong, and all are dropped.
func (im *importer) join(w io.Writer, e *entry, spans []span) error {
	sum := sha256.New()
	for _, s := range spans {
		if err := im.joinSpan(io.MultiWriter(w, sum), s); err != nil {
			return err
		}
	}
	if [sha256.Size]byte(sum.Sum(nil)) != e.sum {
		if err := im.drop(e); err != nil {
			return err
		}
		return errors.New("its parts do not make the file that they belong to; import all bundles with parts of it again")
	}
	return nil
}

func (im *importer) joinSpan(w io.Writer, s span) error {
	f, err := os.Open(s.name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyBuffer(w, io.NewSectionReader(f, s.skip, s.length), im.buf)
	return err
}

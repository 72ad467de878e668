package bgzf

import (
	"bufio"
	"bytes"
	"io"
)

// maxBlock is the length of a block, which two bytes state.
const maxBlock = 1 << 16

// HasEndMarker reports whether data of a size end with EndMarker.
func HasEndMarker(data io.ReaderAt, size int64) (bool, error) {
	end := make([]byte, len(EndMarker))
	if _, err := data.ReadAt(end, max(0, size-int64(len(end)))); err != nil && err != io.EOF {
		return false, err
	}
	return string(end) == EndMarker, nil
}

// behindEnd counts the bytes, of up to a block, that follow the last EndMarker of data of
// a size and are no block themselves.
func behindEnd(data io.ReaderAt, size int64) (int, error) {
	tail := make([]byte, min(size, maxBlock))
	if _, err := data.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return 0, err
	}
	at := bytes.LastIndex(tail, []byte(EndMarker))
	if at < 0 {
		return 0, nil
	}
	rest := tail[at+len(EndMarker):]
	if n := min(len(rest), len(magic)); string(rest[:n]) == magic[:n] {
		return 0, nil // the cut block of a file that was joined from several
	}
	return len(rest), nil
}

// EndsWhole reports whether data of a size end where a sound block does. The oldest
// writers put no EndMarker behind it.
func EndsWhole(data io.ReaderAt, size int64) (bool, error) {
	tail := make([]byte, min(size, maxBlock))
	if _, err := data.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return false, err
	}
	for i := 0; ; i++ {
		at := bytes.Index(tail[i:], []byte(magic))
		if at < 0 {
			return false, nil
		}
		i += at
		t := NewText(bufio.NewReader(bytes.NewReader(tail[i:])), 0)
		var err error
		for err == nil {
			_, _, err = t.Block()
		}
		if err == io.EOF || err == ErrNoEndMarker {
			return true, nil
		}
	}
}

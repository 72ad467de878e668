package home

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// marker tells the part of a study from its copies: a copy is another file. What is restored
// in place often gets the old number, and is born later.
type marker struct {
	Inode uint64 `json:"inode"`
	Born  int64  `json:"born"`
}

// ErrCopied reports a home that was copied or restored.
var ErrCopied = errors.New("this home was copied or restored from a backup; what it released since then is not known. 'genoveil study recover' abandons its analyses and makes a new key")

// Mark makes this directory the part of the study, in place of any that it is a copy of.
func (s *Study) Mark() error {
	path := filepath.Join(s.Dir, markerName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, private)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := inode(path)
	if err != nil {
		return err
	}
	text, err := json.Marshal(marker{n, born(path)})
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.Sync()
}

// Original is nil where the part of the study is no copy, and ErrCopied where it is one.
func (s *Study) Original() error {
	path := filepath.Join(s.Dir, markerName)
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var m marker
	n, errInode := inode(path)
	if err != nil || errInode != nil || json.Unmarshal(text, &m) != nil || m != (marker{n, born(path)}) {
		return fmt.Errorf("%s: %w", s.Dir, ErrCopied)
	}
	return nil
}

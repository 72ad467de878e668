package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/slurm"
)

// A journal is what a command says, for the file NAME.log beside its results: as PLINK's,
// it has the command line and all messages. It stands below those of commands before.
type journal struct {
	args  []string
	start time.Time
	path  string // once the command has begun

	mu   sync.Mutex
	said bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.said.Write(b)
}

// saveJournal writes the journal of a command that has begun. It is left out where
// standard error is that file, which then says the same.
func (s *session) saveJournal(code int) error {
	j := &s.journal
	if j.path == "" {
		return nil
	}
	if f, ok := s.stderr.(*os.File); ok {
		is, errIs := f.Stat()
		if info, err := os.Stat(j.path); err == nil && errIs == nil && os.SameFile(info, is) {
			return nil
		}
	}
	if _, err := os.Stat(filepath.Dir(j.path)); errors.Is(err, fs.ErrNotExist) {
		return nil // the command failed before it made the directory
	}
	text, err := j.text(code)
	if err != nil {
		return err
	}
	before, err := os.ReadFile(j.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(before) > 0 {
		text = slices.Concat(before, []byte("\n"), text)
	}
	return errors.Join(atomicfile.Clean(j.path), atomicfile.Write(j.path, text, 0o666))
}

// text is what the file says.
func (j *journal) text(code int) ([]byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var text bytes.Buffer
	words := []string{"genoveil"}
	for _, arg := range j.args {
		words = append(words, slurm.Quote(arg))
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	end := time.Now()
	fmt.Fprintf(&text, "genoveil %s\n%s\nin %s\nstart: %s\n\n", version(), printable(strings.Join(words, " ")), printable(dir), j.start.Format(time.RFC3339))
	text.Write(j.said.Bytes())
	fmt.Fprintf(&text, "\nend: %s, after %.1f s, exit code %d\n", end.Format(time.RFC3339), end.Sub(j.start).Seconds(), code)
	return text.Bytes(), nil
}

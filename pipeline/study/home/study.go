package home

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/folder"
)

const (
	counterName   = "counter"
	confirmedName = "confirmed"
	partyName     = "site"
)

// A Study is the part of a home that belongs to one study.
type Study struct {
	*Home
	Dir  string
	Name string // of the party
}

// Join makes the part of a study, for a party of it. It may be there already.
func (h *Home) Join(study, party string) (*Study, error) {
	s := &Study{Home: h, Dir: filepath.Join(h.Dir, study), Name: party}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(s.Dir, partyName)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := s.Mark(); err != nil {
			return nil, err
		}
	}
	err := atomicfile.WriteNew(path, []byte(party+"\n"), private)
	if errors.Is(err, fs.ErrExist) {
		there, err := h.Study(study)
		if err == nil && there.Name != party {
			err = fmt.Errorf("%s: this home is that of %q in the study %q; give each site a home of its own", h.Dir, there.Name, study)
		}
		return there, err
	}
	return s, err
}

// Study opens the part of a study. The error is ErrCopied where it is a copy.
func (h *Home) Study(study string) (*Study, error) {
	s, err := h.CopiedStudy(study)
	if err != nil {
		return nil, err
	}
	return s, s.Original()
}

// CopiedStudy is Study, also of a copy, for what makes it an original again.
func (h *Home) CopiedStudy(study string) (*Study, error) {
	s := &Study{Home: h, Dir: filepath.Join(h.Dir, study)}
	text, err := os.ReadFile(filepath.Join(s.Dir, partyName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: this home is not in the study %q; 'genoveil study join' is how it gets there", h.Dir, study)
	}
	s.Name = strings.TrimSuffix(string(text), "\n")
	return s, err
}

// A Confirmed is what a person confirmed by the study's phrase.
type Confirmed struct {
	Charter []byte            `json:"charter"` // canonical
	Keys    map[string][]byte `json:"keys"`    // of all parties
}

// Confirm keeps what was confirmed.
func (s *Study) Confirm(c *Confirmed) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(s.Dir, confirmedName), text, private)
}

// Confirmed is what was confirmed last, nil where nothing was.
func (s *Study) Confirmed() (*Confirmed, error) {
	path := filepath.Join(s.Dir, confirmedName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c := &Confirmed{}
	if err := folder.Strict(text, c); err != nil {
		return nil, fmt.Errorf("%s: damaged: %w", path, err)
	}
	return c, nil
}

// Counter is the number of the last message.
func (s *Study) Counter() (uint64, error) {
	path := filepath.Join(s.Dir, counterName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(strings.TrimSuffix(string(text), "\n"), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: damaged", path)
	}
	return n, nil
}

// Count is the number of the next message, and is on disk before the message is.
func (s *Study) Count() (uint64, error) {
	n, err := s.Counter()
	if err != nil {
		return 0, err
	}
	return n + 1, atomicfile.Write(filepath.Join(s.Dir, counterName), []byte(strconv.FormatUint(n+1, 10)+"\n"), private)
}

// Analysis is the directory of an analysis.
func (s *Study) Analysis(name string) string { return filepath.Join(s.Dir, "analyses", name) }

// Analyses are the names of the analyses that were approved.
func (s *Study) Analyses() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(s.Dir, "analyses"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

// SetAside destroys the secrets of all analyses, for a home of which it is not known what it
// released: its ledger counts them as released. Their directories stay, for reading, under
// another name.
func (s *Study) SetAside() error {
	from := filepath.Join(s.Dir, "analyses")
	for _, pattern := range []string{"secrets", ".secrets.*.partial", filepath.Join("outbox", "*", "private")} {
		paths, err := filepath.Glob(filepath.Join(from, "*", pattern))
		if err != nil {
			return err
		}
		for _, path := range paths {
			if err := Wipe(path); err != nil {
				return err
			}
		}
	}
	if _, err := os.Lstat(from); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for n := 1; ; n++ {
		to := fmt.Sprintf("%s.before-recovery-%d", from, n)
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			return os.Rename(from, to)
		}
	}
}

// Wipe overwrites a file before it goes. On file systems that write elsewhere, and on flash,
// the old bytes may stay until their place is used again.
func Wipe(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, info.Size()))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Remove(path)
}

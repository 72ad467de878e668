package home

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/folder"
)

// Events of the ledger.
const (
	Approved  = "approved"
	Released  = "released"  // a total may be known from now on
	Abandoned = "abandoned" // what was not released by then never is
)

// An Entry is a line of the ledger.
type Entry struct {
	When     string           `json:"when"`
	Study    string           `json:"study"`
	Analysis folder.Digest    `json:"analysis"`
	ID       string           `json:"id"` // of the analysis, in histories
	Name     string           `json:"name"`
	Event    string           `json:"event"`
	Stage    string           `json:"stage,omitempty"`   // that was released
	T        folder.Digest    `json:"t"`                 // to which list of uploads
	Rosters  [][]charter.Unit `json:"rosters,omitempty"` // of what was approved
	Numbers  string           `json:"numbers,omitempty"` // and what is added up over them
	Factors  string           `json:"factors,omitempty"`
	Used     []Used           `json:"used,omitempty"` // data of this site
}

// Used is data of a site that an analysis stands on.
type Used struct {
	Units   []charter.Unit `json:"units"`
	Label   string         `json:"label"` // a trait's table, or rows
	File    string         `json:"file"`  // SHA-256
	As      string         `json:"as"`    // SHA-256 of how it was read: settings, filters, list
	Samples int            `json:"samples"`
	Rows    []byte         `json:"rows,omitempty"` // lines of the file that were used, a bit each
}

// Ledger reads the ledger. A last line without an end is one that a killed process did not
// finish: what it stands for did not happen.
func (h *Home) Ledger() ([]Entry, error) {
	text, err := os.ReadFile(filepath.Join(h.Dir, ledgerName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for n := 1; ; n++ {
		line, rest, whole := bytes.Cut(text, []byte{'\n'})
		if !whole {
			return entries, nil
		}
		text = rest
		var e Entry
		if err := folder.Strict(line, &e); err != nil {
			return nil, fmt.Errorf("%s, line %d: damaged: %w", filepath.Join(h.Dir, ledgerName), n, err)
		}
		entries = append(entries, e)
	}
}

// Note adds an entry, which is on disk when it returns.
func (h *Home) Note(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	path := filepath.Join(h.Dir, ledgerName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, private)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	whole := int64(bytes.LastIndexByte(text, '\n') + 1)
	if err := f.Truncate(whole); err != nil {
		return err
	}
	if _, err := f.WriteAt(append(line, '\n'), whole); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	d, err := os.Open(h.Dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Has looks for an event of an analysis, of a stage or of any ("").
func Has(entries []Entry, analysis folder.Digest, event, stage string) (Entry, bool) {
	for _, e := range entries {
		if e.Analysis == analysis && e.Event == event && (stage == "" || e.Stage == stage) {
			return e, true
		}
	}
	return Entry{}, false
}

package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"

	"genoveil/he"
	"genoveil/pipeline/atomicfile"
)

// A journal is the owner's record of an encryption under way, in a directory
// beside the index that is to come. It lets an interrupted run continue: the
// check key must stay the same for the whole cohort, and blocks that are already
// on disk are kept. It is deleted when the index is complete.
type journal struct {
	dir   string
	state journalState
}

type journalState struct {
	CohortID string    `json:"cohort_id"`
	KeyID    KeyID     `json:"key_id"`
	Params   he.Params `json:"params"`
	Samples  []string  `json:"samples"`
	CheckKey []uint16  `json:"check_key"`
}

// finishedBlock is the record of one block whose files are complete.
type finishedBlock struct {
	Digest string      `json:"digest"`
	Planes []Plane     `json:"planes"`
	Files  []BlockFile `json:"files"`
}

func journalDir(indexPath string) string { return indexPath + ".partial" }

// openJournal continues the journal of an interrupted run or starts one with the
// fresh state.
func openJournal(indexPath string, fresh journalState) (j *journal, resumed bool, err error) {
	j = &journal{dir: journalDir(indexPath), state: fresh}
	path := filepath.Join(j.dir, "state.json")
	text, err := os.ReadFile(path)
	blocks, globErr := filepath.Glob(filepath.Join(j.dir, "block*.json"))
	switch {
	case globErr != nil:
		return nil, false, globErr
	case errors.Is(err, fs.ErrNotExist), err == nil && len(blocks) == 0:
		// Nothing was finished, so nothing binds this run to the one before.
		if err := os.MkdirAll(j.dir, 0o700); err != nil {
			return nil, false, err
		}
		text, err := json.Marshal(fresh)
		if err != nil {
			return nil, false, err
		}
		return j, false, atomicfile.Write(path, text, 0o600)
	case err != nil:
		return nil, false, err
	}
	if err := json.Unmarshal(text, &j.state); err != nil {
		return nil, false, fmt.Errorf("%s: %w; delete %s and the cohort directory and start again", path, err, j.dir)
	}
	s := &j.state
	if s.KeyID != fresh.KeyID || !s.Params.Equal(fresh.Params) || !slices.Equal(s.Samples, fresh.Samples) || len(s.CheckKey) != len(s.Samples) {
		return nil, false, fmt.Errorf("%s: an interrupted encryption with another key, other samples or another parameter set; delete it and the cohort directory to start again", j.dir)
	}
	return j, true, nil
}

func (j *journal) blockPath(block int, suffix string) string {
	return filepath.Join(j.dir, fmt.Sprintf("block%06d%s", block, suffix))
}

// finished returns the record of a block, or nil if it is not complete.
func (j *journal) finished(block int) (*finishedBlock, error) {
	text, err := os.ReadFile(j.blockPath(block, ".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	record := new(finishedBlock)
	return record, json.Unmarshal(text, record)
}

// finish records a block: first the variants' lines, then the record that makes
// them count.
func (j *journal) finish(number int, b *block, record *finishedBlock) error {
	var lines []byte
	for i := range b.variants {
		lines = appendVariant(lines, &b.variants[i], &b.tallies[i])
	}
	packed, err := compress(lines)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(j.blockPath(number, ".zst"), packed, 0o600); err != nil {
		return err
	}
	text, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return atomicfile.Write(j.blockPath(number, ".json"), text, 0o600)
}

// writeIndex joins header and blocks (zstd frames may be concatenated) into the
// index, and ends the journal.
func (j *journal) writeIndex(path string, header Index) error {
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	packed, err := compress(append(text, '\n'))
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
	for b := range header.Blocks {
		part, err := os.Open(j.blockPath(b, ".zst"))
		if err != nil {
			return err
		}
		_, err = io.Copy(f, part)
		part.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := f.Commit(); err != nil {
		return err
	}
	return os.RemoveAll(j.dir)
}

func compress(text []byte) ([]byte, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer encoder.Close()
	return encoder.EncodeAll(text, nil), nil
}

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
	"strings"
	"syscall"

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
	lock  *os.File
}

type journalState struct {
	CohortID string    `json:"cohort_id"`
	KeyID    KeyID     `json:"key_id"`
	Params   he.Params `json:"params"`
	Samples  []string  `json:"samples"`
	CheckKey []uint64  `json:"check_key"`
}

// finishedBlock is the record of one block whose files are complete.
type finishedBlock struct {
	CohortID string      `json:"cohort_id"`
	Digest   string      `json:"digest"`
	Planes   []Plane     `json:"planes"`
	Files    []BlockFile `json:"files"`
}

func journalDir(indexPath string) string { return indexPath + ".partial" }

// openJournal continues the journal of an interrupted run or starts one with the
// fresh state.
func openJournal(indexPath string, fresh journalState) (j *journal, resumed bool, err error) {
	j = &journal{dir: journalDir(indexPath), state: fresh}
	if err := j.takeLock(); err != nil {
		return nil, false, err
	}
	defer func(locked *journal) {
		if err != nil {
			locked.unlock()
		}
	}(j)
	path := filepath.Join(j.dir, "state.json")
	finished, err := j.blocks()
	if err != nil {
		return nil, false, err
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, false, err
	}
	if err != nil || len(finished) == 0 {
		// Nothing that counts was finished, so nothing binds this run to the one
		// before; and a block without its state has a check key that nobody knows.
		for _, name := range finished {
			if err := os.Remove(filepath.Join(j.dir, name)); err != nil {
				return nil, false, err
			}
		}
		text, err := json.Marshal(fresh)
		if err != nil {
			return nil, false, err
		}
		return j, false, atomicfile.Write(path, text, 0o600)
	}
	if err := json.Unmarshal(text, &j.state); err != nil {
		return nil, false, fmt.Errorf("%s: %w; delete %s and the cohort directory and start again", path, err, j.dir)
	}
	s := &j.state
	if s.KeyID != fresh.KeyID || !s.Params.Equal(fresh.Params) || !slices.Equal(s.Samples, fresh.Samples) || len(s.CheckKey) != len(fresh.CheckKey) {
		return nil, false, fmt.Errorf("%s: an interrupted encryption with another key, other samples or another parameter set; delete it and the cohort directory to start again", j.dir)
	}
	return j, true, j.dropAfterGap(finished)
}

// dropAfterGap forgets blocks that were finished before an earlier one: two are
// encrypted at a time, and a block that nothing vouches for must not be encrypted
// before all that do were compared.
func (j *journal) dropAfterGap(finished []string) error {
	for number := 0; len(finished) > 0; number++ {
		name := filepath.Base(j.blockPath(number, ".json"))
		if i := slices.Index(finished, name); i >= 0 {
			finished = slices.Delete(finished, i, i+1)
			continue
		}
		for _, name := range finished {
			if err := os.Remove(filepath.Join(j.dir, name)); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

// takeLock makes the directory and locks it against another run of the same
// command.
func (j *journal) takeLock() error {
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(j.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return fmt.Errorf("%s: another run is encrypting this cohort; wait for it, or choose another name", j.dir)
	}
	j.lock = f
	return nil
}

// unlock lets others at the journal. The system does so, too, when a process dies.
func (j *journal) unlock() { j.lock.Close() }

// blocks lists the records of finished blocks.
func (j *journal) blocks() ([]string, error) {
	entries, err := os.ReadDir(j.dir)
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "block") && strings.HasSuffix(e.Name(), ".json") {
			names = append(names, e.Name())
		}
	}
	return names, err
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
	// The state goes first: blocks without it do not count.
	if err := os.Remove(filepath.Join(j.dir, "state.json")); err != nil {
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

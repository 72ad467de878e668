package owner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"genoveil/he"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/private"
)

// A journal is the owner's record of an encryption under way, in a directory
// beside the index that is to come. It lets an interrupted run continue, and several
// tasks encrypt a shard each: the check key must stay the same for the whole cohort,
// and blocks that are already on disk are kept. It is deleted when the index is
// complete.
type journal struct {
	dir   string
	shard format.Shard // of this task
	state journalState

	lock   *atomicfile.Lock // keeps others from the shard
	common *atomicfile.Lock // keeps others from opening the journal and from completing the cohort
}

type journalState struct {
	CohortID string       `json:"cohort_id"`
	KeyID    format.KeyID `json:"key_id"`
	Params   he.Params    `json:"params"`
	Samples  []string     `json:"samples"`
	CheckID  string       `json:"check_id,omitempty"`
	CheckKey he.MaskKey   `json:"check_keys,omitempty"`
	Shards   int          `json:"shards"`
}

// finishedBlock is the record of one block whose files are complete.
type finishedBlock struct {
	CohortID string             `json:"cohort_id"`
	Digest   string             `json:"digest"`
	Planes   []format.Plane     `json:"planes"`
	Files    []format.BlockFile `json:"files"`
	Lines    string             `json:"lines"` // hash of the variants' lines, compressed
}

func journalDir(indexPath string) string { return indexPath + ".partial" }

// openJournal continues the journal of an interrupted run or of other shards, or
// starts one with the fresh state. resumed is whether this shard has blocks in it.
func openJournal(ctx context.Context, indexPath string, shard format.Shard, fresh journalState) (j *journal, resumed bool, err error) {
	j = &journal{dir: journalDir(indexPath), shard: shard}
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return nil, false, err
	}
	defer func(locked *journal) {
		if err != nil {
			locked.unlock()
		}
		locked.common.Release()
	}(j)
	if err := j.waitForOthers(ctx); err != nil {
		return nil, false, err
	}
	if err := j.takeLock(); err != nil {
		return nil, false, err
	}
	finished, err := j.blocks()
	if err != nil {
		return nil, false, err
	}
	fresh.Shards = shard.Count
	made, err := j.readOrMakeState(fresh, len(finished))
	if err != nil {
		return nil, false, err
	}
	s := &j.state
	if s.KeyID != fresh.KeyID || !s.Params.Equal(fresh.Params) || !slices.Equal(s.Samples, fresh.Samples) || len(s.CheckKey) != len(fresh.CheckKey) {
		if shard != format.Whole {
			return nil, false, fmt.Errorf("%s: this cohort is being encrypted with a different key, samples or parameter set; give all shards the same ones, or delete it and the cohort directory to start again", j.dir)
		}
		return nil, false, fmt.Errorf("%s: belongs to an interrupted encryption with a different key, samples or parameter set; delete it and the cohort directory to start again", j.dir)
	}
	if err := os.MkdirAll(j.shardDir(shard), 0o700); err != nil {
		return nil, false, err
	}
	if err := os.Remove(j.shardPath(shard, ".json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, false, err // until it ends again, the shard is not done
	}
	if made {
		// A block without its state has a check key that nobody knows.
		return j, false, j.drop(finished)
	}
	return j, len(finished) > 0, j.dropAfterGap(finished)
}

// takeLock locks the shard against another task with the same.
func (j *journal) takeLock() (err error) {
	j.lock, err = atomicfile.TryLock(j.shardPath(j.shard, ".lock"), 0o600)
	switch {
	case errors.Is(err, atomicfile.ErrLocked) && j.shard == format.Whole:
		return atomicfile.Locked(j.dir + ": another run is encrypting this cohort; wait for it, or choose a different name")
	case errors.Is(err, atomicfile.ErrLocked):
		return atomicfile.Locked(fmt.Sprintf("%s: another task is encrypting shard %s of this cohort; wait for it, or give every task its own shard", j.dir, j.shard))
	}
	return err
}

// waitForOthers waits until no other task opens the journal or completes the cohort,
// and keeps them from it.
func (j *journal) waitForOthers(ctx context.Context) (err error) {
	j.common, err = atomicfile.WaitLock(ctx, filepath.Join(j.dir, "lock"), 0o600)
	return err
}

// unlock lets others at the shard, then at the journal. The system does so, too, when
// a process dies.
func (j *journal) unlock() {
	j.lock.Release()
	j.common.Release()
}

// undisturbed fails if another task has finished a block that this one has under way,
// or the whole cohort: where locks do nothing, that must not be written over.
func (j *journal) undisturbed(block int) error {
	_, state := os.Stat(filepath.Join(j.dir, "state.json"))
	_, record := os.Stat(j.blockPath(block, ".json"))
	if state == nil && errors.Is(record, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("%s: another task has encrypted block %d or deleted the journal in the meantime; run every shard in one task at a time", j.dir, block)
}

// dropAfterGap forgets blocks of the shard that were finished before an earlier one:
// two are encrypted at a time, and a block that nothing vouches for must not be
// encrypted before all that do were compared.
func (j *journal) dropAfterGap(finished []string) error {
	for number := j.shard.Index - 1; len(finished) > 0; number += j.shard.Count {
		i := slices.Index(finished, filepath.Base(j.blockPath(number, ".json")))
		if i < 0 {
			return j.drop(finished)
		}
		finished = slices.Delete(finished, i, i+1)
	}
	return nil
}

// drop forgets blocks of the shard.
func (j *journal) drop(finished []string) error {
	for _, name := range finished {
		if err := os.Remove(filepath.Join(j.shardDir(j.shard), name)); err != nil {
			return err
		}
	}
	return nil
}

// blocks lists the records of finished blocks of the shard.
func (j *journal) blocks() ([]string, error) {
	entries, err := os.ReadDir(j.shardDir(j.shard))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "block") && strings.HasSuffix(e.Name(), ".json") {
			names = append(names, e.Name())
		}
	}
	return names, err
}

func (j *journal) blockPath(block int, suffix string) string {
	dir := j.shardDir(format.Shard{Index: block%j.shard.Count + 1, Count: j.shard.Count})
	return filepath.Join(dir, fmt.Sprintf("block%06d%s", block, suffix))
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
	packed, err := b.Lines(private.IndexVersion)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(j.blockPath(number, ".zst"), packed, 0o600); err != nil {
		return err
	}
	record.Lines = hashOf(packed)
	text, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return atomicfile.Write(j.blockPath(number, ".json"), text, 0o600)
}

// writeIndex joins header and blocks into the index, and ends the journal.
func (j *journal) writeIndex(path string, header private.Index) error {
	err := private.WriteIndex(path, &header, func(w io.Writer) error {
		for b := range header.Blocks {
			part, err := os.Open(j.blockPath(b, ".zst"))
			if err != nil {
				return err
			}
			_, err = io.Copy(w, part)
			part.Close()
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return j.end()
}

// end deletes the journal.
func (j *journal) end() error {
	// The state goes first: blocks without it do not count. What another task holds
	// open may stay for a while on network file systems, and means nothing.
	if err := os.Remove(filepath.Join(j.dir, "state.json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	j.unlock()
	os.RemoveAll(j.dir)
	return nil
}

func hashOf(text []byte) string { return fmt.Sprintf("%016x", xxh3.Hash(text)) }

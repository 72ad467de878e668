package owner

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"genoveil/genomics/assoc"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/format"
)

// shardDir has the records of a shard's blocks; a shard can so be forgotten alone.
func (j *journal) shardDir(s format.Shard) string {
	if s == format.Whole {
		return j.dir
	}
	return j.shardPath(s, "")
}

func (j *journal) shardPath(s format.Shard, suffix string) string {
	return filepath.Join(j.dir, fmt.Sprintf("shard-%d-of-%d%s", s.Index, s.Count, suffix))
}

// readOrMakeState reads the state that is there. If there is none, it makes the fresh
// one, unless another shard is faster. Nothing binds a run that is no shard to one
// before that finished no block.
func (j *journal) readOrMakeState(fresh journalState, finished int) (made bool, err error) {
	path := filepath.Join(j.dir, "state.json")
	err = j.readState(path)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return false, err
	}
	if !missing && j.state.Shards != fresh.Shards {
		return false, fmt.Errorf("%s: this cohort is being encrypted %s; delete it and the cohort directory to start again",
			j.dir, inShards(j.state.Shards, fresh.Shards))
	}
	if !missing && (j.shard != format.Whole || finished > 0) {
		return false, nil
	}
	text, err := json.Marshal(fresh)
	if err != nil {
		return false, err
	}
	if j.shard == format.Whole {
		j.state = fresh
		return true, atomicfile.Write(path, text, 0o600)
	}
	err = atomicfile.WriteNew(path, text, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return j.readOrMakeState(fresh, finished)
	}
	if err != nil {
		return false, fmt.Errorf("%w; shards need a file system with hard links", err)
	}
	j.state = fresh
	return true, nil
}

func inShards(n, not int) string {
	switch {
	case n == 1:
		return fmt.Sprintf("as a whole, not in %d shards", not)
	case not == 1:
		return fmt.Sprintf("in %d shards, not as a whole", n)
	}
	return fmt.Sprintf("in %d shards, not %d", n, not)
}

func (j *journal) readState(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	j.state = journalState{Shards: 1} // as before there were shards
	if err := json.Unmarshal(text, &j.state); err != nil {
		return fmt.Errorf("%s: %w; delete %s and the cohort directory and start again", path, err, j.dir)
	}
	return nil
}

// A shardRecord says that a shard is done, and what it has read: all blocks, of which
// it encrypted its own.
type shardRecord struct {
	CohortID string `json:"cohort_id"`
	Digest   string `json:"digest"`   // of all blocks
	Variants int    `json:"variants"` // in all blocks
	IDWidth  int    `json:"id_width"` // over all variants
	Missing  int    `json:"missing"`  // genotypes of the shard's blocks
}

// add takes in the next block, whosoever it is.
func (r *shardRecord) add(b *block, digest string) {
	r.Digest = hashOf([]byte(r.Digest + digest))
	r.Variants += len(b.Variants)
	for i := range b.Variants {
		r.IDWidth = assoc.IDWidth(r.IDWidth, b.Variants[i].ID)
	}
}

// finishShard records that the shard is done. All these records are in one directory:
// a network file system shows a task what others wrote there once it writes itself.
func (j *journal) finishShard(r *shardRecord) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return atomicfile.Write(j.shardPath(j.shard, ".json"), text, 0o600)
}

// shardRecord reads the record of a shard; nil if it is not done.
func (j *journal) shardRecord(s format.Shard) (*shardRecord, error) {
	path := j.shardPath(s, ".json")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := new(shardRecord)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if r.CohortID != j.state.CohortID {
		return nil, nil
	}
	return r, nil
}

// unfinished lists the shards that are not done or being done again, and counts the
// missing genotypes of the others, which must all have read what this one read.
func (j *journal) unfinished(own *shardRecord) (left []format.Shard, missing int, err error) {
	for i := range j.shard.Count {
		s := format.Shard{Index: i + 1, Count: j.shard.Count}
		r, err := j.shardRecord(s)
		if err != nil {
			return nil, 0, err
		}
		if r != nil && r.Digest != own.Digest {
			return nil, 0, fmt.Errorf("shards %s and %s read different genotypes; of %s and %s delete what is wrong, and run that shard again with the input and the filters of the others",
				j.shard, s, j.shardDir(j.shard), j.shardDir(s))
		}
		busy := false
		if s != j.shard {
			lock, err := atomicfile.TryLock(j.shardPath(s, ".lock"), 0o600)
			if busy = errors.Is(err, atomicfile.ErrLocked); err != nil && !busy {
				return nil, 0, err
			}
			lock.Release()
		}
		if r == nil || busy {
			left = append(left, s)
			continue
		}
		missing += r.Missing
	}
	return left, missing, nil
}

// collect puts the blocks and files of all shards into the manifest.
func (w *blockWriter) collect(m *format.Manifest, blocks int) error {
	records := make([]*finishedBlock, blocks)
	var group errgroup.Group
	group.SetLimit(w.job.Threads)
	for b := range records {
		group.Go(func() (err error) {
			if records[b], err = w.journal.finished(b); err != nil {
				return err
			}
			if records[b] == nil || !w.intact(b, records[b]) {
				s := w.journal.shard
				s.Index = b%s.Count + 1
				return fmt.Errorf("%s: block %d is not what shard %s wrote; run that shard again", w.job.Dir, b, s)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	m.Blocks, m.Files = nil, nil
	for _, r := range records {
		m.Blocks = append(m.Blocks, format.Block{Planes: r.Planes})
		m.Files = append(m.Files, r.Files...)
	}
	return nil
}

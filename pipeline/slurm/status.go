package slurm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"genoveil/pipeline/tasks"
)

// A State is how far a shard is.
type State string

const (
	Done    State = "done"    // its record is there
	Running State = "running" // or about to end
	Pending State = "pending" // waits in the queue, for the first time or again
	Missing State = "missing" // neither done nor in the queue: it failed, was cancelled, or was never submitted
)

// A Shard is one shard's state.
type Shard struct {
	State  State
	ID     string // of the task in the queue
	Reason string // why it waits, in Slurm's words
	Log    string
	Said   // of what runs or is missing
}

// Status is the state of a job.
type Status struct {
	Shards  []Shard
	Blind   error // there is no Slurm to ask: what waits or runs counts as missing
	Merged  bool  // the product is there
	Merging bool  // jobs that merge wait or run, and can still begin
	merges  []string
}

// Count is the number of shards in a state.
func (s *Status) Count(state State) int {
	n := 0
	for _, shard := range s.Shards {
		if shard.State == state {
			n++
		}
	}
	return n
}

// Status looks at the job's files and at the queue.
func (j *Job) Status(ctx context.Context) (*Status, error) {
	queue, err := j.queued(ctx)
	s := &Status{Shards: make([]Shard, j.Shards)}
	if errors.Is(err, exec.ErrNotFound) {
		s.Blind, err = err, nil
	}
	if err != nil {
		return nil, err
	}
	where := map[int]string{} // shard to its last array
	for _, sub := range j.Submitted {
		if sub.Script == ShardsName {
			for _, task := range sub.Tasks {
				where[task] = fmt.Sprintf("%s_%d", sub.ID, task)
			}
			continue
		}
		if state, alive := mergeState(queue, sub); alive {
			s.merges, s.Merging = append(s.merges, sub.ID), s.Merging || state
		}
	}
	for i := range s.Shards {
		shard := &s.Shards[i]
		*shard = Shard{State: Missing, Log: j.log(fmt.Sprint(i + 1))}
		entry, queued := queue[where[i+1]]
		switch {
		case queued && entry.state == "PENDING":
			shard.State, shard.ID, shard.Reason = Pending, where[i+1], entry.reason
		case j.done(i + 1):
			shard.State = Done
		case queued:
			shard.State, shard.ID = Running, where[i+1]
		}
		if shard.State == Running || shard.State == Missing {
			shard.Said = readLog(shard.Log)
		}
	}
	_, err = os.Stat(j.Product())
	s.Merged = err == nil
	return s, nil
}

// Left is how long the shards that are not done take at the pace of the others, with
// as many at a time as run now; 0 where nothing runs or no pace is known.
func (s *Status) Left(j *Job, now time.Time) time.Duration {
	var work float64 // shards
	var takes, longest time.Duration
	running, known := 0, 0
	for i, shard := range s.Shards {
		pace := shard.Takes
		switch shard.State {
		case Done:
			if r, err := tasks.Read(j.Record(i + 1)); err == nil {
				pace = time.Duration(r.Seconds * float64(time.Second))
			}
		case Running:
			running++
			left := 1 - shard.Share
			if pace > 0 {
				left = max(left-float64(now.Sub(shard.At))/float64(pace), 0)
				longest = max(longest, time.Duration(left*float64(pace)))
			}
			work += left
		default:
			work += 1 - shard.Share
		}
		if pace > 0 {
			takes, known = takes+pace, known+1
		}
	}
	if running == 0 || known == 0 {
		return 0
	}
	return max(time.Duration(float64(takes)/float64(known)*work/float64(running)), longest)
}

// mergeState says whether a job that merges is in the queue, and whether it can
// still begin.
func mergeState(queue map[string]entry, sub Submission) (able, alive bool) {
	for id, e := range queue {
		if base, _, _ := strings.Cut(id, "_"); base == sub.ID {
			alive = true
			able = able || e.reason != "DependencyNeverSatisfied"
		}
	}
	return able, alive
}

// done says whether a shard has written its record, which it does last, and what it
// was to write is there.
func (j *Job) done(shard int) bool {
	if j.Suffix == "" {
		if _, err := os.Stat(j.Product()); err == nil {
			return true // whoever completed the cohort found all shards done
		}
	}
	if _, err := os.Stat(j.Record(shard)); err != nil {
		return false
	}
	if j.Suffix == "" {
		return true
	}
	_, err := os.Stat(j.ShardFile(shard))
	return err == nil
}

package slurm

import (
	"context"
	"fmt"
	"os"
	"strings"
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
}

// Status is the state of a job.
type Status struct {
	Shards  []Shard
	Merged  bool // the product is there
	Merging bool // jobs that merge wait or run, and can still begin
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
	if err != nil {
		return nil, err
	}
	s := &Status{Shards: make([]Shard, j.Shards)}
	where := map[int]string{} // shard to its last array
	for _, sub := range j.Submitted {
		if sub.Script == arrayName {
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
	}
	_, err = os.Stat(j.Product())
	s.Merged = err == nil
	return s, nil
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

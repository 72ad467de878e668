// Package tasks keeps records of what long commands took, and makes a page of them.
package tasks

import (
	"encoding/json"
	"fmt"
	"time"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
)

// A Record is what a long command says of itself when it is done. Of a command that
// was interrupted, it is what the last run took.
type Record struct {
	Command     string    `json:"command"`
	Shard       string    `json:"shard,omitempty"`
	Device      string    `json:"device"`
	Threads     int       `json:"threads,omitempty"`
	Genotypes   int64     `json:"genotypes,omitempty"`
	Start       time.Time `json:"start"`
	Seconds     float64   `json:"seconds"`
	CoreSeconds float64   `json:"core_seconds"`
	PeakMemory  int64     `json:"peak_memory"` // bytes
}

// maxRecord bounds a record, which has some 300 bytes.
const maxRecord = 1 << 16

// CoreNS is the core-nanoseconds a genotype, 0 where there are none.
func (r *Record) CoreNS() float64 {
	if r.Genotypes == 0 {
		return 0
	}
	return r.CoreSeconds * 1e9 / float64(r.Genotypes)
}

// Save writes the record.
func (r *Record) Save(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(path, append(text, '\n'), 0o666)
}

// Read reads a record.
func Read(path string) (*Record, error) {
	text, err := chunkfile.ReadSmall(path, maxRecord)
	if err != nil {
		return nil, err
	}
	r := new(Record)
	if err := json.Unmarshal(text, r); err != nil || r.Command == "" {
		return nil, fmt.Errorf("%s: not a record of a task; give files that --record wrote", path)
	}
	return r, nil
}

package site

import (
	"encoding/json"
	"math"
	"testing"

	"genoveil/pipeline/filetest"
)

// FuzzCheckpoint opens any container as the checkpoint of a run and of scores.
func FuzzCheckpoint(f *testing.F) {
	run, err := NewCheckpoint("x", RunKind, 1)
	if err != nil {
		f.Fatal(err)
	}
	add := func(meta, chunk []byte) { f.Add(meta, []byte{}, uint16(0), []byte{}, chunk) }
	add(filetest.Must(f, checkpointMeta{run.identity, runState{File: "x"}}), []byte("table"))
	add(filetest.Must(f, checkpointMeta{run.identity, scoreState{Sums: -1, Chunks: 1 << 62}}), []byte{})
	f.Add([]byte(`{"state":[`), []byte(`{},`), uint16(math.MaxUint16), []byte(`{}]}`), []byte{})
	f.Fuzz(func(t *testing.T, before, piece []byte, n uint16, after, chunk []byte) {
		meta := filetest.Repeat(before, piece, n, after)
		if !json.Valid(meta) {
			return
		}
		for kind, state := range map[string]any{RunKind: new(runState), ScoreCheckpointKind: new(scoreState)} {
			path, size := filetest.Container(t, kind, json.RawMessage(meta), chunk)
			c := &Checkpoint{path: path, kind: kind, identity: run.identity}
			filetest.Modestly(t, kind, size, func() {
				if r, err := c.Open(state); err == nil {
					r.Close()
				}
			})
		}
	})
}

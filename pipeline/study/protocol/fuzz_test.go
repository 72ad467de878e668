package protocol

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"genoveil/pipeline/study/folder"
)

// FuzzBodies: whatever c signs as the body of a message of a round, the others go on, wait,
// or end the analysis, and keep no secret then.
func FuzzBodies(f *testing.F) {
	type state struct {
		w       *world
		home    string // of b, and its folder, before it saw the message
		folder  string
		message []byte
	}
	var states []state
	for _, round := range []string{"approve", "keys", "01-first-upload", "01-first-open", "02-said"} {
		w := newWorld(f, 3, aFit)
		w.run(func(to, path string, text []byte) []byte {
			if to != "c" && message(path, "c", round) {
				return nil
			}
			return text
		})
		text, err := os.ReadFile(filepath.Join(w.at["c"].folder, round, "c.msg"))
		w.ok(err)
		s := state{w, filepath.Join(f.TempDir(), "home"), filepath.Join(f.TempDir(), "folder"), text}
		w.ok(exec.Command("cp", "-r", w.at["b"].home.Dir, s.home).Run())
		w.ok(exec.Command("cp", "-r", w.at["b"].folder, s.folder).Run())
		states = append(states, s)
		m, err := folder.Parse(text, w.docs.Keys["c"])
		w.ok(err)
		f.Add(uint8(len(states)-1), []byte(m.Body))
	}
	f.Add(uint8(0), []byte(`{"public_key":"AA==","pledge":null,"program":"","declared":{},"consent":false}`))
	f.Add(uint8(3), []byte(`{"sealed":{"b":"AA==","r":null}}`))
	f.Fuzz(func(t *testing.T, round uint8, text []byte) {
		if !json.Valid(text) {
			return
		}
		s := states[int(round)%len(states)]
		s.w.t = t
		b := s.w.at["b"]
		s.w.ok(errors.Join(os.RemoveAll(b.home.Dir), os.RemoveAll(b.folder)))
		s.w.ok(exec.Command("cp", "-r", s.home, b.home.Dir).Run())
		s.w.ok(exec.Command("cp", "-r", s.folder, b.folder).Run())
		var h folder.Header
		forged := s.w.resigned(s.message, func(changed *folder.Header) {
			changed.Body = text
			h = *changed
		})
		s.w.ok(os.WriteFile(filepath.Join(b.folder, h.Round, "c.msg"), forged, 0o600))
		s.w.step("b")
		var ended *Ended
		switch {
		case errors.As(b.err, &ended):
			s.w.ended("b", "")
		case b.err != nil:
			t.Errorf("%s: %v", text, b.err)
		case b.Done:
			t.Error("done")
		}
	})
}

package protocol

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A syncer copies files late, out of order, in part, twice, and with "conflicted copies"
// beside them, as programs do that keep folders alike. Half a file has its final name.
type syncer struct {
	*rand.Rand
	w     *world
	tries map[string]int
	late  int // tries until a file is whole
}

// deliver brings some of what a party lacks, or a part of it.
func (s *syncer) deliver(to string) {
	s.w.deliver(to, func(to, path string, text []byte) []byte {
		key := to + " " + path
		s.tries[key]++
		if s.tries[key] >= s.late {
			return text
		}
		at := filepath.Join(s.w.at[to].folder, path)
		switch s.IntN(6) {
		case 0:
			return text
		case 1, 2:
			return text[:s.IntN(len(text)+1)]
		case 3:
			ext := filepath.Ext(path)
			s.w.ok(os.MkdirAll(filepath.Dir(at), 0o700))
			s.w.ok(os.WriteFile(strings.TrimSuffix(at, ext)+fmt.Sprintf(" (conflicted copy %d)", s.IntN(3))+ext, text[:s.IntN(len(text))], 0o600))
		}
		return nil
	})
}

// TestSyncedFolders: with folders that a syncer keeps alike, badly, the analysis completes
// with the right totals for everybody. On the way parties wait, and nothing else.
func TestSyncedFolders(t *testing.T) {
	seeds := uint64(6)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 5, aFit)
			s := &syncer{rand.New(rand.NewPCG(seed, 5)), w, map[string]int{}, 4}
			noted := false
			for turns := 0; !w.allDone(); turns++ {
				if turns > 300 {
					t.Fatal(w.story())
				}
				name := w.parties[s.IntN(len(w.parties))]
				s.deliver(name)
				w.step(name)
				if err := w.at[name].err; err != nil && !strings.Contains(err.Error(), "any more; wait until the folder has it again") {
					t.Fatalf("%s: %v", name, err)
				}
				notes := strings.Join(w.at[name].Notes, "\n")
				noted = noted || strings.Contains(notes, "ignored: ") && strings.Contains(notes, "conflicted copy")
			}
			for _, name := range w.parties {
				w.step(name)
			}
			w.complete()
			if !noted {
				t.Error("nobody noted a conflicted copy")
			}
		})
	}
}

// TestNothingArrives: with nothing from the others a party waits, whatever it does, for those
// that it lacks.
func TestNothingArrives(t *testing.T) {
	w := newWorld(t, 5, aFit)
	w.run(func(string, string, []byte) []byte { return nil })
	w.waits("a", "approve", "b", "c", "r")
	w.waits("r", "approve", "a", "b", "c")
	w.run(func(to, path string, text []byte) []byte {
		if to == "a" || strings.HasPrefix(filepath.Base(path), "a.") {
			return text
		}
		return nil
	})
	w.waits("a", "keys", "b", "c")
	w.waits("b", "approve", "c", "r")
}

// TestLostRounds: directories of rounds that vanish, but for those of one's own folder's
// maker, come back when the party looks again.
func TestLostRounds(t *testing.T) {
	w := newWorld(t, 5, aFit)
	w.run(func(to, path string, text []byte) []byte {
		if strings.HasPrefix(path, "01-first-open") {
			return nil
		}
		return text
	})
	w.waits("a", "01-first-open", "b", "c")
	for _, name := range w.parties {
		entries, err := os.ReadDir(w.at[name].folder)
		w.ok(err)
		for _, e := range entries {
			w.ok(os.RemoveAll(filepath.Join(w.at[name].folder, e.Name())))
		}
	}
	w.run(honest)
	w.complete()
	if _, problems := Audit(w.docs, w.at["b"].folder); problems != nil {
		t.Error(problems)
	}
}

package protocol

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/folder"
	"genoveil/secagg"
)

const waitingName = "waiting"

// waiting is what a step waited for: nothing is to be done before one of these is there.
type waiting struct {
	Round  string   `json:"round"`
	For    []string `json:"for"` // messages of others
	Person bool     `json:"person"`
}

// remember keeps what the step waits for. Where payloads may be damaged, every step looks.
func (r *run) remember() error {
	path := filepath.Join(r.home(), waitingName)
	others := slices.DeleteFunc(slices.Clone(r.missing), func(n string) bool { return n == r.Name })
	if others == nil || r.stop != "" || r.state.Round == approveRound || strings.HasSuffix(r.state.Round, "-complete") {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	text, err := json.Marshal(waiting{r.state.Round, others, r.state.Person})
	if err != nil {
		return err
	}
	return atomicfile.Write(path, text, private)
}

// Rest says how far the analysis is where there is nothing to do: it is over, or nobody for
// whom it waited has sent anything. This spares a step that would read all data again.
func (p *Party) Rest() (state *State, known bool, err error) {
	if p.done() {
		left, err := p.left()
		if err == nil {
			err = p.heal(false)
		}
		return &State{Done: true, Notes: p.notes}, left == nil, err // Step destroys what is left
	}
	if p.ended() != "" {
		return &State{}, false, nil // Step completes what is to be done then
	}
	stop, err := p.stopped()
	if err != nil || stop != "" {
		return &State{}, false, err
	}
	if err := p.checkCounter(); err != nil {
		return &State{}, false, err
	}
	text, err := os.ReadFile(filepath.Join(p.home(), waitingName))
	if errors.Is(err, fs.ErrNotExist) {
		return &State{}, false, nil
	}
	var w waiting
	if err != nil || folder.Strict(text, &w) != nil {
		return &State{}, false, err
	}
	for _, name := range w.For {
		if _, err := os.Lstat(filepath.Join(p.Folder, w.Round, folder.MessageName(name))); !errors.Is(err, fs.ErrNotExist) {
			return &State{}, false, err
		}
	}
	if err := p.heal(true); err != nil {
		return &State{}, false, err
	}
	state = &State{Round: w.Round, Waiting: w.For, Person: w.Person, Notes: p.notes}
	if w.Person {
		state.Waiting = append(slices.Clone(w.For), p.Name)
		slices.Sort(state.Waiting)
	}
	return state, true, nil
}

// heal writes again what the folder lost of this party's messages, or has otherwise: others
// may wait for it, though this party has nothing to do. What has the right size is right, for
// who is not thorough.
func (p *Party) heal(thorough bool) error {
	rounds, err := os.ReadDir(filepath.Join(p.home(), "outbox"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range rounds {
		round := e.Name()
		if strings.HasPrefix(round, ".") || !thorough && p.sized(round) {
			continue
		}
		m, err := p.message(round, p.Name, secagg.Transcript{})
		if err == nil && m != nil {
			err = p.publish(round, m, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sized says whether the folder has files of the right sizes for all that the outbox has of
// a round.
func (p *Party) sized(round string) bool {
	entries, err := os.ReadDir(p.outbox(round))
	if err != nil {
		return false
	}
	for _, e := range entries {
		if e.Name() == privateName || e.Name() == sentName {
			continue
		}
		own, err := e.Info()
		if err != nil {
			return false
		}
		if there, err := os.Stat(filepath.Join(p.Folder, round, e.Name())); err != nil || there.Size() != own.Size() {
			return false
		}
	}
	return true
}

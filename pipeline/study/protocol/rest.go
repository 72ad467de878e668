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
		return &State{Done: true}, left == nil, err // Step destroys what is left
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
	state = &State{Round: w.Round, Waiting: w.For, Person: w.Person}
	if w.Person {
		state.Waiting = append(slices.Clone(w.For), p.Name)
		slices.Sort(state.Waiting)
	}
	return state, true, nil
}

package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
)

// A Ledger limits for how many samples a model's owner answers: answers for as many
// samples as there are weights determine the weights. The file stays with the model's
// owner: it has a digest of the model.
type Ledger struct {
	Path  string
	Limit int // samples
}

// ledgerFile is the ledger as it stands in its file.
type ledgerFile struct {
	Version  int      `json:"version"`
	Answered []answer `json:"answered"`
}

// An answer is that some samples of a cohort had their scores. The same weights on
// the same cohort again tell nothing new. Others do, and so does another treatment of
// missing calls, which makes other weights.
type answer struct {
	Cohort chunkfile.Fingerprint `json:"cohort"`
	Model  chunkfile.Fingerprint `json:"model"` // of quantised weights
	Parts  []Part                `json:"parts"`
}

// samples is the number of samples answered.
func (l *ledgerFile) samples() int {
	n := 0
	for _, a := range l.Answered {
		for _, p := range a.Parts {
			n += p.To - p.From
		}
	}
	return n
}

// add counts samples unless they are counted already.
func (l *ledgerFile) add(a answer) {
	i := slices.IndexFunc(l.Answered, func(b answer) bool { return b.Cohort == a.Cohort && b.Model == a.Model })
	if i < 0 {
		l.Answered = append(l.Answered, a)
		return
	}
	l.Answered[i].Parts = joinParts(append(l.Answered[i].Parts, a.Parts...))
}

// joinParts sorts parts and joins those that touch or overlap.
func joinParts(parts []Part) []Part {
	slices.SortFunc(parts, func(a, b Part) int { return a.From - b.From })
	var joined []Part
	for _, p := range parts {
		if n := len(joined); n > 0 && p.From <= joined[n-1].To {
			joined[n-1].To = max(joined[n-1].To, p.To)
		} else {
			joined = append(joined, p)
		}
	}
	return joined
}

// spend records an answer before it is given, or refuses it.
func (l *Ledger) spend(a answer) error {
	lock, err := os.OpenFile(l.Path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	// Held for a moment only, so that another task may wait.
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("%s: cannot be locked (%w); keep the ledger on a file system that has locks", l.Path, err)
	}
	content := ledgerFile{Version: 1}
	text, err := os.ReadFile(l.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		if err := json.Unmarshal(text, &content); err != nil || content.Version != 1 {
			return fmt.Errorf("%s: not a ledger of 'genoveil score', or damaged; nothing is answered without it", l.Path)
		}
	}
	before := content.samples()
	content.add(a)
	switch after := content.samples(); {
	case after == before:
		return nil
	case after > l.Limit:
		return fmt.Errorf("%s: %d samples have been answered, and this would make %d, more than --max-answers %d; nothing was computed", l.Path, before, after, l.Limit)
	}
	if text, err = json.MarshalIndent(content, "", " "); err != nil {
		return err
	}
	return errors.Join(atomicfile.Clean(l.Path), atomicfile.Write(l.Path, append(text, '\n'), 0o600))
}

package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
)

// A Ledger limits for how many samples a model's owner answers: answers for as many
// samples as there are weights determine the weights. And it counts replies: each shows a
// little of the noise that flooding is to hide. The file stays with the model's owner: it
// has a digest of the model.
type Ledger struct {
	Path  string
	Limit int // samples
	Reply int // set by ScoreJob.Run: how many replies there are to this cohort with these weights, this one included
}

// MaxReplies is how often the same weights answer the same samples. Every ciphertext of a
// reply is within a statistical distance of 2^-41 of one that shows nothing but the
// scores (he/scorenoise.go), and the distances of replies add up: to 2^-35 here.
const MaxReplies = 64

// ledgerFile is the ledger as it stands in its file.
type ledgerFile struct {
	Version  int      `json:"version"`
	Answered []answer `json:"answered"`
}

// ledgerVersion is that of ledgers with replies. Version 1 had none.
const ledgerVersion = 2

// An answer is that some samples of a cohort had their scores. The same scores again
// are no new equations in the weights. Those of other weights are, and so are those of
// another treatment of missing calls, which makes other weights.
type answer struct {
	Cohort  chunkfile.Fingerprint `json:"cohort"`
	Model   chunkfile.Fingerprint `json:"model"` // of quantised weights
	Parts   format.Ranges         `json:"parts"`
	Replies []format.Part         `json:"replies,omitempty"` // as they were given
}

// times is how many replies some sample of the parts had, which do not overlap.
func (a *answer) times(parts []format.Part) int {
	type bound struct{ at, replies, asked int }
	var bounds []bound
	for _, p := range parts {
		bounds = append(bounds, bound{at: p.From, replies: 0, asked: 1}, bound{at: p.To, replies: 0, asked: -1})
	}
	for _, r := range a.Replies {
		bounds = append(bounds, bound{at: r.From, replies: 1, asked: 0}, bound{at: r.To, replies: -1, asked: 0})
	}
	slices.SortFunc(bounds, func(a, b bound) int { return a.at - b.at })
	most, replies, asked := 0, 0, 0
	for i, b := range bounds {
		replies, asked = replies+b.replies, asked+b.asked
		if last := i == len(bounds)-1 || bounds[i+1].at > b.at; last && asked > 0 {
			most = max(most, replies)
		}
	}
	return most
}

// samples is the number of samples answered.
func (l *ledgerFile) samples() int {
	n := 0
	for _, a := range l.Answered {
		n += a.Parts.Count()
	}
	return n
}

// valid checks the parts of a ledger from a file.
func (l *ledgerFile) valid() bool {
	for _, a := range l.Answered {
		for _, p := range slices.Concat(a.Parts, a.Replies) {
			if !p.Valid(format.MaxSamples) {
				return false
			}
		}
	}
	return true
}

// add counts samples unless they are counted already, and returns the entry that has them.
func (l *ledgerFile) add(a answer) *answer {
	i := slices.IndexFunc(l.Answered, func(b answer) bool { return b.Cohort == a.Cohort && b.Model == a.Model })
	if i < 0 {
		i = len(l.Answered)
		l.Answered = append(l.Answered, answer{Cohort: a.Cohort, Model: a.Model})
	}
	entry := &l.Answered[i]
	entry.Parts = format.JoinParts(entry.Parts, a.Parts)
	return entry
}

// spend records the samples of an answer before it is computed, or refuses it.
func (l *Ledger) spend(ctx context.Context, a answer) error {
	return l.update(ctx, func(content *ledgerFile) (changed bool, err error) {
		before := content.samples()
		entry, after := content.add(a), content.samples()
		if after > before && after > l.Limit {
			return false, fmt.Errorf("%s: %d samples have been answered, and this would make %d, more than --max-answers %d; nothing was computed", l.Path, before, after, l.Limit)
		}
		return after > before, l.refuse(entry.times(a.Parts))
	})
}

// reply records a reply before it is given, or refuses it. A run that was interrupted
// has given none.
func (l *Ledger) reply(ctx context.Context, a answer) error {
	return l.update(ctx, func(content *ledgerFile) (changed bool, err error) {
		entry := content.add(a)
		l.Reply = entry.times(a.Parts) + 1
		entry.Replies = append(entry.Replies, a.Parts...)
		return true, l.refuse(l.Reply - 1)
	})
}

// refuse refuses one more reply than so many.
func (l *Ledger) refuse(replies int) error {
	if replies < MaxReplies {
		return nil
	}
	return fmt.Errorf("%s: this cohort has had %d replies with these weights, and each gives a little more of them away; send a file that was written before", l.Path, replies)
}

// update changes the ledger while nobody else does.
func (l *Ledger) update(ctx context.Context, change func(content *ledgerFile) (changed bool, err error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// Held for a moment only, so that another task may wait. The file stays: where machines
	// share a file system, some see one that is deleted for a while.
	lock, err := atomicfile.WaitLock(ctx, l.Path+atomicfile.LockSuffix, 0o600)
	if err != nil {
		return err
	}
	defer lock.Release()
	if err := lock.None(); err != nil {
		return fmt.Errorf("%s: cannot be locked (%w); keep the ledger on a file system that has locks", l.Path, err)
	}
	content, err := l.read()
	if err != nil {
		return err
	}
	changed, err := change(content)
	if err != nil || !changed {
		return err
	}
	text, err := json.MarshalIndent(content, "", " ")
	if err != nil {
		return err
	}
	return errors.Join(atomicfile.Clean(l.Path), atomicfile.Write(l.Path, append(text, '\n'), 0o600))
}

// read reads the ledger, or begins it.
func (l *Ledger) read() (*ledgerFile, error) {
	content := &ledgerFile{Version: ledgerVersion}
	text, err := os.ReadFile(l.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return content, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, content); err != nil || content.Version < 1 || content.Version > ledgerVersion || !content.valid() {
		return nil, fmt.Errorf("%s: not a ledger of 'genoveil score', or damaged; nothing is answered without it", l.Path)
	}
	if content.Version == 1 {
		for i, a := range content.Answered {
			content.Answered[i].Replies = slices.Clone(a.Parts) // one at least
		}
		content.Version = ledgerVersion
	}
	return content, nil
}

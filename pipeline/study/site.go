package study

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/computation"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
	"genoveil/pipeline/study/protocol"
	"genoveil/pipeline/study/sitefile"
)

// A Site is a party at work: its home is open, and nobody else's process uses it.
type Site struct {
	*Dir
	Name string

	home      *home.Home
	part      *home.Study
	key       ed25519.PrivateKey
	confirmed *home.Confirmed
	data      *sitefile.Site // nil for who has none
	program   string
	now       time.Time
}

// OpenSite opens a home. Close it.
func (d *Dir) OpenSite(homeDir, program string, passphrase Passphrase, now time.Time) (*Site, error) {
	h, err := home.Open(homeDir)
	if err != nil {
		return nil, err
	}
	s := &Site{Dir: d, home: h, program: program, now: now}
	if err := s.open(passphrase); err != nil {
		h.Close()
		return nil, err
	}
	return s, nil
}

func (s *Site) open(passphrase Passphrase) (err error) {
	if s.part, err = s.home.Study(s.Charter.Study); err != nil {
		return err
	}
	s.Name = s.part.Name
	if s.confirmed, err = s.part.Confirmed(); err != nil {
		return err
	}
	if s.confirmed == nil {
		return fmt.Errorf("nobody confirmed the phrase of this study at %s; 'genoveil study confirm' does", s.Name)
	}
	if s.key, err = s.part.Key(passphrase); err != nil {
		return err
	}
	confirmed := &charter.Charter{} // the folder may have another one by now
	if err := folder.Strict(s.confirmed.Charter, confirmed); err != nil {
		return fmt.Errorf("what was confirmed is damaged: %w", err)
	}
	if err := s.checkCounter(); err != nil {
		return err
	}
	if !slices.Contains(confirmed.Sites, s.Name) {
		return nil
	}
	s.data, err = sitefile.Load(filepath.Join(s.home.Dir, home.SiteFile))
	return err
}

// checkCounter refuses a home that is behind its own messages, in whichever analysis.
func (s *Site) checkCounter() error {
	counter, err := s.part.Counter()
	if err != nil {
		return err
	}
	paths, err := filepath.Glob(filepath.Join(s.Path, "*", "*", folder.MessageName(s.Name)))
	if err != nil {
		return err
	}
	for _, path := range paths {
		text, err := folder.ReadFile(path, folder.MaxMessage)
		if err != nil {
			continue
		}
		m, err := folder.Parse(text, s.key.Public().(ed25519.PublicKey))
		if err == nil && m.Study == s.Charter.Study && m.From == s.Name && m.Counter > counter {
			return fmt.Errorf("%s is message %d of this site, and its home has made %d: %w", path, m.Counter, counter, home.ErrCopied)
		}
	}
	return nil
}

// Close lets other processes have the home.
func (s *Site) Close() { s.home.Close() }

// Changed says how the folder differs from what was confirmed, "" if it does not.
func (s *Site) Changed() string {
	if string(s.confirmed.Charter) != string(s.Charter.Canonical()) {
		return "the charter, or a file that it names, is not the one that was confirmed here"
	}
	var names []string
	for _, name := range s.Charter.Parties() {
		if string(s.confirmed.Keys[name]) != string(s.Keys[name]) {
			names = append(names, name)
		}
	}
	if names != nil {
		return fmt.Sprintf("the key of %s is not the one that was confirmed here", strings.Join(names, ", "))
	}
	return ""
}

// A work is one analysis, with what runs it.
type work struct {
	*protocol.Party
	computation computation.Computation
}

// party is this party in an analysis, as it approved it or as it stands in the folder.
func (s *Site) party(name string) (*protocol.Party, error) {
	docs, err := s.documents(name)
	if err != nil {
		return nil, err
	}
	return &protocol.Party{
		Documents: docs, Name: s.Name, Key: s.key, Home: s.part, Folder: filepath.Join(s.Path, name), Program: s.program, Now: s.now,
	}, nil
}

// work is a party with its computation.
func (s *Site) work(name string) (*work, error) {
	p, err := s.party(name)
	if err != nil {
		return nil, err
	}
	w := &work{Party: p}
	w.computation, err = computation.New(&computation.Study{Documents: p.Documents, Name: s.Name, Site: s.data, File: s.file})
	if err != nil {
		return nil, err
	}
	w.Computation, w.Inputs = w.computation, w.computation.Inputs
	return w, nil
}

func (s *Site) documents(name string) (*protocol.Documents, error) {
	text, err := folder.ReadFile(filepath.Join(s.Path, name, canonicalName), maxCharter)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	docs, errKept := protocol.LoadDocuments(s.part.Analysis(name))
	switch {
	case errKept == nil && err == nil && string(docs.Analysis.Canonical()) != string(text):
		return nil, fmt.Errorf("%s: not the analysis that was approved here", filepath.Join(s.Path, name, canonicalName))
	case errKept == nil:
		return docs, nil
	case !errors.Is(errKept, fs.ErrNotExist):
		return nil, errKept
	case err != nil:
		return nil, fmt.Errorf("%s: no such analysis", filepath.Join(s.Path, name))
	}
	docs, err = protocol.NewDocuments(s.confirmed.Charter, s.confirmed.Keys, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(s.Path, name, canonicalName), err)
	}
	if docs.Analysis.Name != name {
		return nil, fmt.Errorf("%s: it is of the analysis %q", filepath.Join(s.Path, name, canonicalName), docs.Analysis.Name)
	}
	return docs, nil
}

// A Step is what a step of an analysis came to.
type Step struct {
	Name  string
	State *protocol.State
	Err   error // *protocol.Ended where it is over without a result
}

// Waits says whether the analysis waits for somebody else, or for a person here.
func (s *Step) Waits() bool { return s.Err == nil && !s.State.Done }

// Step does all that this party can do now, in all analyses.
func (s *Site) Step(ctx context.Context) ([]Step, error) {
	names, err := s.Analyses()
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return steps, err
		}
		p, err := s.party(name)
		if err == nil && !slices.Contains(p.Approvers(), s.Name) {
			continue
		}
		step := Step{Name: name, State: &protocol.State{}, Err: err}
		if err == nil {
			step.State, step.Err = s.step(ctx, p)
		}
		if errors.Is(step.Err, home.ErrCopied) {
			return steps, step.Err
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// step takes a step in one analysis, if there is one to take.
func (s *Site) step(ctx context.Context, p *protocol.Party) (*protocol.State, error) {
	if state, known, err := p.Rest(); known || err != nil {
		return state, err
	}
	w, err := s.work(p.Analysis.Name)
	if err != nil {
		return &protocol.State{}, err
	}
	return w.Step(ctx, false)
}

// Abandon ends an analysis for good.
func (s *Site) Abandon(name string) error {
	w, err := s.party(name)
	if err != nil {
		return err
	}
	approved, err := w.Approved()
	if err != nil {
		return err
	}
	if !approved {
		return fmt.Errorf("analysis %q: this site did not approve it, so there is nothing to abandon", name)
	}
	return over(name, w.Abandon())
}

// over says of an analysis that ended that it did.
func over(name string, err error) error {
	if ended := (*protocol.Ended)(nil); errors.As(err, &ended) {
		return fmt.Errorf("analysis %q: over without a result: %w", name, err)
	}
	if err != nil {
		return fmt.Errorf("analysis %q: %w", name, err)
	}
	return nil
}

// Result writes the files of a complete analysis.
func (s *Site) Result(ctx context.Context, name, prefix string, withoutOwn bool) (*computation.Result, error) {
	w, err := s.work(name)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(w.Analysis.Recipients, s.Name) {
		return nil, fmt.Errorf("analysis %q: %s is not a recipient", name, s.Name)
	}
	state, err := w.Step(ctx, false)
	if err != nil {
		return nil, over(name, err)
	}
	if !state.Done {
		return nil, fmt.Errorf("analysis %q: not complete; it is in the round %s and waits for %s", name, state.Round, strings.Join(state.Waiting, ", "))
	}
	total, err := w.LastTotal()
	if err != nil {
		return nil, err
	}
	defer total.Close()
	r, err := w.computation.Result(prefix, total, withoutOwn)
	return r, over(name, err)
}

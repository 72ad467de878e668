package study

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
	"genoveil/pipeline/study/protocol"
)

// A Question is what a person is asked before an approval.
type Question struct {
	Name     string
	Lines    []string // what leaves the house, and what may be learnt from it
	Consents bool     // whether the site is exposed, and its consent is asked for
	Problems []string // that stand against an approval

	work     *work
	declared any
	used     []home.Used
}

// Pending are the analyses that this party could approve and did not.
func (s *Site) Pending() ([]string, error) {
	names, err := s.Analyses()
	if err != nil {
		return nil, err
	}
	var pending []string
	for _, name := range names {
		p, err := s.party(name)
		if err != nil {
			continue // it may not be all there yet; a step says what is wrong
		}
		approved, err := p.Approved()
		if err != nil {
			return nil, err
		}
		if !approved && slices.Contains(p.Approvers(), s.Name) && p.Open() == nil && s.proposedNow(p.Documents) == nil {
			pending = append(pending, name)
		}
	}
	return pending, nil
}

// proposedNow refuses an analysis of which somebody approved a version with another charter
// or other keys: the two never meet.
func (s *Site) proposedNow(docs *protocol.Documents) error {
	for _, party := range docs.Approvers() {
		text, err := folder.ReadFile(filepath.Join(s.Path, docs.Analysis.Name, "approve", folder.MessageName(party)), folder.MaxMessage)
		if err != nil {
			continue
		}
		if m, err := folder.Parse(text, docs.Keys[party]); err != nil || m.Analysis != docs.D {
			return fmt.Errorf("%s approved it with another charter or other keys than were confirmed here. If these changed, have the analysis proposed again", party)
		}
	}
	return nil
}

// endStopped has the ledger know which analyses others abandoned, and which have expired, so
// that these need not be in the history.
func (s *Site) endStopped() error {
	names, err := s.Analyses()
	if err != nil {
		return err
	}
	for _, name := range names {
		p, err := s.party(name)
		if err != nil {
			continue // a step says what is wrong
		}
		ended := (*protocol.Ended)(nil)
		if approved, err := p.Approved(); err != nil || !approved || p.Over() || !errors.As(p.Open(), &ended) {
			continue
		}
		if _, err := s.step(context.Background(), p); err != nil && !errors.As(err, &ended) {
			return fmt.Errorf("analysis %q: %w", name, err)
		}
	}
	return nil
}

// Ask prepares an approval: it reads the site's data without changing anything, and says
// what a person should know.
func (s *Site) Ask(name string) (*Question, error) {
	if changed := s.Changed(); changed != "" {
		return nil, fmt.Errorf("%s. Find out why, and confirm the study again", changed)
	}
	w, err := s.work(name)
	if err != nil {
		return nil, err
	}
	a := w.Analysis
	if !slices.Contains(w.Approvers(), s.Name) {
		return nil, fmt.Errorf("analysis %q: %s has no part in it", name, s.Name)
	}
	approved, err := w.Approved()
	if err == nil && approved {
		err = errors.New("approved already")
	}
	for _, check := range []func() error{w.Open, func() error { return s.proposedNow(w.Documents) }} {
		if err == nil {
			err = check()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("analysis %q: %w", name, err)
	}
	if slices.Contains(s.Charter.Sites, s.Name) {
		if err := s.endStopped(); err != nil {
			return nil, err
		}
		if err := s.checkHistory(w.Documents); err != nil {
			return nil, fmt.Errorf("analysis %q: %w", name, err)
		}
	}
	q := &Question{Name: name, work: w, Consents: w.ExposedSite(s.Name)}
	q.Lines = append(q.Lines, about(w)...)
	if slices.Contains(a.Sites, s.Name) {
		dry, err := w.computation.Dry()
		if err != nil {
			return nil, fmt.Errorf("analysis %q: %w", name, err)
		}
		q.declared, q.used, q.Problems = dry.Declared, dry.Used, dry.Problems
		q.Lines = append(q.Lines, dry.Lines...)
	}
	few, err := s.comparedData(w, q.used)
	if err != nil {
		return nil, err
	}
	if q.Lines = append(q.Lines, few...); q.Consents {
		q.Lines = append(q.Lines, fmt.Sprintf("EXPOSED: its totals tell something about %s by themselves. This site is one of them, and is asked for its consent", sets(w.Exposed)))
	} else if len(w.Exposed) > 0 {
		q.Lines = append(q.Lines, fmt.Sprintf("its totals tell something about %s by themselves; these sites are asked for their consent", sets(w.Exposed)))
	}
	q.Consents = q.Consents || few != nil
	return q, nil
}

// about says what an analysis is.
func about(w *work) []string {
	a := w.Analysis
	lines := []string{
		fmt.Sprintf("analysis %s, kind %s: %s", a.Name, a.Kind, what(a)),
		"sites: " + strings.Join(a.Sites, ", "),
		"recipients: " + strings.Join(a.Recipients, ", "),
	}
	for _, c := range a.Cells {
		if len(a.Cells) > 1 {
			lines = append(lines, fmt.Sprintf("cell %s: %s", c.Name, strings.Join(c.Sites, ", ")))
		}
	}
	lines = append(lines, "expires: "+a.Expires)
	var earlier []string
	for _, p := range a.History {
		earlier = append(earlier, p.Name)
	}
	if earlier != nil {
		lines = append(lines, "earlier analyses: "+strings.Join(earlier, ", "))
	}
	for _, rule := range a.Allow {
		lines = append(lines, "RULE SET ASIDE: "+ruleTexts[rule])
	}
	return append(lines, w.computation.Known()...)
}

// what is the question of an analysis.
func what(a *charter.Analysis) string {
	switch a.Kind {
	case charter.Fit:
		text := fmt.Sprintf("%s regression of %s on %s", a.Model, a.Outcome, strings.Join(a.Columns, ", "))
		if a.Ridge > 0 {
			text += fmt.Sprintf(", with a ridge of %g", a.Ridge)
		}
		return text
	case charter.Forest:
		return fmt.Sprintf("%s at %s", a.Trait, strings.Join(a.Leads, ", "))
	}
	text := fmt.Sprintf("%s, scheme %s", a.Trait, a.Scheme)
	for _, option := range []struct {
		on   bool
		name string
	}{{a.GenomicControl, "genomic control"}, {a.Heterogeneity, "heterogeneity"}, {a.Tau, "tau"}, {a.FrequencySE, "standard errors of frequencies"}, {a.Core, "core sums alone"}} {
		if option.on {
			text += ", " + option.name
		}
	}
	return text
}

var ruleTexts = map[string]string{
	charter.FewSquares:  charter.FewSquares + ": sums of squares are opened over as few sites as other sums. With three or four sites these tell what a site's effects are",
	charter.FrequencySE: charter.FrequencySE + ": sums of squares of frequencies are opened. With few sites these tell what a site's frequencies are",
	charter.CardsAsIs:   charter.CardsAsIs + ": tables take part whose cards show that something is wrong",
}

// Approve signs what was asked.
func (s *Site) Approve(ctx context.Context, q *Question, consent bool) error {
	if len(q.Problems) > 0 && !q.work.Analysis.Allows(charter.CardsAsIs) {
		return fmt.Errorf("analysis %q: this site's data do not look right: %s", q.Name, strings.Join(q.Problems, "; "))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if q.Consents && !consent {
		return fmt.Errorf("analysis %q: its totals tell something about this site by itself; give --consent if it consents", q.Name)
	}
	if err := q.work.Approve(q.declared, q.used, consent); err != nil {
		return fmt.Errorf("analysis %q: %w", q.Name, err)
	}
	return nil
}

// A Review is what sites said in the quality control of an analysis.
type Review struct {
	Name            string
	Lines, Problems []string
}

// Review takes the steps up to the point where a person agrees to go on. Nil where there is
// nothing to agree to now.
func (s *Site) Review(ctx context.Context, name string) (*Review, error) {
	w, err := s.work(name)
	if err != nil {
		return nil, err
	}
	state, err := w.Step(ctx, false)
	if err != nil {
		return nil, err
	}
	approved, err := w.Approved()
	if err != nil || !approved || !state.Person {
		return nil, err
	}
	return &Review{name, w.computation.Review(), w.computation.Problems()}, nil
}

// Agree goes on after a review.
func (s *Site) Agree(ctx context.Context, r *Review, anyway bool) error {
	if len(r.Problems) > 0 && !anyway {
		return fmt.Errorf("analysis %q: %s. Nothing of the association was opened: abandon it, and have it proposed again when this is mended", r.Name, strings.Join(r.Problems, "; "))
	}
	w, err := s.work(r.Name) // a computation takes its stages once
	if err != nil {
		return err
	}
	_, err = w.Step(ctx, true)
	return err
}

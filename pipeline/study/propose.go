package study

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/protocol"
)

// A Proposal is what was written.
type Proposal struct {
	Names    []string
	Warnings []string
}

// Propose writes the canonical forms of the analyses in a text. Each has all earlier ones in
// its history. Where totals would tell something about few sites, it refuses unless these are
// to be asked for their consent.
func (d *Dir) Propose(text []byte, now time.Time, askConsent bool) (*Proposal, error) {
	all, err := d.Charter.ParseAnalyses(text, now)
	if err != nil {
		return nil, err
	}
	p := &Proposal{}
	past, err := d.history(p)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if last, err := a.LastDay(); err != nil || !now.Before(last) {
			return nil, fmt.Errorf("analysis %q: it expired on %s", a.Name, a.Expires)
		}
		for _, earlier := range past {
			if !slices.ContainsFunc(a.History, func(q charter.Past) bool { return q.ID == earlier.ID }) {
				a.History = append(a.History, earlier)
			}
		}
		if err := a.Check(d.Charter); err != nil {
			return nil, fmt.Errorf("analysis %q: %w", a.Name, err)
		}
		if err := d.checkExposed(a, askConsent, p); err != nil {
			return nil, err
		}
		path := filepath.Join(d.Path, a.Name)
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("analysis %q: there is one of this name; give it another", a.Name)
		}
		past = append(past, a.Past(d.Charter))
	}
	for _, a := range all {
		path := filepath.Join(d.Path, a.Name)
		if err := os.MkdirAll(path, 0o777); err != nil {
			return nil, err
		}
		if err := atomicfile.WriteNew(filepath.Join(path, canonicalName), a.Canonical(), 0o666); err != nil {
			return nil, err
		}
		p.Names = append(p.Names, a.Name)
	}
	return p, nil
}

// checkExposed says whom the totals would expose, and what to do about it.
func (d *Dir) checkExposed(a *charter.Analysis, askConsent bool, p *Proposal) error {
	exposed := protocol.Exposed(d.Charter, a)
	if len(exposed) == 0 {
		return nil
	}
	with := ""
	if len(a.History) > 0 {
		with = ", with what was opened before,"
	}
	text := fmt.Sprintf("analysis %q: its totals%s would tell something about few sites by themselves: %s", a.Name, with, sets(exposed))
	if askConsent {
		p.Warnings = append(p.Warnings, text+". These sites are asked for their consent")
		return nil
	}
	advice := "Propose"
	if leave, ok := protocol.LeaveOut(d.Charter, a); ok && len(leave) > 0 {
		advice = fmt.Sprintf("Leave out %s, or propose", strings.Join(leave, ", "))
	}
	return fmt.Errorf("%s. %s it with --ask-consent, which has these sites asked", text, advice)
}

func sets(all [][]string) string {
	var texts []string
	for _, s := range all {
		texts = append(texts, strings.Join(s, " and "))
	}
	if len(texts) > 10 {
		texts = append(texts[:10], fmt.Sprintf("%d more", len(texts)-10))
	}
	return strings.Join(texts, "; ")
}

// history has the earlier analyses of the folder, but for those that were abandoned before
// anything was opened.
func (d *Dir) history(p *Proposal) ([]charter.Past, error) {
	names, err := d.Analyses()
	if err != nil {
		return nil, err
	}
	var past []charter.Past
	for _, name := range names {
		_, a, err := d.analysis(name)
		if err != nil {
			p.Warnings = append(p.Warnings, fmt.Sprintf("%v; it is not in the history", err))
			continue
		}
		if d.abandoned(a) {
			continue
		}
		entry := a.Past(d.Charter)
		entry.Approved = d.approvedByAll(a)
		past = append(past, entry)
	}
	return past, nil
}

// abandoned says whether a site abandoned an analysis of which no site opened anything.
func (d *Dir) abandoned(a *charter.Analysis) bool {
	opened, _ := filepath.Glob(filepath.Join(d.Path, a.Name, "*-open", "*.msg"))
	docs, err := protocol.NewDocuments(d.Charter.Canonical(), d.Keys, a.Canonical())
	return err == nil && opened == nil && slices.ContainsFunc(a.Sites, func(site string) bool { return d.said(docs, "abandon", site) != nil })
}

// approvedByAll says whether all whose approval an analysis takes gave it, and those whom it
// exposes their consent, with today's charter and keys.
func (d *Dir) approvedByAll(a *charter.Analysis) bool {
	docs, err := protocol.NewDocuments(d.Charter.Canonical(), d.Keys, a.Canonical())
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(docs.Approvers(), func(party string) bool {
		m := d.said(docs, "approve", party)
		var approval protocol.Approval
		return m == nil || folder.Strict(m.Body, &approval) != nil || docs.ExposedSite(party) && !approval.Consent
	})
}

// said is a valid message of a party in a round, nil if there is none.
func (d *Dir) said(docs *protocol.Documents, round, party string) *folder.Message {
	return message(filepath.Join(d.Path, docs.Analysis.Name), round, party, docs)
}

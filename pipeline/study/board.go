package study

import (
	"crypto/ed25519"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/protocol"
)

// A Board is the analyses of a study, their rounds and parties, as on a whiteboard. It is
// what the folder shows, which may lack what is under way.
type Board struct {
	Study    string
	Parties  []string
	Missing  []string // parties that did not join
	Analyses []Progress
}

// A Progress is how far an analysis is.
type Progress struct {
	Name, Kind, Expires string
	Rounds              []Round
	Waiting             []string // for whom, in the last round
	Abandoned           []string // by whom
	Programs            map[string]string
	Problem             string
}

// A Round is who has sent a message in it.
type Round struct {
	Name string
	Sent []string
}

// Board reads the folder.
func (d *Dir) Board() (*Board, error) {
	b := &Board{Study: d.Charter.Study, Parties: d.Charter.Parties(), Missing: d.missing()}
	names, err := d.Analyses()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		b.Analyses = append(b.Analyses, d.progress(name))
	}
	return b, nil
}

func (d *Dir) progress(name string) Progress {
	p := Progress{Name: name, Programs: map[string]string{}}
	_, a, err := d.analysis(name)
	if err != nil {
		p.Problem = err.Error()
		return p
	}
	p.Kind, p.Expires = a.Kind, a.Expires
	if d.missing() != nil {
		p.Problem = "not all parties have joined"
		return p
	}
	docs, err := protocol.NewDocuments(d.Charter.Canonical(), d.Keys, a.Canonical())
	if err != nil {
		p.Problem = err.Error()
		return p
	}
	if d.proposedBefore(docs) {
		p.Problem = proposedBefore
		return p
	}
	for _, r := range protocol.Rounds(filepath.Join(d.Path, name)) {
		round := Round{Name: r}
		for _, party := range docs.Approvers() {
			m := message(filepath.Join(d.Path, name), r, party, docs)
			if m == nil {
				continue
			}
			round.Sent = append(round.Sent, party)
			var approval protocol.Approval
			if r == "approve" && json.Unmarshal(m.Body, &approval) == nil {
				p.Programs[party] = approval.Program
			}
		}
		if r == "abandon" {
			p.Abandoned = round.Sent
			continue
		}
		p.Rounds = append(p.Rounds, round)
	}
	p.Waiting = p.waiting(docs, a)
	return p
}

const proposedBefore = "it was approved with another charter or other keys than the folder has now"

// proposedBefore says whether what parties approved was not this charter with these keys.
func (d *Dir) proposedBefore(docs *protocol.Documents) bool {
	dir := filepath.Join(d.Path, docs.Analysis.Name)
	there, _ := filepath.Glob(filepath.Join(dir, "approve", folder.MessageName("*")))
	return there != nil && !slices.ContainsFunc(docs.Approvers(), func(party string) bool { return message(dir, "approve", party, docs) != nil })
}

// waiting is for whom the last round waits. Of the recipients' round "complete", others may
// take part where totals go to all.
func (p *Progress) waiting(docs *protocol.Documents, a *charter.Analysis) []string {
	if len(p.Rounds) == 0 {
		return docs.Approvers()
	}
	last := p.Rounds[len(p.Rounds)-1]
	expected := a.Sites
	switch {
	case last.Name == "approve":
		expected = docs.Approvers()
	case strings.HasSuffix(last.Name, "-complete"):
		expected = a.Recipients
	}
	return slices.DeleteFunc(slices.Clone(expected), func(n string) bool { return slices.Contains(last.Sent, n) })
}

// message reads a valid message of an analysis.
func message(dir, round, party string, docs *protocol.Documents) *folder.Message {
	text, err := folder.ReadFile(filepath.Join(dir, round, folder.MessageName(party)), folder.MaxMessage)
	if err != nil {
		return nil
	}
	m, err := folder.Parse(text, ed25519.PublicKey(docs.Keys[party]))
	if err != nil || m.Analysis != docs.D || m.Round != round || m.From != party {
		return nil
	}
	return m
}

// Programs are the versions that run at the parties, with who has each, when there are
// several.
func (b *Board) Programs() map[string][]string {
	versions := map[string][]string{}
	for _, a := range b.Analyses {
		for party, v := range a.Programs {
			if !slices.Contains(versions[v], party) {
				versions[v] = append(versions[v], party)
			}
		}
	}
	if len(versions) < 2 {
		return nil
	}
	for _, parties := range versions {
		slices.Sort(parties)
	}
	return versions
}

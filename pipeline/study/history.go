package study

import (
	"fmt"
	"slices"

	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
	"genoveil/pipeline/study/protocol"
)

// ownUnits are those of this site in a roster.
func ownUnits(rosters [][]charter.Unit, site string) bool {
	for _, r := range rosters {
		if slices.ContainsFunc(r, func(u charter.Unit) bool { return u.Site == site }) {
			return true
		}
	}
	return false
}

// checkHistory compares the history of an analysis with this site's ledger: what was
// approved on its data and not abandoned before it was opened is to be in it.
func (s *Site) checkHistory(docs *protocol.Documents) error {
	a := docs.Analysis
	ledger, err := s.home.Ledger()
	if err != nil {
		return err
	}
	known := map[string]bool{} // also what this site abandoned: another may have opened it before
	for _, e := range ledger {
		if e.Event != home.Approved || e.Study == s.Charter.Study && !ownUnits(e.Rosters, s.Name) {
			continue
		}
		known[e.ID] = true
		if e.Analysis == docs.D || closed(ledger, e.Analysis) {
			continue
		}
		if e.ID == a.ID {
			return fmt.Errorf("it has the identifier of the analysis %q of the study %q, which this site's ledger has, and is another one. Have it proposed again", e.Name, e.Study)
		}
		own := charter.Past{ID: e.ID, Study: e.Study, Name: e.Name, Rosters: e.Rosters, Numbers: e.Numbers, Factors: e.Factors}
		i := slices.IndexFunc(a.History, func(p charter.Past) bool { return p.ID == e.ID })
		if i >= 0 && !same(&a.History[i], &own) {
			return fmt.Errorf("the history has another analysis %q than this site's ledger: other sites in it, or other numbers", e.Name)
		}
		if i < 0 && !s.considered(docs, &e) {
			return fmt.Errorf("the history lacks the analysis %q of the study %q, which this site's ledger has on the same data. Have the analysis proposed again with this in its history: %s", e.Name, e.Study, own.Entry())
		}
	}
	for _, p := range a.History {
		if p.Study == s.Charter.Study && !known[p.ID] && ownUnits(p.Rosters, s.Name) && p.Approved {
			return fmt.Errorf("the history says that this site approved the analysis %q, and its ledger does not", p.Name)
		}
	}
	if err := s.checkFolder(docs); err != nil {
		return err
	}
	return s.checkApproved(a)
}

// checkFolder compares the history with what is in the folder: also an analysis that this
// site had no part in may be the one that gives it away. (A host that hides it can keep this
// from one site, and not from those who were in it.)
func (s *Site) checkFolder(docs *protocol.Documents) error {
	past, err := s.history(&Proposal{})
	if err != nil {
		return err
	}
	for _, p := range past {
		if p.ID == docs.Analysis.ID || slices.ContainsFunc(docs.Analysis.History, func(q charter.Past) bool { return q.ID == p.ID }) {
			continue
		}
		_, later, err := s.analysis(p.Name)
		if err != nil || !follows(later, docs) {
			return fmt.Errorf("the history lacks the analysis %q, which is in the folder and was not proposed after this one. Have it proposed again", p.Name)
		}
	}
	return nil
}

// follows says whether an analysis was proposed after another: it has it in its history, and
// all that the other has. So what the two tell together was looked at with the later one.
func follows(later *charter.Analysis, docs *protocol.Documents) bool {
	own := docs.Analysis.Past(docs.Charter)
	has := func(p charter.Past) bool {
		return slices.ContainsFunc(later.History, func(q charter.Past) bool { return same(&p, &q) })
	}
	return has(own) && !slices.ContainsFunc(docs.Analysis.History, func(p charter.Past) bool { return !has(p) })
}

// considered says whether an analysis that was approved before follows this one, as those of
// a batch do that were approved out of their order.
func (s *Site) considered(docs *protocol.Documents, e *home.Entry) bool {
	later, err := protocol.LoadDocuments(s.part.Analysis(e.Name))
	return err == nil && later.D == e.Analysis && follows(later.Analysis, docs)
}

// closed says whether an analysis was abandoned before anything of it was released.
func closed(ledger []home.Entry, analysis folder.Digest) bool {
	_, abandoned := home.Has(ledger, analysis, home.Abandoned, "")
	_, released := home.Has(ledger, analysis, home.Released, "")
	return abandoned && !released
}

// same says whether two entries are of the same totals.
func same(a, b *charter.Past) bool {
	return a.ID == b.ID && a.Numbers == b.Numbers && a.Factors == b.Factors &&
		slices.EqualFunc(a.Rosters, b.Rosters, func(x, y []charter.Unit) bool { return slices.Equal(x, y) })
}

// checkApproved looks for the approvals that the history claims.
func (s *Site) checkApproved(a *charter.Analysis) error {
	for _, p := range a.History {
		if !p.Approved {
			continue
		}
		if p.Study != s.Charter.Study || !charter.IsName(p.Name) {
			return fmt.Errorf("the history says that all sites approved %q of the study %q, which cannot be seen here", p.Name, p.Study)
		}
		_, earlier, err := s.analysis(p.Name)
		if err != nil {
			return fmt.Errorf("the history says that all sites approved %q: %w", p.Name, err)
		}
		if claimed := earlier.Past(s.Charter); !same(&claimed, &p) || !s.approvedByAll(earlier) {
			return fmt.Errorf("the history says that all sites approved %q, and their approvals are not (all) in the folder", p.Name)
		}
	}
	return nil
}

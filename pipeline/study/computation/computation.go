package computation

import (
	"encoding/json"
	"fmt"
	"slices"

	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/home"
	"genoveil/pipeline/study/protocol"
	"genoveil/pipeline/study/sitefile"
)

// A Computation is a protocol.Computation with what people are shown of it.
type Computation interface {
	protocol.Computation

	// Inputs stands for the own data, byte for byte.
	Inputs() ([]byte, error)

	// Known says what becomes known to whom.
	Known() []string

	// Dry reads the own data, and says what is declared of them, what a person should see
	// before approving, and what is wrong with them.
	Dry() (*Dry, error)

	// Result writes files whose names begin with a prefix, from the total of the last sum,
	// and returns them. Without own takes the own part off first.
	Result(prefix string, total *protocol.Vector, withoutOwn bool) (*Result, error)

	// Review is what sites said, for a person who is to agree to it, and Problems what it
	// shows to be wrong.
	Review() []string
	Problems() []string
}

// LastSums are the stages whose totals recipients alone are sent.
var LastSums = []string{metaStages[association], forestStage}

// A Dry is what an approval is made of.
type Dry struct {
	Declared any
	Used     []home.Used // of the own data, for the ledger
	Lines    []string
	Problems []string
}

// A Result names what was written.
type Result struct {
	Files    []string
	Lines    []string // what to know about it
	Warnings []string
}

// Study is where a computation finds its documents.
type Study struct {
	*protocol.Documents
	Name string         // of the party
	Site *sitefile.Site // nil without data

	// File is where a file of the charter lies, once its digest was compared.
	File func(f *charter.File) (path string, err error)
}

// New makes the computation of an analysis for one party.
func New(s *Study) (Computation, error) {
	switch s.Analysis.Kind {
	case charter.Meta:
		return newMeta(s)
	case charter.Forest:
		return newForest(s)
	case charter.Fit:
		return newFit(s)
	}
	return nil, fmt.Errorf("kind %q", s.Analysis.Kind)
}

// contributes says whether this party has a part in a cell.
func (s *Study) contributes(cell *charter.Cell) bool {
	return s.Site != nil && slices.Contains(cell.Sites, s.Name)
}

// declarations reads what all sites declared into one type.
func declarations[T any](declared map[string]json.RawMessage) (map[string]*T, error) {
	all := map[string]*T{}
	for site, text := range declared {
		d := new(T)
		if err := strict(text, d); err != nil {
			return nil, fmt.Errorf("what %s declared of its data: %w", site, err)
		}
		all[site] = d
	}
	return all, nil
}

// ownUnits are those of a cell that this site has.
func (s *Study) ownUnits(cell *charter.Cell) []charter.Unit {
	return slices.DeleteFunc(cell.Units(s.Charter), func(u charter.Unit) bool { return u.Site != s.Name })
}

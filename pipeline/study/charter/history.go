package charter

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// A Past is an earlier analysis, with the units that each of its totals stands on.
type Past struct {
	ID      string   `yaml:"id" json:"id"`
	Study   string   `yaml:"study" json:"study"`
	Name    string   `yaml:"name" json:"name"`
	Rosters [][]Unit `yaml:"rosters" json:"rosters"`

	// What was added up over these: numbers of one kind can be subtracted from each other, and
	// factors are by what they were multiplied at each site.
	Numbers string `yaml:"numbers" json:"numbers"`
	Factors string `yaml:"factors" json:"factors"`

	// Approved says that all its sites had approved it when this analysis was proposed. Sites
	// look for themselves. What it exposes was consented to, and is not asked for again.
	Approved bool `yaml:"-" json:"approved"`
}

// Entry is how people write it into a history.
func (p *Past) Entry() string {
	return string(canonical(struct {
		ID      string   `json:"id"`
		Study   string   `json:"study"`
		Name    string   `json:"name"`
		Numbers string   `json:"numbers"`
		Factors string   `json:"factors"`
		Rosters [][]Unit `json:"rosters"`
	}{p.ID, p.Study, p.Name, p.Numbers, p.Factors, p.Rosters}))
}

// Past is the analysis in the history of later ones.
func (a *Analysis) Past(c *Charter) Past {
	return Past{ID: a.ID, Study: c.Study, Name: a.Name, Rosters: a.Rosters(c), Numbers: a.Numbers(), Factors: a.Factors(c)}
}

// Counts are the numbers that all analyses open but forest plots: of samples, alleles, rows.
const Counts = "counts"

// Numbers says what an analysis opens beside counts. The scores of a trait can be subtracted
// from others of the same trait. A fit opens sums of its own, and a forest plot shows a few
// variants.
func (a *Analysis) Numbers() string {
	if a.Kind == Meta {
		return Meta + ":" + a.Trait
	}
	return a.Kind + ":" + a.ID
}

// Factors names the factors of a meta-analysis, which a reader of the cards knows: the
// schemes have weights of their own, and genomic control divides by the λ of each table,
// which depends on the charter's filters and list.
func (a *Analysis) Factors(c *Charter) string {
	if !a.GenomicControl {
		return a.Scheme
	}
	of := sha256.Sum256(c.Canonical())
	return fmt.Sprintf("%s/%s%x", a.Scheme, lambda, of[:8])
}

const lambda = "λ"

// Controlled says whether factors are those of genomic control.
func Controlled(factors string) bool { return strings.Contains(factors, lambda) }

// OpensCounts says whether numbers of an analysis are beside counts of the same units.
func OpensCounts(numbers string) bool { return !strings.HasPrefix(numbers, Forest+":") }

func (a *Analysis) checkHistory() error {
	if len(a.History) > maxHistory {
		return fmt.Errorf("%d earlier analyses; a history has at most %d", len(a.History), maxHistory)
	}
	for i, p := range a.History {
		if !isID(p.ID) || p.ID == a.ID {
			return fmt.Errorf("history: %.40q is no identifier of an earlier analysis", p.ID)
		}
		if err := checkNames("history", []string{p.Study}); err != nil {
			return err
		}
		if err := checkName("history", p.Name); err != nil {
			return err
		}
		if len(p.Numbers) > maxText || len(p.Factors) > maxText {
			return fmt.Errorf("history: %s opened %.40q with %.40q", p.Name, p.Numbers, p.Factors)
		}
		if slices.ContainsFunc(a.History[:i], func(q Past) bool { return q.ID == p.ID }) {
			return fmt.Errorf("history: %s is there twice", p.Name)
		}
		if len(p.Rosters) < 1 || len(p.Rosters) > maxRosters {
			return fmt.Errorf("history: %s has %d totals; it has 1 to %d", p.Name, len(p.Rosters), maxRosters)
		}
		for _, roster := range p.Rosters {
			if len(roster) > 2*MaxParties*MaxParties {
				return fmt.Errorf("history: %s has a total of %d units", p.Name, len(roster))
			}
			for _, u := range roster {
				if !IsName(u.Site) || !IsName(u.Ancestry) || u.Sex != Female && u.Sex != Male {
					return fmt.Errorf("history: %s has a unit that is none", p.Name)
				}
			}
		}
	}
	return nil
}

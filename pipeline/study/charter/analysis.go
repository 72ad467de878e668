package charter

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// Kinds of analyses.
const (
	Meta   = "meta"   // a meta-analysis of tables
	Forest = "forest" // every site's own estimate at a few variants
	Fit    = "fit"    // a regression on all sites' rows
)

// Rules that an analysis may set aside. Everybody is shown them before approving.
const (
	FewSquares  = "squares-of-few-sites" // sums of squares over fewer than colluders + 4 sites
	FrequencySE = "frequency-se"         // w·f², from which frequencies of sites may follow
	CardsAsIs   = "problems-of-tables"   // tables of which a card shows that something is wrong
)

// Bounds of an analysis.
const (
	maxCells   = 64
	maxColumns = 256
	maxLeads   = 100
	maxHistory = 500
	maxRosters = 64
	dateFormat = "2006-01-02"
	maxText    = 120
)

// An Analysis is one question to a study's data. Its JSON form is the canonical one.
type Analysis struct {
	Name string `yaml:"name" json:"name"`
	Kind string `yaml:"kind" json:"kind"`
	ID   string `yaml:"-" json:"id"` // random, so that no two analyses are one

	Trait      string   `yaml:"trait" json:"trait"` // of tables
	Sites      []string `yaml:"sites" json:"sites"` // that contribute
	Recipients []string `yaml:"recipients" json:"recipients"`
	Cells      []Cell   `yaml:"cells" json:"cells"`
	Expires    string   `yaml:"expires" json:"expires"` // the last day, UTC
	Allow      []string `yaml:"allow" json:"allow"`

	// Of a meta-analysis.
	Scheme         string `yaml:"scheme" json:"scheme,omitempty"` // stderr or samplesize
	GenomicControl bool   `yaml:"genomic-control" json:"genomic-control,omitempty"`
	Heterogeneity  bool   `yaml:"heterogeneity" json:"heterogeneity,omitempty"`
	Tau            bool   `yaml:"tau" json:"tau,omitempty"`
	FrequencySE    bool   `yaml:"frequency-se" json:"frequency-se,omitempty"`
	Core           bool   `yaml:"core" json:"core,omitempty"` // w, w·β and N alone

	Leads []string `yaml:"variants" json:"variants,omitempty"` // of a forest plot

	// Of a fit.
	Model   string   `yaml:"model" json:"model,omitempty"` // linear, logistic or cox
	Outcome string   `yaml:"outcome" json:"outcome,omitempty"`
	Time    string   `yaml:"time" json:"time,omitempty"`
	Columns []string `yaml:"columns" json:"columns,omitempty"`
	Ridge   float64  `yaml:"ridge" json:"ridge,omitempty"`

	// History has the earlier analyses whose totals stand on the same data.
	History []Past `yaml:"history" json:"history"`
}

// Schemes of a meta-analysis.
const (
	StdErr     = "stderr"
	SampleSize = "samplesize"
)

// ParseAnalyses reads analyses as people write them: one, or several in a list under
// "batch". Today is the day from which they expire.
func (c *Charter) ParseAnalyses(text []byte, today time.Time) ([]*Analysis, error) {
	var batch struct {
		Analysis `yaml:",inline"`
		Batch    []*Analysis `yaml:"batch"`
	}
	if err := strictYAML(text, &batch); err != nil {
		return nil, err
	}
	all := batch.Batch
	switch {
	case len(all) == 0:
		all = []*Analysis{&batch.Analysis}
	case !reflect.DeepEqual(batch.Analysis, Analysis{}):
		return nil, errors.New("settings beside the batch; put them into its analyses")
	case len(all) > maxHistory:
		return nil, fmt.Errorf("%d analyses in a batch; give at most %d", len(all), maxHistory)
	}
	var names []string
	for _, a := range all {
		if a == nil {
			return nil, errors.New("an empty entry in the batch")
		}
		if err := checkName("the analysis", a.Name); err != nil {
			return nil, err
		}
		a.fill(c, today)
		if err := a.Check(c); err != nil {
			return nil, fmt.Errorf("analysis %.40q: %w", a.Name, err)
		}
		names = append(names, a.Name)
	}
	return all, checkNames("the analysis", names)
}

// ParseCanonical reads an analysis from its canonical form.
func (c *Charter) ParseCanonical(text []byte) (*Analysis, error) {
	a := &Analysis{}
	if len(text) > maxYAML {
		return nil, fmt.Errorf("longer than %d bytes", maxYAML)
	}
	if err := strictJSON(text, a); err != nil {
		return nil, err
	}
	return a, a.Check(c)
}

// Canonical is the form of which all sites have the same bytes.
func (a *Analysis) Canonical() []byte { return canonical(a) }

// fill writes defaults out.
func (a *Analysis) fill(c *Charter, today time.Time) {
	id := make([]byte, 16)
	rand.Read(id) // does not fail
	a.ID = hex.EncodeToString(id)
	if a.Sites == nil {
		for _, cell := range a.Cells {
			if cell.Sites == nil {
				cell.Sites = c.Sites
			}
			a.Sites = append(a.Sites, cell.Sites...)
		}
		slices.Sort(a.Sites)
		if a.Sites = slices.Compact(a.Sites); a.Sites == nil {
			a.Sites = c.Sites
		}
	}
	a.Sites = sorted(a.Sites)
	if a.Recipients == nil {
		a.Recipients = append(sorted(a.Sites), c.Receivers...)
	}
	a.Recipients, a.Allow = sorted(a.Recipients), sorted(a.Allow)
	if len(a.Cells) == 0 {
		a.Cells = []Cell{{Name: "all"}}
	}
	for i := range a.Cells {
		cell := &a.Cells[i]
		if cell.Sites == nil {
			cell.Sites = a.Sites
		}
		cell.Sites = sorted(cell.Sites)
		if cell.Sex == "" {
			cell.Sex = Both
		}
		if cell.Ancestry == "" && len(c.Ancestries) == 1 {
			cell.Ancestry = c.Ancestries[0]
		}
	}
	if a.Expires == "" {
		a.Expires = today.UTC().AddDate(0, 0, c.Days).Format(dateFormat)
	}
	if a.Kind == Meta && a.Scheme == "" {
		a.Scheme = StdErr
	}
	if a.History == nil {
		a.History = []Past{}
	}
}

// LastDay is the end of the day on which the analysis expires.
func (a *Analysis) LastDay() (time.Time, error) {
	day, err := time.Parse(dateFormat, a.Expires)
	if err != nil {
		return day, fmt.Errorf("expires: %.40q is no date such as 2027-01-31", a.Expires)
	}
	return day.AddDate(0, 0, 1), nil
}

// Allows says whether a rule is set aside.
func (a *Analysis) Allows(rule string) bool { return slices.Contains(a.Allow, rule) }

package computation

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"genoveil/genomics/fixedpoint"
	"genoveil/genomics/joint"
	"genoveil/genomics/rows"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
	"genoveil/pipeline/study/protocol"
	"genoveil/pipeline/study/sitefile"
	"genoveil/secagg"
)

func strict(text []byte, into any) error { return folder.Strict(text, into) }

// A fit is a regression on all sites' rows.
type fit struct {
	*Study
	fit      *joint.Fit
	declared int // rows of all sites
	data     *joint.Data
	table    *rows.Table // that the data are of

	round int      // of which there are words
	words []uint64 // of this site
}

// fitDeclared is what a site says of its rows.
type fitDeclared struct {
	Rows     int    `json:"rows"`
	Left     int    `json:"left_out"` // rows without a value
	Cohort   string `json:"cohort"`
	Ancestry string `json:"ancestry"`
}

func newFit(s *Study) (*fit, error) {
	a := s.Analysis
	f, err := joint.NewFit(joint.Model{Kind: joint.Kind(a.Model), Columns: a.Columns, Ridge: a.Ridge})
	if err != nil {
		return nil, err
	}
	return &fit{Study: s, fit: f, round: -1}, nil
}

// stratum has the site's rows.
func (c *fit) stratum() (*sitefile.Stratum, error) {
	return c.Site.Find(&c.Analysis.Cells[0], "rows", func(t *sitefile.Stratum) bool { return t.Rows != "" })
}

func (c *fit) Inputs() ([]byte, error) {
	st, err := c.stratum()
	if err != nil {
		return nil, err
	}
	return c.Site.Pledge([]string{st.Rows}, nil)
}

// load reads the site's rows.
func (c *fit) load() error {
	if c.data != nil {
		return nil
	}
	st, err := c.stratum()
	if err != nil {
		return err
	}
	a := c.Analysis
	t, err := rows.Read(c.Site.Path(st.Rows), c.wanted())
	if err != nil {
		return err
	}
	c.table = t
	d := &joint.Data{X: t.Values[:len(a.Columns)], Y: t.Values[len(a.Columns)]}
	if a.Time != "" {
		d.Time = t.Values[len(a.Columns)+1]
	}
	c.data = d
	return nil
}

// wanted are the columns that are read: those of the model, the outcome, and the time.
func (c *fit) wanted() []string {
	names := append(slices.Clone(c.Analysis.Columns), c.Analysis.Outcome)
	if c.Analysis.Time != "" {
		names = append(names, c.Analysis.Time)
	}
	return names
}

func (c *fit) Dry() (*Dry, error) {
	if err := c.load(); err != nil {
		return nil, err
	}
	st, err := c.stratum()
	if err != nil {
		return nil, err
	}
	d := &Dry{Declared: fitDeclared{Rows: c.table.Rows, Left: c.table.LeftOut, Cohort: st.Cohort, Ancestry: st.Ancestry}}
	digest, err := c.Site.Digest(st.Rows)
	if err != nil {
		return nil, err
	}
	d.Used = []home.Used{{Units: c.ownUnits(&c.Analysis.Cells[0]), Label: "rows", File: digest, Samples: c.table.Rows, Rows: bits(c.table.Lines)}}
	d.Lines = []string{
		fmt.Sprintf("%d rows of %s; %d more lack a value and are left out", c.table.Rows, c.Site.Path(st.Rows), c.table.LeftOut),
		"leaves the house, masked: sums over the rows of each column and its square, then of gradients and information of the model",
	}
	for i, n := range c.table.MinusNine {
		if n > 0 {
			d.Lines = append(d.Lines, fmt.Sprintf("%d values of -9 in the column %s are taken as numbers; write NA where they stand for missing ones", n, c.wanted()[i]))
		}
	}
	if err := c.fit.Allowed(c.data); err != nil {
		d.Problems = append(d.Problems, err.Error())
	}
	return d, nil
}

// bits has a bit for each line.
func bits(lines []int) (set []byte) {
	for _, n := range lines {
		for len(set) <= n/8 {
			set = append(set, 0)
		}
		set[n/8] |= 1 << (n % 8)
	}
	return set
}

// Known says what becomes known to whom.
func (c *fit) Known() []string {
	return []string{
		"everybody sees: the number of rows of each site",
		fmt.Sprintf("becomes known to all parties: the totals of sums over all sites, in at most %d rounds, and the coefficients", joint.MaxRounds),
	}
}

func (c *fit) Begin(declared map[string]json.RawMessage) error {
	all, err := declarations[fitDeclared](declared)
	if err != nil {
		return err
	}
	for site, d := range all {
		if d.Rows < 1 || d.Rows > 1<<30 || len(d.Cohort) > 200 || len(d.Ancestry) > 200 {
			return fmt.Errorf("what %s declared of its rows cannot be", site)
		}
		c.declared += d.Rows
	}
	return nil
}

func (c *fit) Next() (protocol.Stage, error) {
	if c.fit.Done {
		return protocol.Stage{}, nil
	}
	name := "moments"
	if c.fit.Round > 0 {
		name = fmt.Sprintf("step-%d", c.fit.Round)
	}
	return protocol.Stage{Form: protocol.Sum, Name: name, Width: secagg.Words128, Len: 2 * c.fit.Len(), ToAll: true}, nil
}

func (c *fit) Write(at int, words []uint64) error {
	if err := c.load(); err != nil {
		return err
	}
	if c.round != c.fit.Round {
		if err := c.fit.Allowed(c.data); err != nil {
			return fmt.Errorf("this site does not contribute: %w", err)
		}
		sums, err := c.fit.Sums(c.data)
		if err != nil {
			return err
		}
		c.round, c.words = c.fit.Round, nil
		for _, x := range sums {
			c.words = append(c.words, x.Lo, x.Hi)
		}
	}
	copy(words, c.words[at:])
	return nil
}

func (c *fit) Take(total *protocol.Vector) error {
	words := make([]uint64, total.Len)
	if err := total.Read(0, words); err != nil {
		return err
	}
	sums := make([]fixedpoint.Int128, len(words)/2)
	for i := range sums {
		sums[i] = fixedpoint.Int128{Lo: words[2*i], Hi: words[2*i+1]}
	}
	first := c.fit.Round == 0
	if err := c.fit.Advance(sums); err != nil {
		return err
	}
	if first && c.fit.Rows != float64(c.declared) {
		return fmt.Errorf("the sites declared %d rows, and the total has %g", c.declared, c.fit.Rows)
	}
	return nil
}

func (c *fit) Check(*protocol.Vector) error          { return nil }
func (c *fit) Statement() (any, error)               { return nil, errors.New("a fit has no statements") }
func (c *fit) Hear(map[string]json.RawMessage) error { return nil }
func (c *fit) Problems() []string                    { return nil }
func (c *fit) Review() []string                      { return nil }

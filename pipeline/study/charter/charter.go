package charter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bounds of what a charter may have.
const (
	MaxParties = 64 // sites, and as many who only receive: sums have room for them
	maxYAML    = 1 << 20
	maxTraits  = 1000
	maxDays    = 3650
)

// A Charter says who takes part in a study and what its rules are. Its JSON form is the
// canonical one.
type Charter struct {
	Study     string   `yaml:"study" json:"study"`
	Sites     []string `yaml:"sites" json:"sites"`           // have data
	Receivers []string `yaml:"recipients" json:"recipients"` // have none, and may be sent results

	// Colluders is how many sites might pool what they know against the others.
	Colluders int `yaml:"colluders" json:"colluders"`

	Ancestries []string `yaml:"ancestries" json:"ancestries"`
	Traits     []Trait  `yaml:"traits" json:"traits"`

	Variants    *File `yaml:"variants" json:"variants,omitempty"`       // the list of a meta-analysis
	Calibration *File `yaml:"calibration" json:"calibration,omitempty"` // IDs of controls and null variants

	Filters Filters `yaml:"filters" json:"filters"`

	// Days is how long an analysis may take before sites abandon it by themselves.
	Days int `yaml:"days" json:"days"`
}

// A Trait is what is analysed.
type Trait struct {
	Name string `yaml:"name" json:"name"`
	Kind string `yaml:"kind" json:"kind"` // quantitative or binary

	// SD is the standard deviation of a quantitative trait's residuals, in the unit that all
	// sites use.
	SD   float64 `yaml:"sd" json:"sd"`
	Unit string  `yaml:"unit" json:"unit"`
}

// Kinds of traits.
const (
	Quantitative = "quantitative"
	Binary       = "binary"
)

// Filters are limits of a meta-analysis; 0 is none.
type Filters struct {
	Info float64 `yaml:"info" json:"info"`
	MAC  float64 `yaml:"mac" json:"mac"`   // minor allele count at a site
	NEff float64 `yaml:"neff" json:"neff"` // effective number of samples at a site
}

// A File is one that the charter names. It lies in the study's folder.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // of its bytes, in hexadecimal
}

// UnmarshalYAML reads the name alone. The digest is made of the file itself.
func (f *File) UnmarshalYAML(node *yaml.Node) error { return node.Decode(&f.Name) }

// ParseYAML reads a charter as people write it. Digest gives the SHA-256 of a file beside
// the charter.
func ParseYAML(text []byte, digest func(name string) (string, error)) (*Charter, error) {
	c := &Charter{Colluders: 1, Days: 60, Filters: Filters{MAC: 20}}
	if err := strictYAML(text, c); err != nil {
		return nil, err
	}
	c.fill()
	for _, f := range []*File{c.Variants, c.Calibration} {
		if f == nil {
			continue
		}
		if err := f.check(); err != nil {
			return nil, err
		}
		var err error
		if f.SHA256, err = digest(f.Name); err != nil {
			return nil, err
		}
	}
	return c, c.Check()
}

// fill writes defaults out. Lists are never null in the canonical form.
func (c *Charter) fill() {
	c.Sites, c.Receivers, c.Ancestries = sorted(c.Sites), sorted(c.Receivers), sorted(c.Ancestries)
	if len(c.Ancestries) == 0 {
		c.Ancestries = []string{"all"}
	}
	if c.Traits == nil {
		c.Traits = []Trait{}
	}
}

// sorted is a sorted copy, and no null.
func sorted(names []string) []string {
	names = append([]string{}, names...)
	slices.Sort(names)
	return names
}

func (f *File) check() error {
	switch {
	case f.Name == "" || f.Name != filepath.Base(f.Name) || strings.HasPrefix(f.Name, ".") || len(f.Name) > 200 || strings.ContainsAny(f.Name, "\\:\x00"):
		return fmt.Errorf("%.80q: give the name of a file in the study's folder, without a path", f.Name)
	case strings.HasSuffix(f.Name, ".yaml"):
		return fmt.Errorf("%q is no name of a list", f.Name)
	}
	return nil
}

// Check refuses a charter that makes no sense.
func (c *Charter) Check() error {
	if err := checkName("the study", c.Study); err != nil {
		return err
	}
	if slices.Contains([]string{"ledger", "lock", "pieces", "readme"}, c.Study) {
		return fmt.Errorf("the study cannot have the name %q, which a file of every home has", c.Study)
	}
	if err := checkNames("the site", c.Sites); err != nil {
		return err
	}
	if err := checkNames("the recipient", c.Receivers); err != nil {
		return err
	}
	for _, r := range c.Receivers {
		if slices.Contains(c.Sites, r) {
			return fmt.Errorf("%q is a site and a recipient; a site receives results without being listed twice", r)
		}
	}
	if err := checkNames("the ancestry", c.Ancestries); err != nil {
		return err
	}
	switch {
	case len(c.Sites) < 3:
		return fmt.Errorf("%d sites; with fewer than 3, a total less one's own is somebody's", len(c.Sites))
	case len(c.Sites) > MaxParties || len(c.Receivers) > MaxParties:
		return fmt.Errorf("%d sites and %d recipients; a study has at most %d of each", len(c.Sites), len(c.Receivers), MaxParties)
	case c.Colluders < 1 || c.Colluders > len(c.Sites)-2:
		return fmt.Errorf("colluders: %d; with %d sites it is 1 to %d", c.Colluders, len(c.Sites), len(c.Sites)-2)
	case c.Days < 1 || c.Days > maxDays:
		return fmt.Errorf("days: %d; give 1 to %d", c.Days, maxDays)
	case len(c.Traits) > maxTraits:
		return fmt.Errorf("%d traits; a charter has at most %d", len(c.Traits), maxTraits)
	case len(c.Ancestries) > MaxParties:
		return fmt.Errorf("%d ancestries; a charter has at most %d", len(c.Ancestries), MaxParties)
	case c.Calibration != nil && c.Variants == nil:
		return errors.New("calibration names variants of a list; give variants, too")
	}
	for _, x := range []float64{c.Filters.Info, c.Filters.MAC, c.Filters.NEff} {
		if !(x >= 0) || math.IsInf(x, 0) {
			return fmt.Errorf("a filter of %g; give a number from 0 up", x)
		}
	}
	var names []string
	for _, t := range c.Traits {
		names = append(names, t.Name)
		switch {
		case t.Kind == Binary && t.SD != 0:
			return fmt.Errorf("trait %q is binary and has an sd; leave it out", t.Name)
		case t.Kind == Quantitative && !(t.SD >= 1e-9 && t.SD <= 1e9):
			return fmt.Errorf("trait %q: give the sd of its residuals, in the unit that all sites use", t.Name)
		case t.Kind != Binary && t.Kind != Quantitative:
			return fmt.Errorf("trait %q: kind is %s or %s, not %.40q", t.Name, Quantitative, Binary, t.Kind)
		case len(t.Unit) > 80 || t.Unit != "" && !isText(t.Unit):
			return fmt.Errorf("trait %q: the unit is longer than 80 letters, or has letters that are not printed", t.Name)
		}
	}
	return checkNames("the trait", names)
}

// Trait finds a trait.
func (c *Charter) Trait(name string) (Trait, bool) {
	i := slices.IndexFunc(c.Traits, func(t Trait) bool { return t.Name == name })
	if i < 0 {
		return Trait{}, false
	}
	return c.Traits[i], true
}

// Parties are all who take part, sites first.
func (c *Charter) Parties() []string { return slices.Concat(c.Sites, c.Receivers) }

// Least is how few sites a total may stand on: one more than what is left of it must have
// after the colluders took theirs off.
func (c *Charter) Least() int { return c.Colluders + 2 }

// LeastSquares is the same of sums of squares between sites. Beside the other sums, those
// of fewer sites tell what a single one has.
func (c *Charter) LeastSquares() int { return c.Colluders + 4 }

// Canonical is the form of which all sites have the same bytes.
func (c *Charter) Canonical() []byte { return canonical(c) }

func canonical(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // only for numbers that Check refuses
	}
	return text
}

// strictYAML refuses unknown and repeated keys, and whatever stands behind the document.
func strictYAML(text []byte, into any) error {
	if len(text) > maxYAML {
		return fmt.Errorf("longer than %d bytes", maxYAML)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(into); errors.Is(err, io.EOF) {
		return errors.New("empty")
	} else if err != nil {
		return errors.New(YAMLText(err))
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return errors.New("more than one document; give one")
	}
	return nil
}

// strictJSON reads a canonical form, which has exactly one text.
func strictJSON(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if !bytes.Equal(canonical(into), text) {
		return errors.New("not in the canonical form")
	}
	return nil
}

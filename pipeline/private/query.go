package private

import (
	"errors"
	"fmt"
	"slices"

	"genoveil/genomics"
	"genoveil/genomics/glm"
	"genoveil/genomics/test"
	"genoveil/he"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
)

// A Query is the owner's half of a query: what the encrypted columns mean, and
// the secrets of the check. It stays with the owner (.private).
type Query struct {
	QueryID  string                `json:"query_id"`
	Cohort   chunkfile.Fingerprint `json:"cohort"`
	KeyID    format.KeyID          `json:"key_id"`
	CheckID  string                `json:"check_id"` // of the index
	Traits   chunkfile.Fingerprint `json:"traits"`
	Test     string                `json:"test"`
	Columns  []QueryColumn         `json:"columns"`
	Sections []QuerySection        `json:"sections"`
}

// A QueryColumn says where a column stands among the encrypted ones.
type QueryColumn struct {
	Position int   `json:"position"`
	Sum      int64 `json:"sum"` // over all samples
}

// A QuerySection is a part of the genome with columns of its own: one chromosome, or all
// that have no section of their own. Columns are numbered as in Query.Columns.
type QuerySection struct {
	Chromosome string                       `json:"chromosome,omitempty"` // empty for all others
	Ploidy     genomics.Ploidy              `json:"ploidy,omitempty"`
	From       int                          `json:"from"` // first block
	To         int                          `json:"to"`   // block after the last
	Planes     map[format.Plane]*QueryPlane `json:"planes"`
	Traits     []QueryTrait                 `json:"traits"`
}

// A QueryPlane lists what is evaluated against a plane: columns, and their check.
type QueryPlane struct {
	Columns []int    `json:"columns"`
	Check   he.Check `json:"check"`
	Digits  []int    `json:"digits"` // positions of the check's digits, lowest first
}

// A QueryTrait says which columns are a trait's.
type QueryTrait struct {
	Name    string     `json:"name"`
	Model   *glm.Model `json:"model,omitempty"` // where the test has one
	Columns []int      `json:"columns"`         // in the order of test.Trait's; none where there is no test
}

// positions lists where the columns and checks of a plane stand, ascending.
func (q *Query) positions(plane *QueryPlane) []int {
	var positions []int
	for _, c := range plane.Columns {
		positions = append(positions, q.Columns[c].Position)
	}
	return format.Union(append(positions, plane.Digits...))
}

// TraitNames lists the traits, which all sections share.
func (q *Query) TraitNames() []string {
	var names []string
	for _, t := range q.Sections[0].Traits {
		names = append(names, t.Name)
	}
	return names
}

// SiteSections is what the compute site is told: positions alone.
func (q *Query) SiteSections() []format.Section {
	var sections []format.Section
	for _, s := range q.Sections {
		section := format.Section{From: s.From, To: s.To, Planes: map[format.Plane][]int{}}
		for plane, p := range s.Planes {
			section.Planes[plane] = q.positions(p)
		}
		sections = append(sections, section)
	}
	return sections
}

// QueryKind is the kind of a .private file: a container without chunks, whose
// header is the query, so that its fingerprint covers all of it.
const QueryKind = "private half of a query"

// maxQuery bounds the header of a .private file, which its owner wrote.
const maxQuery = 1 << 28

func (q *Query) Save(path string) error {
	content, err := chunkfile.Encode(QueryKind, q)
	if err != nil {
		return err
	}
	return atomicfile.WriteNew(path, content, 0o600)
}

// LoadQuery reads a .private file.
func LoadQuery(path string) (*Query, error) {
	r, err := chunkfile.OpenLimit(path, QueryKind, maxQuery)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	q := new(Query)
	if err := r.Meta(q); err != nil {
		return nil, err
	}
	if q.CheckID == "" {
		return nil, fmt.Errorf("%s: was made by a version whose check a compute site can bypass: with sums of it the site could have altered results, or read the secret key out of a table that you published. Encrypt the traits again, after 'genoveil encrypt genotypes --renew-check'. If you do not trust the site, do not rely on results that you have from it, and make new keys: see \"Versions before\" in docs/security.md", path)
	}
	if err := q.validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return q, nil
}

// validate checks that columns that are referred to are there.
func (q *Query) validate() error {
	t := test.Find(q.Test)
	if t == nil {
		return fmt.Errorf("the query is for the test %q, which this program does not know", q.Test)
	}
	if len(q.Sections) == 0 {
		return errors.New("the query has no section")
	}
	for _, s := range q.Sections {
		var referred []int
		for _, p := range s.Planes {
			if p == nil || len(p.Check.Coefficients) != len(p.Columns) {
				return errors.New("check coefficients do not fit the columns")
			}
			referred = append(referred, p.Columns...)
		}
		if len(s.Traits) == 0 || len(s.Traits) != len(q.Sections[0].Traits) {
			return errors.New("a section of the query does not have the traits of the others")
		}
		if !slices.Contains([]genomics.Ploidy{genomics.Diploid, genomics.XLinked, genomics.YLinked, genomics.Mitochondrial}, s.Ploidy) {
			return fmt.Errorf("a section of the query has the ploidy %q, which this program does not know", s.Ploidy)
		}
		for i, trait := range s.Traits {
			if first := q.Sections[0].Traits[i].Name; trait.Name != first {
				return fmt.Errorf("a section of the query has the trait %s where others have %s", trait.Name, first)
			}
			if err := t.Check(trait.Name, trait.Model, len(trait.Columns)); err != nil {
				return err
			}
			referred = append(referred, trait.Columns...)
		}
		for _, c := range referred {
			if c < 0 || c >= len(q.Columns) {
				return fmt.Errorf("column %d is missing", c)
			}
		}
	}
	return nil
}

package pipeline

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"slices"

	"genoveil/he"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
)

const traitsKind = "encrypted traits"

// A Column is one integer value for every sample of the cohort.
type Column struct {
	Name   string
	Values []int32
}

// TraitsMeta is the header of a .traits file. Columns are numbered in a secret
// order; Planes says which of them are evaluated against which plane.
type TraitsMeta struct {
	QueryID string                `json:"query_id"`
	Cohort  chunkfile.Fingerprint `json:"cohort"`
	KeyID   KeyID                 `json:"key_id"`
	Params  he.Params             `json:"params"`
	Samples int                   `json:"samples"`
	Columns int                   `json:"columns"`
	Planes  map[Plane][]int       `json:"planes"`
}

// tiles is the number of packed columns that the samples take.
func (m *TraitsMeta) tiles() int { return (m.Samples + m.Params.N() - 1) / m.Params.N() }

// A Query is the owner's half of a query: what the encrypted columns mean, and
// the secrets of the check. It stays with the owner (.private).
type Query struct {
	Version int                   `json:"version"`
	QueryID string                `json:"query_id"`
	Cohort  chunkfile.Fingerprint `json:"cohort"`
	KeyID   KeyID                 `json:"key_id"`
	Traits  chunkfile.Fingerprint `json:"traits"`
	Test    string                `json:"test"`
	Trait   string                `json:"trait"`
	Columns []QueryColumn         `json:"columns"`
	Planes  map[Plane]*QueryPlane `json:"planes"`
}

// A QueryColumn names a column and says where it stands among the encrypted ones.
type QueryColumn struct {
	Name     string `json:"name"`
	Position int    `json:"position"`
	Sum      int64  `json:"sum"` // over all samples
}

// A QueryPlane lists what is evaluated against a plane.
type QueryPlane struct {
	Columns []string     `json:"columns"`
	Checks  []QueryCheck `json:"checks"`
}

// A QueryCheck is one check column: its position and its secret coefficients, in
// the order of the plane's columns.
type QueryCheck struct {
	Position int `json:"position"`
	he.CheckColumn
}

// column finds a column by name.
func (q *Query) column(name string) QueryColumn {
	i := slices.IndexFunc(q.Columns, func(c QueryColumn) bool { return c.Name == name })
	return q.Columns[i]
}

// TraitsJob encrypts columns into a .traits file (for upload) and a .private file
// (which stays).
type TraitsJob struct {
	Index  *Index
	Secret *he.SecretKey

	Test    string             // what decrypt computes
	Trait   string             // the phenotype's name
	Columns []Column           // all columns
	Planes  map[Plane][]string // names of the columns evaluated against each plane

	TraitsPath  string
	PrivatePath string
}

// Run draws the check columns, shuffles, encrypts and writes both files.
func (t *TraitsJob) Run() (*Query, error) {
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return nil, err
	}
	q := &Query{
		Version: 1, QueryID: hex.EncodeToString(id), Cohort: t.Index.Cohort, KeyID: t.Index.KeyID,
		Test: t.Test, Trait: t.Trait, Planes: map[Plane]*QueryPlane{},
	}
	if keyID(t.Secret.ID()) != q.KeyID {
		return nil, fmt.Errorf("the secret key is not the one that the cohort was encrypted with (key %s, cohort %s)", keyID(t.Secret.ID()), q.KeyID)
	}
	for _, c := range t.Columns {
		if len(c.Values) != len(t.Index.Samples) {
			return nil, fmt.Errorf("column %s has %d values for %d samples", c.Name, len(c.Values), len(t.Index.Samples))
		}
		sum := int64(0)
		for _, x := range c.Values {
			sum += int64(x)
		}
		q.Columns = append(q.Columns, QueryColumn{Name: c.Name, Sum: sum})
	}
	columns, err := t.addChecks(q)
	if err != nil {
		return nil, err
	}
	if columns, err = shuffle(q, columns); err != nil {
		return nil, err
	}
	if q.Traits, err = t.encrypt(q, columns); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(q, "", " ")
	if err != nil {
		return nil, err
	}
	return q, atomicfile.Write(t.PrivatePath, append(text, '\n'), 0o600)
}

// addChecks returns the values of all columns followed by those of the check
// columns, and fills in the query's planes. Planes with the same columns share
// their check columns.
func (t *TraitsJob) addChecks(q *Query) ([][]int32, error) {
	var all [][]int32
	for i := range t.Columns {
		q.Columns[i].Position = i
		all = append(all, t.Columns[i].Values)
	}
	for _, plane := range allPlanes {
		names := t.Planes[plane]
		if len(names) == 0 {
			continue
		}
		if twin := q.planeLike(names); twin != nil {
			q.Planes[plane] = twin
			continue
		}
		var combined [][]int32
		for _, name := range names {
			combined = append(combined, t.Columns[q.column(name).Position].Values)
		}
		p := &QueryPlane{Columns: names}
		for range he.CheckColumns {
			check, tau, err := he.NewCheckColumn(t.Index.CheckKey, combined)
			if err != nil {
				return nil, err
			}
			p.Checks = append(p.Checks, QueryCheck{Position: len(all), CheckColumn: check})
			all = append(all, tau)
		}
		q.Planes[plane] = p
	}
	return all, nil
}

// planeLike finds a plane with the same columns.
func (q *Query) planeLike(names []string) *QueryPlane {
	for _, p := range q.Planes {
		if slices.Equal(p.Columns, names) {
			return p
		}
	}
	return nil
}

// shuffle puts the columns in a secret order, so that nobody at the compute site
// knows which are the checks.
func shuffle(q *Query, columns [][]int32) ([][]int32, error) {
	var seed [32]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, err
	}
	order := mathrand.New(mathrand.NewChaCha8(seed)).Perm(len(columns))
	shuffled := make([][]int32, len(columns))
	for i, values := range columns {
		shuffled[order[i]] = values
	}
	for i := range q.Columns {
		q.Columns[i].Position = order[q.Columns[i].Position]
	}
	seen := map[*QueryPlane]bool{}
	for _, p := range q.Planes {
		if seen[p] {
			continue
		}
		seen[p] = true
		for i := range p.Checks {
			p.Checks[i].Position = order[p.Checks[i].Position]
		}
	}
	return shuffled, nil
}

// positions lists the encrypted columns evaluated against a plane, in order of
// position.
func (q *Query) positions(plane *QueryPlane) []int {
	var positions []int
	for _, name := range plane.Columns {
		positions = append(positions, q.column(name).Position)
	}
	for _, check := range plane.Checks {
		positions = append(positions, check.Position)
	}
	slices.Sort(positions)
	return positions
}

// encrypt writes the .traits file: for every tile of N samples, one packed
// column after the other.
func (t *TraitsJob) encrypt(q *Query, columns [][]int32) (f chunkfile.Fingerprint, err error) {
	params := t.Index.Params
	encryptor, err := he.NewEncryptor(params, t.Secret)
	if err != nil {
		return f, err
	}
	meta := TraitsMeta{
		QueryID: q.QueryID, Cohort: q.Cohort, KeyID: q.KeyID, Params: params,
		Samples: len(t.Index.Samples), Columns: len(columns), Planes: map[Plane][]int{},
	}
	for plane, p := range q.Planes {
		meta.Planes[plane] = q.positions(p)
	}
	sizes := make([]int64, meta.tiles()*len(columns))
	for i := range sizes {
		sizes[i] = int64(seedSize + 4*params.Chain().PackedLen())
	}
	w, err := chunkfile.Create(t.TraitsPath, traitsKind, meta, sizes, 0o644)
	if err != nil {
		return f, err
	}
	defer w.Abort()
	for tile := range meta.tiles() {
		from := tile * params.N()
		to := min(from+params.N(), meta.Samples)
		for k, values := range columns {
			packed, err := encryptor.EncryptColumn(values[from:to])
			if err != nil {
				return f, err
			}
			if err := w.WriteChunk(tile*len(columns)+k, packed.Seed[:], bytesOf(packed.C0)); err != nil {
				return f, err
			}
		}
	}
	return w.Commit()
}

// LoadQuery reads a .private file.
func LoadQuery(path string) (*Query, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	q := new(Query)
	if err := json.Unmarshal(text, q); err != nil {
		return nil, fmt.Errorf("%s: not a query, or damaged (%w)", path, err)
	}
	if q.Version != 1 {
		return nil, fmt.Errorf("%s: format version %d; this program reads version 1", path, q.Version)
	}
	return q, nil
}

// Traits are encrypted traits, opened for evaluation.
type Traits struct {
	TraitsMeta
	file *chunkfile.Reader
}

// OpenTraits opens a .traits file.
func OpenTraits(path string) (*Traits, error) {
	r, err := chunkfile.Open(path, traitsKind)
	if err != nil {
		return nil, err
	}
	t := &Traits{file: r}
	if err := r.Meta(&t.TraitsMeta); err != nil {
		r.Close()
		return nil, err
	}
	bad := t.Samples < 1 || t.Columns < 1 || r.Chunks() != t.tiles()*t.Columns
	for _, positions := range t.Planes {
		for _, k := range positions {
			bad = bad || k < 0 || k >= t.Columns
		}
	}
	if bad {
		r.Close()
		return nil, fmt.Errorf("%s: sizes in the header do not agree; copy the file again from where it was made", path)
	}
	return t, nil
}

// packed reads all columns of one tile of samples.
func (t *Traits) packed(tile int) ([]he.PackedColumn, error) {
	chain := t.Params.Chain()
	columns := make([]he.PackedColumn, t.Columns)
	for k := range columns {
		var buf []uint32
		i := tile*t.Columns + k
		if err := readSeeded(t.file, i, chain.PackedLen(), &columns[k].Seed, &buf); err != nil {
			return nil, err
		}
		columns[k].C0 = buf[seedSize/4:]
		if err := columns[k].Validate(chain); err != nil {
			return nil, fmt.Errorf("%s: chunk %d: %w", t.file.Name(), i, err)
		}
	}
	return columns, nil
}

// Fingerprint identifies the file's content.
func (t *Traits) Fingerprint() chunkfile.Fingerprint { return t.file.Fingerprint() }

// Close closes the file.
func (t *Traits) Close() error { return t.file.Close() }

package pipeline

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"hash/maphash"
	"math"
	mathrand "math/rand/v2"
	"slices"

	"genoveil/genomics/test"
	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

const traitsKind = "encrypted traits"

// A TraitSection is the traits' columns for a part of the genome.
type TraitSection struct {
	Chromosome string // empty for all
	From, To   int    // blocks
	Traits     []test.Trait
}

// TraitsMeta is the header of a .traits file. Columns stand in a secret order.
type TraitsMeta struct {
	QueryID  string                `json:"query_id"`
	Cohort   chunkfile.Fingerprint `json:"cohort"`
	KeyID    KeyID                 `json:"key_id"`
	Params   he.SumParams          `json:"params"`
	Samples  int                   `json:"samples"`
	Columns  int                   `json:"columns"`
	Sections []Section             `json:"sections"`
}

// tiles is the number of packed columns that the samples take.
func (m *TraitsMeta) tiles() int { return (m.Samples + m.Params.N() - 1) / m.Params.N() }

// TraitsJob encrypts columns into a .traits file (for upload) and a .private file
// (which stays), and notes in the index which checks were drawn.
type TraitsJob struct {
	Index       *IndexReader
	Secret      *he.SecretKey
	Test        *test.Test
	Sections    []TraitSection
	TraitsPath  string
	PrivatePath string
}

// Run collects the distinct columns, draws the check columns, shuffles, encrypts
// and writes both files, which must be new.
func (t *TraitsJob) Run(ctx context.Context) (*Query, error) {
	if err := t.Unused(); err != nil {
		return nil, err
	}
	if key := keyID(t.Secret.ID()); key != t.Index.KeyID {
		return nil, fmt.Errorf("the secret key is not the one that the cohort was encrypted with (key %s, cohort %s)", key, t.Index.KeyID)
	}
	params, err := t.Index.Params.Sums()
	if err != nil {
		return nil, err
	}
	modulus, err := params.NewCheckModulus(len(t.Index.Samples))
	if err != nil {
		return nil, err
	}
	b := &queryBuilder{modulus: modulus, byHash: map[uint64][]int{}, seed: maphash.MakeSeed(), query: &Query{
		QueryID: newID(), Cohort: t.Index.Cohort, KeyID: t.Index.KeyID, CheckID: t.Index.CheckID, Test: t.Test.Name,
	}}
	// The checks are noted before anything leaves, for none may be drawn twice.
	err = updateIndex(ctx, t.Index.path, func(x *Index) error {
		if x.Retired {
			return t.Index.retired()
		}
		if x.CheckID != t.Index.CheckID {
			return fmt.Errorf("%s: its check was renewed in the meantime; run the command again", t.Index.path)
		}
		b.index = x
		for _, s := range t.Sections {
			if err := b.addSection(s); err != nil {
				return err
			}
		}
		t.Index.Checks = x.Checks
		return nil
	})
	if err != nil {
		return nil, err
	}
	columns, err := b.shuffled()
	if err != nil {
		return nil, err
	}
	q := b.query
	if q.Traits, err = t.encrypt(ctx, q, columns); err != nil {
		return nil, taken(t.TraitsPath, err)
	}
	return q, t.save(q)
}

// newID is a random name.
func newID() string {
	id := make([]byte, 16)
	rand.Read(id) // never fails: it ends the program instead
	return hex.EncodeToString(id)
}

// A queryBuilder collects columns. Equal columns of different traits are one.
type queryBuilder struct {
	index   *Index
	modulus he.CheckModulus
	query   *Query
	values  [][]int32 // of query.Columns
	checks  [][]int32
	byHash  map[uint64][]int
	seed    maphash.Seed
}

// add returns the number of a column with these values.
func (b *queryBuilder) add(values []int32) (int, error) {
	if len(values) != len(b.index.Samples) {
		return 0, fmt.Errorf("a column has %d values for %d samples", len(values), len(b.index.Samples))
	}
	var h maphash.Hash
	h.SetSeed(b.seed)
	sum := int64(0)
	for _, x := range values {
		maphash.WriteComparable(&h, x)
		sum += int64(x)
	}
	for _, c := range b.byHash[h.Sum64()] {
		if slices.Equal(b.values[c], values) {
			return c, nil
		}
	}
	c := len(b.values)
	b.byHash[h.Sum64()] = append(b.byHash[h.Sum64()], c)
	b.values = append(b.values, values)
	b.query.Columns = append(b.query.Columns, QueryColumn{Position: c, Sum: sum})
	return c, nil
}

// addSection adds a section with check columns for every plane. Planes with the
// same columns share their checks.
func (b *queryBuilder) addSection(s TraitSection) error {
	section := QuerySection{Chromosome: s.Chromosome, From: s.From, To: s.To, Planes: map[Plane]*QueryPlane{}}
	onPlane := map[Plane][]int{}
	for _, trait := range s.Traits {
		t := QueryTrait{Name: trait.Name, Model: trait.Model}
		for _, column := range trait.Columns {
			c, err := b.add(column.Values)
			if err != nil {
				return err
			}
			t.Columns = append(t.Columns, c)
			for _, plane := range b.index.Genotypes.planesFor(column) {
				onPlane[plane] = append(onPlane[plane], c)
			}
		}
		section.Traits = append(section.Traits, t)
	}
	var done []*QueryPlane
	for _, plane := range b.index.Genotypes.Planes() {
		columns := union(onPlane[plane])
		if len(columns) == 0 {
			continue
		}
		i := slices.IndexFunc(done, func(p *QueryPlane) bool { return slices.Equal(p.Columns, columns) })
		if i < 0 {
			p, err := b.checked(columns)
			if err != nil {
				return err
			}
			i, done = len(done), append(done, p)
		}
		section.Planes[plane] = done[i]
	}
	b.query.Sections = append(b.query.Sections, section)
	return nil
}

// checked draws the check columns of a plane's columns. Their positions count
// from the end of the columns, until everything is shuffled.
func (b *queryBuilder) checked(columns []int) (*QueryPlane, error) {
	var combined [][]int32
	for _, c := range columns {
		combined = append(combined, b.values[c])
	}
	check, err := b.modulus.NewCheck(len(columns), b.index.Checks)
	if err != nil {
		return nil, err
	}
	b.index.Checks = append(b.index.Checks, check.Point)
	p := &QueryPlane{Columns: columns, Check: check}
	for _, values := range b.modulus.Columns(check, b.index.CheckKey, combined) {
		p.Digits = append(p.Digits, len(b.checks))
		b.checks = append(b.checks, values)
	}
	return p, nil
}

// shuffled puts columns and checks in a secret order, so that nobody at the
// compute site knows which are the checks, and notes the positions.
func (b *queryBuilder) shuffled() ([][]int32, error) {
	var seed [32]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, err
	}
	all := slices.Concat(b.values, b.checks)
	order := mathrand.New(mathrand.NewChaCha8(seed)).Perm(len(all))
	shuffled := make([][]int32, len(all))
	for i, values := range all {
		shuffled[order[i]] = values
	}
	for c := range b.query.Columns {
		b.query.Columns[c].Position = order[c]
	}
	seen := map[*QueryPlane]bool{}
	for _, s := range b.query.Sections {
		for _, p := range s.Planes {
			if seen[p] {
				continue
			}
			seen[p] = true
			for i, digit := range p.Digits {
				p.Digits[i] = order[len(b.values)+digit]
			}
		}
	}
	return shuffled, nil
}

// encrypt writes the .traits file: for every tile of N samples, one packed
// column after the other.
func (t *TraitsJob) encrypt(ctx context.Context, q *Query, columns [][]int32) (f chunkfile.Fingerprint, err error) {
	params, err := t.Index.Params.Sums()
	if err != nil {
		return f, err
	}
	encryptor, err := he.NewColumnEncryptor(params, t.Secret)
	if err != nil {
		return f, err
	}
	meta := TraitsMeta{
		QueryID: q.QueryID, Cohort: q.Cohort, KeyID: q.KeyID, Params: params,
		Samples: len(t.Index.Samples), Columns: len(columns), Sections: q.sections(),
	}
	sizes := make([]int64, meta.tiles()*len(columns))
	for i := range sizes {
		sizes[i] = int64(seedSize + 4*params.Chain().PackedLen())
	}
	w, err := chunkfile.Create(t.TraitsPath, traitsKind, meta, sizes, 0o666)
	if err != nil {
		return f, err
	}
	defer w.Abort()
	for tile := range meta.tiles() {
		if err := ctx.Err(); err != nil {
			return f, err
		}
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
	return w.CommitNew()
}

// Traits are encrypted traits, opened for evaluation.
type Traits struct {
	TraitsMeta
	file *chunkfile.Reader
}

// OpenTraits opens a .traits file.
func OpenTraits(path string) (*Traits, error) {
	r, err := chunkfile.OpenLimit(path, traitsKind, chunkfile.MaxHeader)
	if err != nil {
		return nil, err
	}
	t := &Traits{file: r}
	if err := r.Meta(&t.TraitsMeta); err != nil {
		r.Close()
		return nil, err
	}
	if !t.valid() {
		r.Close()
		return nil, fmt.Errorf("%s: sizes in the header do not agree; copy the file again from where it was made", path)
	}
	return t, nil
}

// valid checks the sizes that everything else is computed from.
func (t *Traits) valid() bool {
	if !t.Params.Valid() || t.Samples < 1 || t.Samples > maxSamples || !isID(t.QueryID) {
		return false
	}
	// Divided, since the product of what a header says may not fit an integer.
	chunks, tiles := t.file.Chunks(), t.tiles()
	return t.Columns >= 1 && chunks%tiles == 0 && chunks/tiles == t.Columns &&
		sameSizes(t.file, seedSize+4*t.Params.Chain().PackedLen()) && validSections(t.Sections, math.MaxInt, t.Columns)
}

// Fits refuses traits that were encrypted for a different cohort.
func (t *Traits) Fits(c *Cohort) error {
	switch {
	case t.Cohort != c.Fingerprint:
		return fmt.Errorf("%s: was encrypted for a different cohort; encrypt the traits with this cohort's index", t.file.Name())
	case !t.Params.Params().Equal(c.Params) || t.Samples != c.Samples:
		return fmt.Errorf("%s: has a different parameter set or number of samples from the cohort", t.file.Name())
	case !validSections(t.Sections, len(c.Blocks), t.Columns):
		return fmt.Errorf("%s: has columns for blocks that the cohort does not have; encrypt the traits with this cohort's index", t.file.Name())
	}
	return nil
}

// Evaluated is the mean number of a block's planes that a query is evaluated on, and
// of their sums.
func Evaluated(c *Cohort, t *Traits) (planes, sums float64) {
	sweep(c.Blocks, t.Sections, func(b int, wanted wantedColumns, _ bool) bool {
		for _, plane := range c.Blocks[b].Planes {
			if columns := len(wanted[plane]); columns > 0 {
				planes, sums = planes+1, sums+float64(columns)
			}
		}
		return true
	})
	n := float64(len(c.Blocks))
	return planes / n, sums / n
}

// packed reads one column of one tile of samples.
func (t *Traits) packed(tile, column int) (he.SeededCiphertext, error) {
	chain, i := t.Params.Chain(), tile*t.Columns+column
	p, err := readCiphertext(t.file, i, chain.PackedLen())
	if err != nil {
		return p, err
	}
	if err := p.ValidateColumn(chain); err != nil {
		return p, fmt.Errorf("%s: chunk %d: %w", t.file.Name(), i, err)
	}
	return p, nil
}

// Fingerprint identifies the file's content.
func (t *Traits) Fingerprint() chunkfile.Fingerprint { return t.file.Fingerprint() }

// Close closes the file.
func (t *Traits) Close() error { return t.file.Close() }

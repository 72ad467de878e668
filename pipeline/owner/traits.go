package owner

import (
	"context"
	"crypto/rand"
	"fmt"
	"hash/maphash"
	"maps"
	mathrand "math/rand/v2"
	"slices"

	"genoveil/genomics/test"
	"genoveil/he"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/private"
)

// TraitsJob encrypts columns into a .traits file (for upload) and a .private file
// (which stays), and notes in the index which checks were drawn.
type TraitsJob struct {
	Index       *private.IndexReader
	Secret      *he.SecretKey
	Test        *test.Test
	Sections    []private.TraitSection
	TraitsPath  string
	PrivatePath string
}

// Run collects the distinct columns, draws the check columns, shuffles, encrypts
// and writes both files, which must be new.
func (t *TraitsJob) Run(ctx context.Context) (*private.Query, error) {
	if err := t.Unused(); err != nil {
		return nil, err
	}
	if key := format.NewKeyID(t.Secret.ID()); key != t.Index.KeyID {
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
	b := &queryBuilder{modulus: modulus, byHash: map[uint64][]int{}, seed: maphash.MakeSeed(), query: &private.Query{
		QueryID: format.NewID(), Cohort: t.Index.Cohort, KeyID: t.Index.KeyID, CheckID: t.Index.CheckID, Test: t.Test.Name,
	}}
	// The checks are noted before anything leaves, for none may be drawn twice.
	err = private.UpdateIndex(ctx, t.Index.Path, func(x *private.Index) error {
		if x.Retired {
			return t.Index.RetiredError()
		}
		if x.CheckID != t.Index.CheckID {
			return fmt.Errorf("%s: its check was renewed in the meantime; run the command again", t.Index.Path)
		}
		b.index = x
		err := b.addSections(t.Sections)
		t.Index.Checks = x.Checks
		return err
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

// A queryBuilder collects columns. Equal columns of different traits are one.
type queryBuilder struct {
	index   *private.Index
	modulus he.CheckModulus
	query   *private.Query
	values  [][]int32 // of query.Columns
	checks  [][]int32
	planes  []*private.QueryPlane // with checks of their own
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
	b.query.Columns = append(b.query.Columns, private.QueryColumn{Position: c, Sum: sum})
	return c, nil
}

// addSections adds sections with check columns for every plane. Planes with the same columns
// share their checks, those of other sections included. On X and Y, which have few blocks,
// all planes get the columns of both: sums that nobody needs cost less there than checks, of
// which he.Masks are proven.
func (b *queryBuilder) addSections(sections []private.TraitSection) error {
	wanted := make([]map[format.Plane][]int, len(sections))
	var bySex []int
	for i, s := range sections {
		traits, onPlane, err := b.addTraits(s.Traits)
		if err != nil {
			return err
		}
		wanted[i] = onPlane
		if s.Ploidy.BySex() {
			bySex = slices.Concat(bySex, slices.Concat(slices.Collect(maps.Values(onPlane))...))
		}
		b.query.Sections = append(b.query.Sections, private.QuerySection{
			Chromosome: s.Chromosome, Ploidy: s.Ploidy, From: s.From, To: s.To, Planes: map[format.Plane]*private.QueryPlane{}, Traits: traits,
		})
	}
	bySex = format.Union(bySex)
	for i, s := range sections {
		for _, plane := range b.index.Genotypes.Planes() {
			columns := format.Union(wanted[i][plane])
			if len(columns) == 0 {
				continue
			}
			if s.Ploidy.BySex() {
				columns = bySex
			}
			checked, err := b.checkedPlane(columns)
			if err != nil {
				return err
			}
			b.query.Sections[i].Planes[plane] = checked
		}
	}
	return nil
}

// addTraits adds traits' columns, and lists those of each plane.
func (b *queryBuilder) addTraits(traits []test.Trait) (added []private.QueryTrait, onPlane map[format.Plane][]int, err error) {
	onPlane = map[format.Plane][]int{}
	for _, trait := range traits {
		t := private.QueryTrait{Name: trait.Name, Model: trait.Model}
		for _, column := range trait.Columns {
			c, err := b.add(column.Values)
			if err != nil {
				return nil, nil, err
			}
			t.Columns = append(t.Columns, c)
			for _, plane := range b.index.Genotypes.PlanesFor(column) {
				onPlane[plane] = append(onPlane[plane], c)
			}
		}
		added = append(added, t)
	}
	return added, onPlane, nil
}

// checkedPlane has the columns with a check, that of an earlier plane with the same if there
// is one.
func (b *queryBuilder) checkedPlane(columns []int) (*private.QueryPlane, error) {
	for _, p := range b.planes {
		if slices.Equal(p.Columns, columns) {
			return p, nil
		}
	}
	p, err := b.checked(columns)
	if err == nil {
		b.planes = append(b.planes, p)
	}
	return p, err
}

// checked draws the check columns of a plane's columns. Their positions count
// from the end of the columns, until everything is shuffled.
func (b *queryBuilder) checked(columns []int) (*private.QueryPlane, error) {
	var combined [][]int32
	for _, c := range columns {
		combined = append(combined, b.values[c])
	}
	check, err := b.modulus.NewCheck(len(columns), b.index.Checks)
	if err != nil {
		return nil, err
	}
	b.index.Checks = append(b.index.Checks, check.Point)
	p := &private.QueryPlane{Columns: columns, Check: check}
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
	seen := map[*private.QueryPlane]bool{}
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
func (t *TraitsJob) encrypt(ctx context.Context, q *private.Query, columns [][]int32) (f chunkfile.Fingerprint, err error) {
	params, err := t.Index.Params.Sums()
	if err != nil {
		return f, err
	}
	encryptor, err := he.NewColumnEncryptor(params, t.Secret)
	if err != nil {
		return f, err
	}
	meta := format.TraitsMeta{
		QueryID: q.QueryID, Cohort: q.Cohort, KeyID: q.KeyID, Params: params,
		Samples: len(t.Index.Samples), Columns: len(columns), Sections: q.SiteSections(),
	}
	sizes := make([]int64, meta.Tiles()*len(columns))
	for i := range sizes {
		sizes[i] = int64(format.SeedSize + 4*params.Chain().PackedLen())
	}
	w, err := chunkfile.Create(t.TraitsPath, format.TraitsKind, meta, sizes, 0o666)
	if err != nil {
		return f, err
	}
	defer w.Abort()
	for tile := range meta.Tiles() {
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
			if err := w.WriteChunk(tile*len(columns)+k, packed.Seed[:], format.BytesOf(packed.C0)); err != nil {
				return f, err
			}
		}
	}
	return w.CommitNew()
}

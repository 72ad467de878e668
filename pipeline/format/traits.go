package format

import (
	"fmt"
	"math"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

const TraitsKind = "encrypted traits"

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

// Tiles is the number of packed columns that the samples take.
func (m *TraitsMeta) Tiles() int { return (m.Samples + m.Params.N() - 1) / m.Params.N() }

// Traits are encrypted traits, opened for evaluation.
type Traits struct {
	TraitsMeta
	file *chunkfile.Reader
}

// OpenTraits opens a .traits file.
func OpenTraits(path string) (*Traits, error) {
	r, err := chunkfile.OpenLimit(path, TraitsKind, chunkfile.MaxHeader)
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
	if !t.Params.Valid() || t.Samples < 1 || t.Samples > MaxSamples || !isID(t.QueryID) {
		return false
	}
	// Divided, since the product of what a header says may not fit an integer.
	chunks, tiles := t.file.Chunks(), t.Tiles()
	return t.Columns >= 1 && chunks%tiles == 0 && chunks/tiles == t.Columns &&
		SameSizes(t.file, SeedSize+4*t.Params.Chain().PackedLen()) && validSections(t.Sections, math.MaxInt, t.Columns)
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

// Packed reads one column of one tile of samples.
func (t *Traits) Packed(tile, column int) (he.SeededCiphertext, error) {
	chain, i := t.Params.Chain(), tile*t.Columns+column
	p, err := ReadCiphertext(t.file, i, chain.PackedLen())
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

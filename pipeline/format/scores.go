package format

import (
	"bytes"
	"fmt"
	"reflect"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

const ScoresKind = "encrypted scores"

// ScoresMeta is the header of a .scores file: which evaluation of which cohort, and
// the samples that are in it.
type ScoresMeta struct {
	RunID       string                `json:"run_id"`
	Cohort      chunkfile.Fingerprint `json:"cohort"`
	KeyID       KeyID                 `json:"key_id"`
	Params      he.ScoreParams        `json:"params"`
	Samples     int                   `json:"samples"`
	Scores      int                   `json:"scores"`
	Description *ScoreDescription     `json:"description,omitempty"`
	Sealed      []byte                `json:"sealed,omitempty"` // the description, where the model is encrypted
	Parts       Ranges                `json:"parts"`            // samples, in order, without overlap: whole tiles
}

// Tiles lists the tiles of N samples that are in the file.
func (m *ScoresMeta) Tiles() []int { return m.Parts.units(m.Params.N()) }

// TileRange is the range of samples of a tile.
func (m *ScoresMeta) TileRange(tile int) (from, to int) {
	n := m.Params.N()
	return tile * n, min(tile*n+n, m.Samples)
}

// Entries lists the chunks in the order of the file: tiles first, scores second.
func (m *ScoresMeta) Entries() []SumEntry {
	var entries []SumEntry
	for _, tile := range m.Tiles() {
		for score := range m.Scores {
			entries = append(entries, SumEntry{Batch: tile, Column: score})
		}
	}
	return entries
}

// Create starts a .scores file; index finds an entry's chunk.
func (m *ScoresMeta) Create(path string) (w *chunkfile.Writer, index map[SumEntry]int, err error) {
	return createSums(path, ScoresKind, m, m.Params.Chain(), m.Entries())
}

func (m *ScoresMeta) Content() (Ranges, []Shard, int) { return m.Parts, nil, m.Samples }

func (m *ScoresMeta) With(parts Ranges, _ []Shard) Mergeable {
	merged := *m
	merged.Parts = parts
	return &merged
}

func (m *ScoresMeta) Missing() string { return missingSamples(m.Parts, m.Samples) }

func (m *ScoresMeta) Fits(other Mergeable, name, firstName string) error {
	switch first := other.(*ScoresMeta); {
	case m.Cohort != first.Cohort:
		return fmt.Errorf("%s: comes from a different cohort than %s", name, firstName)
	case m.RunID != first.RunID:
		return fmt.Errorf("%s: answers a different model than %s, or was made without its --run-key", name, firstName)
	case m.KeyID != first.KeyID || !m.Params.Equal(first.Params) || m.Samples != first.Samples || m.Scores != first.Scores ||
		!reflect.DeepEqual(m.Description, first.Description) || !bytes.Equal(m.Sealed, first.Sealed):
		return fmt.Errorf("%s: does not have the shape of %s", name, firstName)
	}
	return nil
}

// valid checks the sizes that everything else is computed from.
func (m *ScoresMeta) valid() bool {
	if !m.Params.Valid() || m.Samples < 1 || m.Samples > MaxSamples || m.Scores < 1 || m.Scores > MaxScores || !isID(m.RunID) {
		return false
	}
	if (m.Description == nil) == (m.Sealed == nil) || m.Description != nil && m.Description.Validate(m.Scores) != nil {
		return false
	}
	n := m.Params.N()
	for _, p := range m.Parts {
		if p.From%n != 0 || p.To%n != 0 && p.To != m.Samples {
			return false
		}
	}
	return m.Parts.valid(m.Samples)
}

// MaxScores bounds what a header can claim.
const MaxScores = 1 << 16

// Scores are encrypted scores, opened for merging or decryption.
type Scores struct {
	ScoresMeta
	SumFile
}

// OpenScores opens a .scores file.
func OpenScores(path string) (*Scores, error) {
	r, err := chunkfile.OpenLimit(path, ScoresKind, chunkfile.MaxHeader)
	if err != nil {
		return nil, err
	}
	s := new(Scores)
	if err := r.Meta(&s.ScoresMeta); err != nil {
		r.Close()
		return nil, err
	}
	if !s.valid() || s.Parts.countUnits(s.Params.N())*s.Scores != r.Chunks() || !SameSizes(r, 4*s.Params.Chain().SumLen(SumComponents)) {
		r.Close()
		return nil, fmt.Errorf("%s: sizes in the header do not agree; run the shard again", path)
	}
	s.SumFile = sumsOf(r, s.Params.Chain(), s.Entries())
	return s, nil
}

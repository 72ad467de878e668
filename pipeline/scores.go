package pipeline

import (
	"fmt"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

const scoresKind = "encrypted scores"

// ScoresMeta is the header of a .scores file: which evaluation of which cohort, and
// the samples that are in it.
type ScoresMeta struct {
	RunID       string                `json:"run_id"`
	Cohort      chunkfile.Fingerprint `json:"cohort"`
	KeyID       KeyID                 `json:"key_id"`
	Params      he.Params             `json:"params"`
	Samples     int                   `json:"samples"`
	Scores      int                   `json:"scores"`
	Description *ScoreDescription     `json:"description,omitempty"`
	Sealed      []byte                `json:"sealed,omitempty"` // the description, where the model is encrypted
	Parts       Ranges                `json:"parts"`            // samples, in order, without overlap: whole tiles
}

// tiles lists the tiles of N samples that are in the file.
func (m *ScoresMeta) tiles() []int { return m.Parts.units(m.Params.N()) }

// tileRange is the range of samples of a tile.
func (m *ScoresMeta) tileRange(tile int) (from, to int) {
	n := m.Params.N()
	return tile * n, min(tile*n+n, m.Samples)
}

// create starts a .scores file. Its chunks are tiles first, scores second.
func (m *ScoresMeta) create(path string) (*chunkfile.Writer, error) {
	sizes := make([]int64, m.Parts.countUnits(m.Params.N())*m.Scores)
	for i := range sizes {
		sizes[i] = int64(4 * m.Params.Chain().SumLen(2))
	}
	return chunkfile.Create(path, scoresKind, m, sizes, 0o666)
}

// valid checks the sizes that everything else is computed from.
func (m *ScoresMeta) valid() bool {
	if !m.Params.Valid() || !m.Params.Scoring() || m.Samples < 1 || m.Samples > maxSamples || m.Scores < 1 || m.Scores > maxScores || !isID(m.RunID) {
		return false
	}
	if (m.Description == nil) == (m.Sealed == nil) || m.Description != nil && m.Description.validate(m.Scores) != nil {
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

// maxScores bounds what a header can claim.
const maxScores = 1 << 16

// Scores are encrypted scores, opened for merging or decryption.
type Scores struct {
	ScoresMeta
	file *chunkfile.Reader
}

// OpenScores opens a .scores file.
func OpenScores(path string) (*Scores, error) {
	r, err := chunkfile.OpenLimit(path, scoresKind, chunkfile.MaxHeader)
	if err != nil {
		return nil, err
	}
	s := &Scores{file: r}
	if err := r.Meta(&s.ScoresMeta); err != nil {
		r.Close()
		return nil, err
	}
	if !s.valid() || s.Parts.countUnits(s.Params.N())*s.Scores != r.Chunks() || !sameSizes(r, 4*s.Params.Chain().SumLen(2)) {
		r.Close()
		return nil, fmt.Errorf("%s: sizes in the header do not agree; run the shard again", path)
	}
	return s, nil
}

// read returns the ciphertext of the i-th tile in the file and a score.
func (s *Scores) read(i, score int) (he.Sum, error) {
	chain := s.Params.Chain()
	sum := he.Sum{Components: 2, Residues: make([]uint32, chain.SumLen(2))}
	if err := s.file.Chunk(i*s.Scores+score, bytesOf(sum.Residues)); err != nil {
		return sum, err
	}
	if err := sum.Validate(chain); err != nil {
		return sum, fmt.Errorf("%s: chunk %d: %w", s.file.Name(), i*s.Scores+score, err)
	}
	return sum, nil
}

// Close closes the file.
func (s *Scores) Close() error { return s.file.Close() }

package format

import (
	"fmt"
	"math"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

const SumsKind = "encrypted sums"

// SumsMeta is the header of a .sums file: which query on which cohort, and the
// samples that are in it.
type SumsMeta struct {
	QueryID    string                `json:"query_id"`
	Cohort     chunkfile.Fingerprint `json:"cohort"`
	Traits     chunkfile.Fingerprint `json:"traits"`
	KeyID      KeyID                 `json:"key_id"`
	Params     he.SumParams          `json:"params"`
	Samples    int                   `json:"samples"`
	Blocks     []Block               `json:"blocks"`
	Sections   []Section             `json:"sections"`
	Components int                   `json:"components"`
	Parts      Ranges                `json:"parts"`            // samples summed, in order, without overlap
	Shards     []Shard               `json:"shards,omitempty"` // that make up the parts, ascending, where they are shards of the same cut
}

// missingSamples says in words which of n samples are not in it, or nothing if all are.
func missingSamples(parts Ranges, n int) string {
	if absent := parts.Missing(n); absent != nil {
		return fmt.Sprintf("samples %s of %d are missing", absent, n)
	}
	return ""
}

// Missing says in words what is not in it, or nothing if all is.
func (m *SumsMeta) Missing() string {
	text := missingSamples(m.Parts, m.Samples)
	if text == "" || len(m.Shards) == 0 {
		return text
	}
	shards := m.absentShards()
	noun := "shards"
	if len(shards) == 1 && shards[0].To == shards[0].From+1 {
		noun = "shard"
	}
	return fmt.Sprintf("%s (%s %s of %d)", text, noun, shards, m.Shards[0].Count)
}

// absentShards lists the shards that are not in it and have samples, as ranges of numbers
// that count from 0.
func (m *SumsMeta) absentShards() Ranges {
	var absent Ranges
	there := m.Shards
	chunks := (m.Samples + he.ChunkSamples - 1) / he.ChunkSamples
	for i := range m.Shards[0].Count {
		s := Shard{i + 1, m.Shards[0].Count}
		if len(there) > 0 && there[0] == s {
			there = there[1:]
			continue
		}
		if from, to := s.Chunks(chunks); from < to {
			absent = absent.then(Part{i, i + 1})
		}
	}
	return absent
}

// Batches lists the batches that the parts touch: those whose sums are stored.
func (m *SumsMeta) Batches() []int { return m.Parts.units(m.Params.Batch()) }

// Entries lists the chunks in the order of the file.
func (m *SumsMeta) Entries() []SumEntry {
	var entries []SumEntry
	lanes := m.Lanes()
	if len(lanes) == 0 {
		return nil // whatever the number of batches
	}
	for _, batch := range m.Batches() {
		for _, l := range lanes {
			for _, column := range l.Columns {
				entries = append(entries, SumEntry{batch, l.Block, l.Plane, column})
			}
		}
	}
	return entries
}

// A Lane is one block and plane with the columns, by position, to sum against it.
type Lane struct {
	Block   int
	Plane   Plane
	Columns []int
}

// Lanes lists the blocks and planes that columns are evaluated against.
func (m *SumsMeta) Lanes() []Lane { return lanesOf(m.Blocks, m.Sections) }

// Create starts a .sums file; index finds an entry's chunk.
func (m *SumsMeta) Create(path string) (w *chunkfile.Writer, index map[SumEntry]int, err error) {
	return createSums(path, SumsKind, m, m.Params.Chain(), m.Entries())
}

// Sums are encrypted sums, opened for merging or decryption.
type Sums struct {
	SumsMeta
	SumFile
}

// OpenSums opens a .sums file.
func OpenSums(path string) (*Sums, error) {
	r, err := chunkfile.OpenLimit(path, SumsKind, chunkfile.MaxHeader)
	if err != nil {
		return nil, err
	}
	s := new(Sums)
	if err := r.Meta(&s.SumsMeta); err != nil {
		r.Close()
		return nil, err
	}
	if !s.valid() || !s.fitsChunks(r) {
		r.Close()
		return nil, fmt.Errorf("%s: sizes in the header do not agree; run the shard again", path)
	}
	s.SumFile = sumsOf(r, s.Params.Chain(), s.Entries())
	return s, nil
}

// fitsChunks says whether the file has the chunks that its header says. It lists nothing:
// a header may claim more than memory holds.
func (m *SumsMeta) fitsChunks(r *chunkfile.Reader) bool {
	chunks, batches := r.Chunks(), m.Parts.countUnits(m.Params.Batch())
	if chunks == 0 || batches == 0 {
		return chunks == 0 && (batches == 0 || countColumns(m.Blocks, m.Sections, 0) == 0)
	}
	columns := countColumns(m.Blocks, m.Sections, chunks)
	return columns > 0 && chunks/columns == batches && chunks%columns == 0 && SameSizes(r, 4*m.Params.Chain().SumLen(m.Components))
}

// MaxSamples bounds what a header can claim.
const MaxSamples = 1 << 30

// valid checks the sizes that everything else is computed from.
func (m *SumsMeta) valid() bool {
	if !m.Params.Valid() || m.Components != SumComponents || m.Samples < 1 || m.Samples > MaxSamples ||
		!isID(m.QueryID) || !ValidBlocks(m.Blocks) || !validSections(m.Sections, len(m.Blocks), math.MaxInt) || !m.Parts.valid(m.Samples) {
		return false
	}
	for i, s := range m.Shards {
		if s.Count < 1 || s.Count != m.Shards[0].Count || i > 0 && s.Index <= m.Shards[i-1].Index {
			return false
		}
	}
	return true
}

func (m *SumsMeta) Content() (Ranges, []Shard, int) { return m.Parts, m.Shards, m.Samples }

func (m *SumsMeta) With(parts Ranges, shards []Shard) Mergeable {
	merged := *m
	merged.Parts, merged.Shards = parts, shards
	return &merged
}

func (m *SumsMeta) Fits(other Mergeable, name, firstName string) error {
	switch first := other.(*SumsMeta); {
	case m.Cohort != first.Cohort:
		return fmt.Errorf("%s: comes from a different cohort than %s", name, firstName)
	case m.Traits != first.Traits || m.QueryID != first.QueryID:
		return fmt.Errorf("%s: answers a different query than %s", name, firstName)
	case m.KeyID != first.KeyID || m.Components != first.Components || !m.Params.Equal(first.Params) || m.Samples != first.Samples ||
		!EqualSections(m.Sections, first.Sections) || !EqualBlocks(m.Blocks, first.Blocks):
		return fmt.Errorf("%s: does not have the shape of %s", name, firstName)
	}
	return nil
}

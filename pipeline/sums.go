package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

const sumsKind = "encrypted sums"

// SumsMeta is the header of a .sums file: which query on which cohort, and the
// samples that are in it.
type SumsMeta struct {
	QueryID    string                `json:"query_id"`
	Cohort     chunkfile.Fingerprint `json:"cohort"`
	Traits     chunkfile.Fingerprint `json:"traits"`
	KeyID      KeyID                 `json:"key_id"`
	Params     he.Params             `json:"params"`
	Samples    int                   `json:"samples"`
	Blocks     []Block               `json:"blocks"`
	Sections   []Section             `json:"sections"`
	Components int                   `json:"components"`
	Parts      []Part                `json:"parts"`            // samples summed, in order, without overlap
	Shards     []Shard               `json:"shards,omitempty"` // that make up the parts, ascending, where they are shards of the same cut
}

// A Part is the samples From … To−1.
type Part struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// absent lists the samples that are not in it.
func (m *SumsMeta) absent() []Part {
	var absent []Part
	next := 0
	for _, p := range m.Parts {
		if p.From > next {
			absent = append(absent, Part{next, p.From})
		}
		next = p.To
	}
	if next < m.Samples {
		absent = append(absent, Part{next, m.Samples})
	}
	return absent
}

// missing says in words what is not in it, or nothing if all is.
func (m *SumsMeta) missing() string {
	var samples, shards []string
	for _, p := range m.absent() {
		samples = append(samples, fmt.Sprintf("%d to %d", p.From+1, p.To))
	}
	if samples == nil {
		return ""
	}
	text := fmt.Sprintf("samples %s of %d are not in it", strings.Join(samples, ", "), m.Samples)
	if len(m.Shards) == 0 {
		return text
	}
	count := m.Shards[0].Count
	chunks := (m.Samples + he.ChunkSamples - 1) / he.ChunkSamples
	absent := func(i int) bool {
		s := Shard{i, count}
		from, to := s.chunks(chunks)
		return i <= count && from < to && !slices.Contains(m.Shards, s)
	}
	for i := 1; i <= count; i++ {
		if !absent(i) {
			continue
		}
		first := i
		for absent(i + 1) {
			i++
		}
		if i == first {
			shards = append(shards, fmt.Sprint(i))
		} else {
			shards = append(shards, fmt.Sprintf("%d to %d", first, i))
		}
	}
	noun := "shards"
	if len(shards) == 1 && !strings.Contains(shards[0], " ") {
		noun = "shard"
	}
	return fmt.Sprintf("%s (%s %s of %d)", text, noun, strings.Join(shards, ", "), count)
}

// batches lists the batches that the parts touch: those whose sums are stored.
func (m *SumsMeta) batches() []int {
	var batches []int
	for _, p := range m.Parts {
		for b := p.From / m.Params.Batch(); b*m.Params.Batch() < p.To; b++ {
			if len(batches) == 0 || batches[len(batches)-1] != b {
				batches = append(batches, b)
			}
		}
	}
	return batches
}

// A sumEntry is one chunk of a .sums file: one column summed against one block
// and plane, over one batch of samples.
type sumEntry struct {
	batch, block int
	plane        Plane
	column       int // position
}

// entries lists the chunks in the order of the file.
func (m *SumsMeta) entries() []sumEntry {
	var entries []sumEntry
	for _, batch := range m.batches() {
		for _, l := range m.lanes() {
			for _, column := range l.columns {
				entries = append(entries, sumEntry{batch, l.block, l.plane, column})
			}
		}
	}
	return entries
}

// A lane is one block and plane with the columns, by position, to sum against it.
type lane struct {
	block   int
	plane   Plane
	columns []int
}

// lanes lists the blocks and planes that columns are evaluated against.
func (m *SumsMeta) lanes() []lane {
	var lanes []lane
	for b, block := range m.Blocks {
		for _, plane := range block.Planes {
			if columns := columnsOf(m.Sections, b, plane); len(columns) > 0 {
				lanes = append(lanes, lane{b, plane, columns})
			}
		}
	}
	return lanes
}

// layout returns the sizes of the chunks; index finds an entry's chunk.
func (m *SumsMeta) layout() (sizes []int64, index map[sumEntry]int) {
	entries := m.entries()
	sizes = make([]int64, len(entries))
	index = make(map[sumEntry]int, len(entries))
	for i, e := range entries {
		sizes[i] = int64(4 * m.Params.Chain().SumLen(m.Components))
		index[e] = i
	}
	return sizes, index
}

// create starts a .sums file; index finds an entry's chunk.
func (m *SumsMeta) create(path string) (w *chunkfile.Writer, index map[sumEntry]int, err error) {
	sizes, index := m.layout()
	w, err = chunkfile.Create(path, sumsKind, m, sizes, 0o666)
	return w, index, err
}

// Sums are encrypted sums, opened for merging or decryption.
type Sums struct {
	SumsMeta
	file  *chunkfile.Reader
	index map[sumEntry]int
}

// OpenSums opens a .sums file.
func OpenSums(path string) (*Sums, error) {
	r, err := chunkfile.Open(path, sumsKind)
	if err != nil {
		return nil, err
	}
	s := &Sums{file: r, index: map[sumEntry]int{}}
	if err := r.Meta(&s.SumsMeta); err != nil {
		r.Close()
		return nil, err
	}
	if !s.valid() {
		r.Close()
		return nil, fmt.Errorf("%s: sizes in the header do not agree; run the shard again", path)
	}
	// Before the entries are listed: a header may claim more than memory holds.
	columns := 0
	for _, l := range s.lanes() {
		columns += len(l.columns)
	}
	if columns*len(s.batches()) != r.Chunks() {
		r.Close()
		return nil, fmt.Errorf("%s: sizes in the header do not agree; run the shard again", path)
	}
	for i, e := range s.entries() {
		s.index[e] = i
	}
	return s, nil
}

// maxSamples bounds what a header can claim.
const maxSamples = 1 << 30

// valid checks the sizes that everything else is computed from.
func (m *SumsMeta) valid() bool {
	if !m.Params.Valid() || GWAS.fits(m.Params) != nil || m.Components != 2 || m.Samples < 1 || m.Samples > maxSamples {
		return false
	}
	for i, p := range m.Parts {
		if p.From < 0 || p.From >= p.To || p.To > m.Samples || i > 0 && p.From < m.Parts[i-1].To {
			return false
		}
	}
	for i, s := range m.Shards {
		if s.Count != m.Shards[0].Count || i > 0 && s.Index <= m.Shards[i-1].Index {
			return false
		}
	}
	return true
}

// read returns the sum of an entry.
func (s *Sums) read(e sumEntry) (he.Sum, error) {
	chain := s.Params.Chain()
	sum := he.Sum{Components: s.Components, Residues: make([]uint32, chain.SumLen(s.Components))}
	i, ok := s.index[e]
	if !ok {
		return sum, fmt.Errorf("%s: lacks the sum of block %d, plane %s, column %d", s.file.Name(), e.block, e.plane, e.column)
	}
	if err := s.file.Chunk(i, bytesOf(sum.Residues)); err != nil {
		return sum, err
	}
	if err := sum.Validate(chain); err != nil {
		return sum, fmt.Errorf("%s: chunk %d: %w", s.file.Name(), i, err)
	}
	return sum, nil
}

// Close closes the file.
func (s *Sums) Close() error { return s.file.Close() }

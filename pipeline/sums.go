package pipeline

import (
	"fmt"
	"math"

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

// absent lists the samples that are missing.
func (m *SumsMeta) absent() []Part { return absentSamples(m.Parts, m.Samples) }

// absentSamples lists those of n samples that the parts leave out.
func absentSamples(parts []Part, n int) []Part {
	var absent []Part
	next := 0
	for _, p := range parts {
		if p.From > next {
			absent = append(absent, Part{next, p.From})
		}
		next = p.To
	}
	if next < n {
		absent = append(absent, Part{next, n})
	}
	return absent
}

// missing says in words what is not in it, or nothing if all is.
func (m *SumsMeta) missing() string {
	absent := m.absent()
	if absent == nil {
		return ""
	}
	text := fmt.Sprintf("samples %s of %d are missing", describeParts(absent), m.Samples)
	if len(m.Shards) == 0 {
		return text
	}
	shards := m.absentShards()
	noun := "shards"
	if len(shards) == 1 && shards[0].To == shards[0].From+1 {
		noun = "shard"
	}
	return fmt.Sprintf("%s (%s %s of %d)", text, noun, describeParts(shards), m.Shards[0].Count)
}

// absentShards lists the shards that are missing and have samples, as ranges of numbers
// that count from 0.
func (m *SumsMeta) absentShards() []Part {
	var absent []Part
	there := m.Shards
	chunks := (m.Samples + he.ChunkSamples - 1) / he.ChunkSamples
	for i := range m.Shards[0].Count {
		s := Shard{i + 1, m.Shards[0].Count}
		if len(there) > 0 && there[0] == s {
			there = there[1:]
			continue
		}
		if from, to := s.chunks(chunks); from == to {
			continue
		}
		if n := len(absent); n > 0 && absent[n-1].To == i {
			absent[n-1].To++
		} else {
			absent = append(absent, Part{i, i + 1})
		}
	}
	return absent
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

// batchCount is the number of batches.
func (m *SumsMeta) batchCount() int {
	count, next := 0, 0
	for _, p := range m.Parts {
		first, last := max(next, p.From/m.Params.Batch()), (p.To-1)/m.Params.Batch()
		count += last - first + 1
		next = last + 1
	}
	return count
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
	lanes := m.lanes()
	if len(lanes) == 0 {
		return nil // whatever the number of batches
	}
	for _, batch := range m.batches() {
		for _, l := range lanes {
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
func (m *SumsMeta) lanes() []lane { return lanesOf(m.Blocks, m.Sections) }

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
	r, err := chunkfile.OpenLimit(path, sumsKind, chunkfile.MaxHeader)
	if err != nil {
		return nil, err
	}
	s := &Sums{file: r, index: map[sumEntry]int{}}
	if err := r.Meta(&s.SumsMeta); err != nil {
		r.Close()
		return nil, err
	}
	if !s.valid() || !s.fitsChunks() {
		r.Close()
		return nil, fmt.Errorf("%s: sizes in the header do not agree; run the shard again", path)
	}
	for i, e := range s.entries() {
		s.index[e] = i
	}
	return s, nil
}

// fitsChunks says whether the file has the chunks that its header says. It lists nothing:
// a header may claim more than memory holds.
func (s *Sums) fitsChunks() bool {
	chunks, batches := s.file.Chunks(), s.batchCount()
	if chunks == 0 || batches == 0 {
		return chunks == 0 && (batches == 0 || countColumns(s.Blocks, s.Sections, 0) == 0)
	}
	columns := countColumns(s.Blocks, s.Sections, chunks)
	return columns > 0 && chunks/columns == batches && chunks%columns == 0 && sameSizes(s.file, 4*s.Params.Chain().SumLen(s.Components))
}

// sameSizes says whether every chunk of a file has so many bytes.
func sameSizes(r *chunkfile.Reader, bytes int) bool {
	for i := range r.Chunks() {
		if r.Size(i) != int64(bytes) {
			return false
		}
	}
	return true
}

// maxSamples bounds what a header can claim.
const maxSamples = 1 << 30

// valid checks the sizes that everything else is computed from.
func (m *SumsMeta) valid() bool {
	if !m.Params.Valid() || GWAS.fits(m.Params) != nil || m.Components != 2 || m.Samples < 1 || m.Samples > maxSamples ||
		!isID(m.QueryID) || !validBlocks(m.Blocks) || !validSections(m.Sections, len(m.Blocks), math.MaxInt) {
		return false
	}
	for i, p := range m.Parts {
		if p.From < 0 || p.From >= p.To || p.To > m.Samples || i > 0 && p.From < m.Parts[i-1].To {
			return false
		}
	}
	for i, s := range m.Shards {
		if s.Count < 1 || s.Count != m.Shards[0].Count || i > 0 && s.Index <= m.Shards[i-1].Index {
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

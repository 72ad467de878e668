package cpu

import (
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"genoveil/he"
	kernels "genoveil/kernels/cpu"
)

// A Scorer is he.Scorer on the CPU.
type Scorer struct {
	s           *switcher
	threads     int
	levels      []packLevel // level l of the tree is levels[l−1]
	relinearize switchKey
	scratch     sync.Pool // *scratch
	tiles       sync.Pool // *lanesTile
}

// NewScorer prepares a scorer for the keys. Its methods use up to `threads`
// goroutines.
func NewScorer(keys *he.ScoreKeys, threads int) (*Scorer, error) {
	if err := keys.Validate(); err != nil {
		return nil, err
	}
	s, err := newSwitcher(keys.Chain)
	if err != nil {
		return nil, err
	}
	digits := len(keys.Chain.Sums)
	size := s.keySize(digits)
	memory := kernels.Words((len(keys.Pack) + 1) * size)
	e := &Scorer{s: s, threads: threads, relinearize: s.prepare(keys.Relinearize, digits, memory[len(keys.Pack)*size:])}
	e.scratch.New = func() any { return s.newScratch() }
	e.tiles.New = func() any { return newLanesTile() }
	for i, key := range keys.Pack {
		e.levels = append(e.levels, s.newPackLevel(i+1, s.prepare(key, digits, memory[i*size:])))
	}
	return e, nil
}

// scores are reduced sums, tile-major like a chunk:
//
//	sums[((((prime·tiles + tile)·scores + score)·components + component)·samples + sample)·TileWidth + position]
type scores struct {
	samples, scores, components int
	sums                        []uint32
}

func (s *scores) Samples() int { return s.samples }

// NewScores starts answers at zero.
func (e *Scorer) NewScores(samples int, prepared he.Weights) he.Scores {
	w := prepared.(*weights)
	s := &scores{samples: samples, scores: w.scores, components: w.components + 1}
	s.sums = kernels.Words(e.s.chain.SumLen(s.components) * s.scores * samples)
	return s
}

// lanesTile holds one tile of all samples for the lanes of a group: c0 copied from
// their chunks, and the seeded halves. Lanes are padded, so that they do not compete
// for the same lines of the cache; after the last come as many words again as a lane
// has, so that rows of any sample are a slice of the same length.
type lanesTile struct {
	c        [2][]uint32
	products [he.TileWidth]uint32
	zeros    [he.TileWidth]uint32
}

const laneStride = he.ChunkSamples*he.TileWidth + pad

func newLanesTile() *lanesTile {
	t := &lanesTile{}
	for i := range t.c {
		t.c[i] = kernels.Words((laneGroup + 1) * laneStride)
	}
	return t
}

// Add works tile by tile, every goroutine on tiles of its own.
func (e *Scorer) Add(answers he.Scores, prepared he.Weights, chunks []he.Chunk) error {
	s, w := answers.(*scores), prepared.(*weights)
	if len(chunks) != w.lanes || s.scores != w.scores || s.components != w.components+1 {
		return fmt.Errorf("%d chunks and %d scores for weights of %d lanes and %d scores", len(chunks), s.scores, w.lanes, w.scores)
	}
	streams := make([]*kernels.Uniform, len(chunks))
	for i, chunk := range chunks {
		if chunk.Samples != s.samples {
			return fmt.Errorf("%d samples in the chunk, %d in the scores", chunk.Samples, s.samples)
		}
		streams[i] = kernels.NewUniform(&chunk.Seed)
	}
	tiles := len(e.s.chain.Sums) * e.s.n / he.TileWidth
	var next atomic.Int64
	var group errgroup.Group
	for range min(e.threads, tiles) {
		group.Go(func() error {
			t := e.tiles.Get().(*lanesTile)
			defer e.tiles.Put(t)
			for number := int(next.Add(1)) - 1; number < tiles; number = int(next.Add(1)) - 1 {
				for g, polynomials := range w.groups {
					first := g * laneGroup
					count := min(laneGroup, w.lanes-first)
					e.load(t, number, chunks[first:][:count], streams[first:])
					e.addTile(t, number, s, count, polynomials)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// load brings tile `number`, prime·N/TileWidth + tile, of some lanes into t.
func (e *Scorer) load(t *lanesTile, number int, chunks []he.Chunk, streams []*kernels.Uniform) {
	const T = he.TileWidth
	tiles := e.s.n / T
	l, first := number/tiles, number%tiles*T
	for i, chunk := range chunks {
		size := chunk.Samples * T
		copy(t.c[0][i*laneStride:], chunk.C0[number*size:][:size])
		streams[i].FillTile(t.c[1][i*laneStride:][:size], e.s.ntt[l].Modulus, uint32(l), first, T)
	}
}

// addTile multiplies the lanes in t by their weights for all scores.
func (e *Scorer) addTile(t *lanesTile, number int, s *scores, lanes int, polynomials [][]uint32) {
	const T = he.TileWidth
	primes, tiles := len(e.s.chain.Sums), e.s.n/T
	l, tile := number/tiles, number%tiles
	m, size := e.s.ntt[l].Modulus, s.samples*T
	for k := range s.scores {
		sums := s.sums[(number*s.scores+k)*s.components*size:][:s.components*size]
		var keys [2][]uint32
		for c := range s.components - 1 {
			keys[c] = polynomials[(k*(s.components-1)+c)*primes+l][tile*lanes*T:][:lanes*T]
		}
		for at := 0; at < size; at += T {
			sum := func(c int) []uint32 { return sums[c*size+at:][:T] }
			c0, c1 := t.c[0][at:][:lanes*laneStride], t.c[1][at:][:lanes*laneStride]
			if s.components == 2 {
				m.InnerProduct(sum(0), sum(1), sum(0), sum(1), c0, c1, keys[0], keys[0])
				continue
			}
			m.InnerProduct(sum(0), sum(2), sum(0), sum(2), c0, c1, keys[0], keys[1])
			m.InnerProduct(sum(1), t.products[:], sum(1), t.zeros[:], c0, c1, keys[1], keys[0])
			m.AddVec(sum(1), sum(1), t.products[:])
		}
	}
}

package cpu

import (
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"genoveil/he"
	"genoveil/kernels/cpu/sampling"
)

// A Scorer is he.Scorer on the CPU.
type Scorer struct {
	workers
	s           *switcher
	levels      []packLevel // level l of the tree is levels[l−1]
	relinearize switchKey
	tiles       sync.Pool // *laneTile
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
	memory := make([]uint32, (len(keys.Pack)+1)*size)
	e := &Scorer{workers: workers{threads: threads}, s: s, relinearize: s.prepare(keys.Relinearize, digits, memory[len(keys.Pack)*size:])}
	e.scratch.New = func() any { return s.newScratch() }
	e.tiles.New = func() any { return new(laneTile) }
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
	s.sums = make([]uint32, e.s.chain.SumLen(s.components)*s.scores*samples)
	return s
}

// sampleGroup is the number of samples that are multiplied at a time. The seeded
// halves of so many and of a group of lanes, 30 KB, stay in the first-level cache
// between being made and being used.
const sampleGroup = 8

// laneTile is what a goroutine holds of one tile of a group of lanes.
type laneTile struct {
	streams [laneGroup]sampling.TileStream
	c0      [laneGroup][]uint32
	rows    [2][laneGroup][]uint32 // [component][lane]: c0 in its chunk, and the seeded half
	seeded  [laneGroup][sampleGroup * he.TileWidth]uint32
}

// Add works tile by tile, every goroutine on tiles of its own.
func (e *Scorer) Add(answers he.Scores, prepared he.Weights, chunks []he.Chunk) error {
	s, w := answers.(*scores), prepared.(*weights)
	if len(chunks) != w.lanes || s.scores != w.scores || s.components != w.components+1 {
		return fmt.Errorf("%d chunks and %d scores for weights of %d lanes and %d scores", len(chunks), s.scores, w.lanes, w.scores)
	}
	streams := make([]*sampling.Uniform, len(chunks))
	for i, chunk := range chunks {
		if chunk.Samples != s.samples {
			return fmt.Errorf("%d samples in the chunk, %d in the scores", chunk.Samples, s.samples)
		}
		streams[i] = sampling.NewUniform(&chunk.Seed)
	}
	tiles := e.s.chain.Tiles()
	shared := share(tiles)
	var group errgroup.Group
	for range min(e.threads, tiles) {
		group.Go(func() error {
			own := e.tiles.Get().(*laneTile)
			defer e.tiles.Put(own)
			return he.EachTile(chunks, shared, func(t *he.ChunkTile) {
				for g, polynomials := range w.groups {
					first := g * laneGroup
					last := min(first+laneGroup, w.lanes)
					e.addTile(own, t, first, s, streams[first:last], polynomials)
				}
			})
		})
	}
	return group.Wait()
}

// addTile multiplies one tile of a group of lanes, from the first, by their weights for
// all scores.
func (e *Scorer) addTile(own *laneTile, t *he.ChunkTile, first int, s *scores, streams []*sampling.Uniform, polynomials [][]uint32) {
	const T = he.TileWidth
	primes, tiles, lanes, number := len(e.s.chain.Sums), e.s.n/T, len(streams), t.Number
	l, tile := number/tiles, number%tiles
	m, size, components := e.s.ntt[l].Modulus, s.samples*T, s.components-1 // of a weight
	for i, stream := range streams {
		own.c0[i] = t.C0(first + i)
		own.streams[i].Start(stream, m, uint32(l), tile*T, T)
	}
	for from := 0; from < size; from += sampleGroup * T {
		to := min(from+sampleGroup*T, size)
		for i, c0 := range own.c0[:lanes] {
			own.rows[0][i], own.rows[1][i] = c0[from:to], own.seeded[i][:to-from]
			// What comes next of this lane, in the next tile after the last samples.
			own.streams[i].Next(own.rows[1][i], c0[to:min(to+sampleGroup*T, cap(c0))])
		}
		for k := range s.scores {
			for c := range components {
				key := polynomials[(k*components+c)*primes+l][tile*lanes*T:][:lanes*T]
				for half, rows := range own.rows {
					sums := s.sums[((number*s.scores+k)*s.components+c+half)*size:][from:to]
					m.AddWeighted(sums, rows[:lanes], key)
				}
			}
		}
	}
}

package cpu

import (
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"genoveil/he"
	kernels "genoveil/kernels/cpu"
)

// constants are expanded columns, tile-major like a chunk:
//
//	d[((((prime·tiles + tile)·samples + sample)·columns + column)·2 + half)·TileWidth + position]
type constants struct {
	e                *Engine
	samples, columns int
	d                []uint32
}

func (c *constants) Samples() int { return c.samples }

func (c *constants) Release() {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	c.e.released = append(c.e.released, c.d)
	c.d = nil
}

// newConstants takes released memory that is large enough, or new memory, and
// then lets go of the released pieces, which are for another number of columns.
func (e *Engine) newConstants(samples, columns int) *constants {
	c := &constants{e: e, samples: samples, columns: columns}
	size := e.s.chain.SumLen(2) * samples * columns
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, d := range e.released {
		if cap(d) >= size {
			e.released = slices.Delete(e.released, i, i+1)
			c.d = d[:size]
			return c
		}
	}
	e.released = nil
	c.d = make([]uint32, size)
	return c
}

// Expand walks, for every column, the part of the automorphism tree above the
// wanted samples, depth first, so that memory is one node a level and worker.
func (e *Engine) Expand(columns []he.PackedColumn, from, to int) (he.Constants, error) {
	if from < 0 || from >= to || to > e.s.n || to-from > he.ChunkSamples {
		return nil, fmt.Errorf("cannot expand samples %d to %d of %d", from, to, e.s.n)
	}
	out := e.newConstants(to-from, len(columns))
	var group errgroup.Group
	group.SetLimit(e.threads)
	for k, column := range columns {
		group.Go(func() error {
			w := e.walkers.Get().(*walker)
			defer e.walkers.Put(w)
			w.load(column)
			w.walk(0, 0, from, to, func(sample int, leaf []uint32) { out.store(e.s, k, sample-from, leaf) })
			return nil
		})
	}
	return out, group.Wait()
}

// A walker is the working memory of one goroutine: a stack of ciphertexts, one a
// level, each [component][trait prime][N].
type walker struct {
	e       *Engine
	scratch *scratch
	nodes   [][]uint32
	image   []uint32
}

func (e *Engine) newWalker() *walker {
	size := 2 * len(e.s.chain.Trait()) * e.s.n
	w := &walker{e: e, scratch: e.s.newScratch(), image: make([]uint32, size)}
	for range e.s.chain.LogN + 1 {
		w.nodes = append(w.nodes, make([]uint32, size))
	}
	return w
}

// load makes the root: the column with its seeded half, times 1/N, which the
// doublings of the tree undo.
func (w *walker) load(column he.PackedColumn) {
	n, primes := w.e.s.n, len(w.e.s.chain.Trait())
	root := w.nodes[0]
	copy(root, column.C0)
	uniform := kernels.NewUniform(&column.Seed)
	for l, t := range w.e.s.ntt[:primes] {
		half := root[(primes+l)*n:][:n]
		uniform.Fill(half, t.Modulus, 0, uint32(l), 0)
		inverse := t.Inv(uint32(n))
		t.Scale(half, half, inverse)
		t.Scale(root[l*n:][:n], root[l*n:][:n], inverse)
	}
}

// walk visits the leaves in [from, to) below the node at the given depth, which
// covers N>>depth samples starting at first. Node ± its image under X → X^g
// keeps the even or the odd coefficients, doubled; the odd ones are shifted down.
func (w *walker) walk(depth, first, from, to int, visit func(sample int, leaf []uint32)) {
	s := w.e.s
	node := w.nodes[depth]
	if depth == s.chain.LogN {
		w.drop(node)
		visit(first, node)
		return
	}
	middle := first + s.n>>(depth+1)
	left, right := from < middle, to > middle

	w.automorphism(depth, node)
	child := w.nodes[depth+1]
	primes, n := len(s.chain.Trait()), s.n
	if left {
		for r := range 2 * primes {
			s.ntt[r%primes].AddVec(child[r*n:][:n], node[r*n:][:n], w.image[r*n:][:n])
		}
	}
	if right {
		// The image is overwritten further down: keep the difference in the node
		// itself, which is not needed again.
		for r := range 2 * primes {
			s.ntt[r%primes].SubVec(node[r*n:][:n], node[r*n:][:n], w.image[r*n:][:n])
		}
	}
	if left {
		w.walk(depth+1, first, from, min(to, middle), visit)
	}
	if right {
		for r := range 2 * primes {
			s.ntt[r%primes].MulVec(child[r*n:][:n], node[r*n:][:n], w.e.shifts[depth][r%primes*n:][:n])
		}
		w.walk(depth+1, middle, max(from, middle), to, visit)
	}
}

// automorphism sets w.image to the node under the automorphism of this depth.
func (w *walker) automorphism(depth int, node []uint32) {
	s := w.e.s
	primes, n := len(s.chain.Trait()), s.n
	s.keySwitch(w.scratch, node[primes*n:], primes, w.e.keys.Expand[depth])
	for l, t := range s.ntt[:primes] {
		sum := w.scratch.out[0][l*n:][:n]
		t.AddVec(sum, sum, node[l*n:][:n])
		kernels.Gather(w.image[l*n:][:n], sum, w.e.index[depth])
		kernels.Gather(w.image[(primes+l)*n:][:n], w.scratch.out[1][l*n:][:n], w.e.index[depth])
	}
}

// drop divides both components of a leaf by the dropped primes.
func (w *walker) drop(leaf []uint32) {
	s := w.e.s
	primes := len(s.chain.Trait())
	for d := primes - 1; d >= len(s.chain.Sums); d-- {
		for c := range 2 {
			s.divide(w.scratch, leaf[c*primes*s.n:], d, d)
		}
	}
}

// store copies a leaf into its place among the constants.
func (c *constants) store(s *switcher, column, sample int, leaf []uint32) {
	const T = he.TileWidth
	primes, tiles := len(s.chain.Trait()), s.n/T
	for l := range s.chain.Sums {
		for half := range 2 {
			row := leaf[(half*primes+l)*s.n:][:s.n]
			for tile := range tiles {
				at := (((l*tiles+tile)*c.samples+sample)*c.columns+column)*2 + half
				copy(c.d[at*T:][:T], row[tile*T:])
			}
		}
	}
}

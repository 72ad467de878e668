package cpu

import (
	"fmt"
	"slices"

	"genoveil/he"
	"genoveil/kernels/cpu/sampling"
	"genoveil/kernels/hugepage"
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
	c.d = hugepage.Words(size)
	return c
}

// chunkLevels is the number of levels of the tree below the node of one full
// chunk: the last two steps.
const chunkLevels = 6

// An expansion expands columns chunk by chunk. The way from the root to the chunk
// at hand stays in memory, so that neighbours share it.
type expansion struct {
	e        *Engine
	paths    []*path    // [column]
	children [][]uint32 // [goroutine]
}

// A path leads from the root of a column's tree to the node of a chunk.
type path struct {
	column he.SeededCiphertext

	// nodes[i] is a node at the depth of step i, and at[i] its number at that
	// depth, or −1. The last is the node of a chunk.
	nodes [][]uint32
	at    []int

	// children are those of the last node but one, undivided: the next chunks.
	children   []uint32
	childrenOf int // number of their parent, or −1
}

// NewExpansion prepares to expand columns.
func (e *Engine) NewExpansion(columns []he.SeededCiphertext) he.Expansion {
	x := &expansion{e: e}
	for _, column := range columns {
		p := &path{column: column, childrenOf: -1}
		for range len(e.steps) - 1 {
			p.nodes, p.at = append(p.nodes, hugepage.Words(2*e.s.special*e.s.n)), append(p.at, -1)
		}
		x.paths = append(x.paths, p)
	}
	return x
}

// Expand works on as many columns at a time as there are goroutines: first the
// way to the chunk's node and its children, one goroutine a column, then below
// those, one goroutine for two of them. A column takes about 0.3 ms a sample on one
// core (docs/performance.md).
func (x *expansion) Expand(from, to int) (he.Constants, error) {
	e := x.e
	if from < 0 || from >= to || to > e.s.n || to-from > he.ChunkSamples {
		return nil, fmt.Errorf("cannot expand samples %d to %d of %d", from, to, e.s.n)
	}
	out := e.newConstants(to-from, len(x.paths))
	upper, lower := e.steps[len(e.steps)-2], e.steps[len(e.steps)-1]
	for len(x.children) < min(e.threads, len(x.paths)) {
		x.children = append(x.children, hugepage.Words(upper.Children()*e.s.childSize()))
	}
	for chunk := from >> chunkLevels; chunk<<chunkLevels < to; chunk++ {
		for firstColumn := 0; firstColumn < len(x.paths); firstColumn += e.threads {
			paths := x.paths[firstColumn:min(firstColumn+e.threads, len(x.paths))]
			e.parallel(len(paths), func(k int, w *scratch) {
				upper.split(w, [][]uint32{x.children[k]}, [][]uint32{paths[k].seek(e, w, chunk)})
			})
			pairs := upper.Children() / together
			e.parallel(len(paths)*pairs, func(i int, w *scratch) {
				k := i / pairs
				var nodes [][]uint32
				var samples []int // the first below each node
				for child := i % pairs * together; child < (i%pairs+1)*together; child++ {
					sample := chunk<<chunkLevels + child*lower.Children()
					if sample >= to || sample+lower.Children() <= from {
						continue
					}
					node := w.nodes[len(nodes)]
					e.divideNode(w, node, upper.child(x.children[k], child))
					nodes, samples = append(nodes, node), append(samples, sample)
				}
				if len(nodes) == 0 {
					return
				}
				lower.split(w, w.children[:], nodes)
				for j, first := range samples {
					for i := range lower.Children() {
						if sample := first + i; from <= sample && sample < to {
							out.store(w, firstColumn+k, sample-from, lower.child(w.children[j], i))
						}
					}
				}
			})
		}
	}
	return out, nil
}

// seek returns the node of a chunk.
func (p *path) seek(e *Engine, w *scratch, chunk int) []uint32 {
	if p.at[0] < 0 {
		e.load(p.nodes[0], p.column)
		p.at[0] = 0
	}
	for i, node := range p.nodes[1:] {
		parent := e.steps[i]
		number := chunk >> (e.s.chain.LogN - chunkLevels - parent.Depth - parent.Levels)
		if p.at[i+1] == number {
			continue
		}
		children := w.children[0]
		if i == len(p.nodes)-2 {
			if p.childrenOf != p.at[i] {
				if p.children == nil {
					p.children = hugepage.Words(parent.Children() * e.s.childSize())
				}
				parent.split(w, [][]uint32{p.children}, [][]uint32{p.nodes[i]})
				p.childrenOf = p.at[i]
			}
			children = p.children
		} else {
			parent.split(w, [][]uint32{children}, [][]uint32{p.nodes[i]})
		}
		e.divideNode(w, node, parent.child(children, number%parent.Children()))
		p.at[i+1] = number
	}
	return p.nodes[len(p.nodes)-1]
}

// load makes the root: the column with its seeded half, times 1/N, which the
// factors R of the steps undo.
func (e *Engine) load(root []uint32, column he.SeededCiphertext) {
	n, primes := e.s.n, e.s.special
	copy(root, column.C0)
	uniform := sampling.NewUniform(&column.Seed)
	for l, t := range e.s.ntt[:primes] {
		half := root[(primes+l)*n:][:n]
		uniform.Fill(half, t.Modulus, 0, uint32(l), 0)
		inverse := t.Inv(uint32(n))
		t.Scale(half, half, inverse)
		t.Scale(root[l*n:][:n], root[l*n:][:n], inverse)
	}
}

// divideNode divides a child by P.
func (e *Engine) divideNode(w *scratch, node, child []uint32) {
	for c := range 2 {
		e.byP.divide(w, node[c*e.s.special*e.s.n:], e.s.rows(), child[c*len(e.s.ntt)*e.s.n:])
	}
}

// store divides a child, which is a leaf, by P and the dropped primes, into its
// place among the constants.
func (c *constants) store(w *scratch, column, sample int, child []uint32) {
	const T = he.TileWidth
	s := c.e.s
	tile := c.samples * c.columns * 2 * T
	for half := range 2 {
		place := c.d[((sample*c.columns+column)*2+half)*T:]
		c.e.toSums.divide(w, place, layout{tile * s.n / T, tile}, child[half*len(s.ntt)*s.n:])
	}
}

//go:build cuda

package cuda

import (
	"fmt"
	"runtime"
	"sync"

	"genoveil/gpu"
	"genoveil/he"
	"genoveil/kernels/cpu"
	kernels "genoveil/kernels/cuda"
)

// An expander is a unit with what expansion needs.
type expander struct {
	*unit
	steps       []step
	byP, toSums *kernels.Divisor
	inverse     []uint32 // 1/N modulo each column prime
}

// A step splits nodes of one depth of the tree.
type step struct {
	he.ExpansionStep
	kernel *kernels.Step
}

func newExpander(keys *he.EvaluationKeys, d *gpu.Device) (*expander, error) {
	base, err := newUnit(keys.Chain, keys.Relinearize, d)
	if err != nil {
		return nil, err
	}
	u := &expander{unit: base, inverse: inverses(keys.Chain)}
	expand := keys.Expand
	for _, shape := range keys.Chain.ExpansionSteps() {
		var own [][]uint32
		for _, key := range expand[:shape.Children()-1] {
			own = append(own, key)
		}
		expand = expand[len(own):]
		s, err := u.ring.NewStep(d, u.compute, shape.Depth, shape.Levels, own)
		if err != nil {
			return nil, err
		}
		u.steps = append(u.steps, step{shape, s})
	}
	all, sums := upTo(u.special+1), len(keys.Chain.Sums)
	removed := []int{u.special}
	for l := u.special - 1; l >= sums; l-- {
		removed = append(removed, l)
	}
	if u.byP, err = u.ring.NewDivisor(u.compute, all, u.special, u.special); err != nil {
		return nil, err
	}
	u.toSums, err = u.ring.NewDivisor(u.compute, all, sums, removed...)
	return u, err
}

// constants are expanded columns in the layout of kernels.Accumulate.
type constants struct {
	u                *expander
	samples, columns int
	d                gpu.Words
}

func (c *constants) Samples() int { return c.samples }

func (c *constants) Release() {
	c.u.mu.Lock()
	defer c.u.mu.Unlock()
	c.u.device.Free(c.d)
	c.d = gpu.Words{}
}

// chunkLevels is the number of levels of the tree below the node of one full chunk: the
// last two steps.
const chunkLevels = 6

// An expansion has the columns, and a tree on every device that has expanded some of them.
type expansion struct {
	e       *Engine
	columns []he.SeededCiphertext
	trees   []*tree // by device
}

// A tree is the way from the roots of all columns to the nodes of a chunk, which
// neighbours share: nodes[i][column][2][column prime][N] at the depth of step i, and at[i]
// their number at that depth, or −1. The last are the nodes of a chunk.
type tree struct {
	u     *expander
	nodes []gpu.Words
	at    []int

	// children[column][child][2][prime][N] are those of the last nodes but one, undivided:
	// the next chunks.
	children   gpu.Words
	childrenOf int // number of their parent, or −1

	release func() // gives the memory back, once
}

// NewExpansion prepares to expand columns.
func (e *Engine) NewExpansion(columns []he.SeededCiphertext) he.Expansion {
	return &expansion{e: e, columns: columns, trees: make([]*tree, len(e.units))}
}

// Expand queues the work and returns at once.
func (x *expansion) Expand(from, to int) (he.Constants, error) {
	if n := x.e.chain.N(); from < 0 || from >= to || to > n || to-from > he.ChunkSamples {
		return nil, fmt.Errorf("cannot expand samples %d to %d of %d", from, to, n)
	}
	device := int(x.e.next.Add(1)-1) % len(x.e.units)
	u := x.e.units[device]
	u.mu.Lock()
	defer u.mu.Unlock()
	if x.trees[device] == nil {
		t, err := u.newTree(x.columns)
		if err != nil {
			return nil, err
		}
		x.trees[device] = t
	}
	c, err := x.trees[device].expand(len(x.columns), from, to)
	if err != nil {
		return nil, err
	}
	if to == x.e.chain.N() {
		for i, t := range x.trees {
			if t != nil {
				t.release()
			}
			x.trees[i] = nil
		}
	}
	return c, nil
}

// newTree uploads the roots: the columns with their seeded halves, times 1/N, which the
// factors R of the steps undo.
func (u *expander) newTree(columns []he.SeededCiphertext) (*tree, error) {
	t := &tree{u: u, childrenOf: -1}
	size := u.nodeLen()
	sizes := []int{len(columns) * u.steps[len(u.steps)-3].Children() * u.childLen()}
	for range len(u.steps) - 1 {
		sizes = append(sizes, len(columns)*size)
	}
	arrays, free, err := u.scratch(sizes...)
	if err != nil {
		return nil, err
	}
	t.children, t.nodes = arrays[0], arrays[1:]
	// Where Expand does not come to the last samples, memory goes back when nobody has the
	// expansion any more.
	t.release = sync.OnceFunc(free)
	runtime.AddCleanup(t, func(release func()) { release() }, t.release)
	for range t.nodes {
		t.at = append(t.at, -1)
	}
	t.at[0] = 0
	seeds, freeSeeds, err := u.scratch(8 * len(columns))
	if err != nil {
		return nil, err
	}
	defer freeSeeds()
	var words []uint32
	for _, c := range columns {
		words = append(words, seedWords(c.Seed)...)
	}
	if err := u.compute.Write(seeds[0], words); err != nil {
		return nil, err
	}
	for k, c := range columns {
		root := t.nodes[0].Slice(k*size, (k+1)*size)
		if err := u.compute.Write(root.Slice(0, size/2), c.C0); err != nil {
			return nil, err
		}
		if err := u.ring.Uniform(u.compute, root.Slice(size/2, size), seeds[0].Slice(8*k, 8*k+8), 1, u.special, 1); err != nil {
			return nil, err
		}
	}
	return t, u.ring.ScaleRows(u.compute, t.nodes[0], u.inverse, 0, u.special)
}

// nodeLen is the number of words of a node, childLen those of a child that is not divided
// by P yet.
func (u *expander) nodeLen() int  { return 2 * u.special * u.n }
func (u *expander) childLen() int { return 2 * (u.special + 1) * u.n }

// slabColumns is the number of columns that are split together (workLen).
const slabColumns = 16

// workLen is the number of words that expand takes beyond trees and constants: 35 MB a
// column of a slab with four column primes and N = 8192.
func (u *expander) workLen() int {
	upper, lower := u.steps[len(u.steps)-2].Children(), u.steps[len(u.steps)-1].Children()
	middle := slabColumns * upper
	return middle*(u.childLen()+u.nodeLen()+lower*u.childLen()+u.splitLen()) +
		u.toSums.ScratchLen(2*he.ChunkSamples) + u.byP.ScratchLen(2*middle)
}

// splitLen is the number of words that split takes for a node.
func (u *expander) splitLen() int { return u.special * (u.special + 2) * u.n }

func (t *tree) expand(columns, from, to int) (*constants, error) {
	u := t.u
	d, err := u.device.Alloc(u.chain.SumLen(2) * (to - from) * columns)
	if err != nil {
		return nil, err
	}
	c := &constants{u: u, samples: to - from, columns: columns, d: d}
	if err := t.fill(c, from, to); err != nil {
		u.device.Free(d)
		return nil, err
	}
	return c, nil
}

// fill expands samples [from, to) into constants.
func (t *tree) fill(c *constants, from, to int) error {
	u := t.u
	for chunk := from >> chunkLevels; chunk<<chunkLevels < to; chunk++ {
		if err := t.seek(c.columns, chunk); err != nil {
			return err
		}
		for first := 0; first < c.columns; first += slabColumns {
			last := min(first+slabColumns, c.columns)
			nodes := t.nodes[len(t.nodes)-1].Slice(first*u.nodeLen(), last*u.nodeLen())
			if err := u.leaves(c, nodes, first, last-first, chunk<<chunkLevels, from, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// leaves expands the nodes of a chunk, whose first sample is `start`, for some columns.
func (u *expander) leaves(c *constants, nodes gpu.Words, first, columns, start, from, to int) error {
	upper, lower := u.steps[len(u.steps)-2], u.steps[len(u.steps)-1]
	middle := columns * upper.Children()
	const T = kernels.TileWidth
	a, free, err := u.scratch(middle*u.childLen(), middle*u.nodeLen(), middle*lower.Children()*u.childLen(),
		u.toSums.ScratchLen(2*he.ChunkSamples))
	if err != nil {
		return err
	}
	defer free()
	children, divided, leaves, rest := a[0], a[1], a[2], a[3]
	if err := u.split(upper, children, nodes, columns); err != nil {
		return err
	}
	byP, freeByP, err := u.scratch(u.byP.ScratchLen(2 * middle))
	if err != nil {
		return err
	}
	defer freeByP()
	if err := u.byP.Divide(u.compute, divided, u.rows(u.special), children, u.childLen()/2, 2*middle, byP[0]); err != nil {
		return err
	}
	if err := u.split(lower, leaves, divided, middle); err != nil {
		return err
	}
	low, high := max(from, start), min(to, start+he.ChunkSamples)
	tile := c.samples * c.columns * 2 * T
	at := kernels.Layout{Pair: c.columns * 2 * T, Component: T, Row: u.n / T * tile, Tile: tile}
	for k := range columns {
		place := c.d.Slice(((low-from)*c.columns+first+k)*2*T, c.d.Len())
		own := leaves.Slice((k*he.ChunkSamples+low-start)*u.childLen(), (k*he.ChunkSamples+high-start)*u.childLen())
		if err := u.toSums.Divide(u.compute, place, at, own, u.childLen()/2, 2*(high-low), rest); err != nil {
			return err
		}
	}
	return nil
}

// split splits `count` nodes.
func (u *expander) split(st step, children, nodes gpu.Words, count int) error {
	columnPrimes := u.special
	a, free, err := u.scratch(count*columnPrimes*u.n, count*(columnPrimes+1)*columnPrimes*u.n)
	if err != nil {
		return err
	}
	defer free()
	digits, lifted := a[0], a[1]
	second := nodes.Slice(columnPrimes*u.n, nodes.Len())
	if err := u.ring.Decompose(u.compute, digits, second, u.nodeLen(), count, columnPrimes); err != nil {
		return err
	}
	if err := u.ring.Lift(u.compute, lifted, digits, second, u.nodeLen(), count, columnPrimes); err != nil {
		return err
	}
	return st.kernel.Split(u.compute, children, nodes, lifted, count)
}

// seek goes to the nodes of a chunk.
func (t *tree) seek(columns, chunk int) error {
	u, last := t.u, len(t.nodes)-1
	for i := range last {
		parent := u.steps[i]
		number := chunk >> (u.chain.LogN - chunkLevels - parent.Depth - parent.Levels)
		if t.at[i+1] == number {
			continue
		}
		for j := i + 1; j <= last; j++ {
			t.at[j] = -1
		}
		for first := 0; first < columns; first += slabColumns {
			if err := t.step(i, number%parent.Children(), first, min(first+slabColumns, columns)); err != nil {
				t.childrenOf = -1
				return err
			}
		}
		t.at[i+1] = number
		if i+1 == last {
			t.childrenOf = t.at[i]
		}
	}
	return nil
}

// step writes nodes[i+1] of some columns: a child of nodes[i].
func (t *tree) step(i, child, first, last int) error {
	u, parent := t.u, t.u.steps[i]
	count, size, node := last-first, parent.Children()*u.childLen(), u.nodeLen()
	sizes := []int{u.byP.ScratchLen(count)}
	keep := i+2 == len(t.nodes)
	if !keep {
		sizes = append(sizes, count*size)
	}
	a, free, err := u.scratch(sizes...)
	if err != nil {
		return err
	}
	defer free()
	var children gpu.Words
	if keep {
		children = t.children.Slice(first*size, last*size)
	} else {
		children = a[1]
	}
	if !keep || t.childrenOf != t.at[i] {
		if err := u.split(parent, children, t.nodes[i].Slice(first*node, last*node), count); err != nil {
			return err
		}
	}
	// The child's components lie apart from those of the next column.
	at := kernels.Layout{Pair: 2 * node, Component: node, Row: u.n, Tile: kernels.TileWidth}
	for c := range 2 {
		dst := t.nodes[i+1].Slice(first*node+c*node/2, last*node)
		own := children.Slice(child*u.childLen()+c*u.childLen()/2, children.Len())
		if err := u.byP.Divide(u.compute, dst, at, own, size, count, a[0]); err != nil {
			return err
		}
	}
	return nil
}

// inverses are 1/N modulo each column prime.
func inverses(chain he.Chain) []uint32 {
	var inverses []uint32
	for _, q := range chain.ColumnPrimes() {
		m, err := cpu.NewModulus(q)
		if err != nil {
			panic(err) // the chain was validated
		}
		inverses = append(inverses, m.Inv(uint32(chain.N())))
	}
	return inverses
}

package cpu

import (
	"slices"

	"genoveil/he"
	kernels "genoveil/kernels/cpu"
)

// A packLevel merges two nodes to one of level l (he.Tile).
type packLevel struct {
	key         switchKey
	permutation *kernels.Permutation
	plus, minus []shift // [prime]: multiplication by ±X^(N/2^l), to be subtracted
}

// A shift is a transformed monomial and its companions.
type shift struct{ factors, shoup []uint32 }

func (s *switcher) newPackLevel(level int, key switchKey) packLevel {
	p := packLevel{key: key, permutation: kernels.NewPermutation(s.n, 1<<level+1)}
	for _, t := range s.ntt[:len(s.chain.Sums)] {
		monomial := func(x uint32) shift {
			m := shift{make([]uint32, s.n), make([]uint32, s.n)}
			m.factors[s.n>>level] = x
			t.Forward(m.factors)
			t.ShoupVec(m.shoup, m.factors)
			return m
		}
		p.plus, p.minus = append(p.plus, monomial(t.Neg(1))), append(p.minus, monomial(1))
	}
	return p
}

// Pack gathers samples from the tiles, relinearises them where models are encrypted,
// and merges pairs, level by level.
func (e *Scorer) Pack(answers he.Scores) ([]he.Sum, error) {
	s := answers.(*scores)
	nodes := make([][][]uint32, s.scores) // [score][node]; nil is a node without samples
	for k := range nodes {
		nodes[k] = make([][]uint32, he.ChunkSamples)
	}
	e.parallel(s.scores*s.samples, func(i int, w *scratch) {
		k, sample := i/s.samples, i%s.samples
		nodes[k][sample] = e.leaf(w, s, k, sample)
	})
	for level := 1; level <= he.ChunkLevels; level++ {
		pairs := he.ChunkSamples >> level
		e.parallel(s.scores*pairs, func(i int, w *scratch) {
			k, pair := i/pairs, i%pairs
			if even := nodes[k][2*pair]; even != nil {
				e.join(w, level, even, nodes[k][2*pair+1])
			}
		})
		for k := range nodes {
			for pair := range pairs {
				nodes[k][pair] = nodes[k][2*pair]
			}
		}
	}
	sums := make([]he.Sum, s.scores)
	for k := range sums {
		sums[k] = he.Sum{Components: 2, Residues: nodes[k][0]}
	}
	return sums, nil
}

// leaf is the ciphertext [component][prime][N] of one sample, of two components.
func (e *Scorer) leaf(w *scratch, s *scores, score, sample int) []uint32 {
	const T = he.TileWidth
	n, primes := e.s.n, len(e.s.chain.Sums)
	node := make([]uint32, s.components*primes*n)
	for c := range s.components {
		for number := range primes * n / T {
			tile := (((number*s.scores+score)*s.components+c)*s.samples + sample) * T
			copy(node[c*primes*n+number*T:][:T], s.sums[tile:])
		}
	}
	if s.components == 3 {
		e.s.keySwitch(w, node[2*primes*n:], e.relinearize)
		node = node[:2*primes*n]
		e.eachRow(func(c, l, at int) { e.s.ntt[l].AddVec(node[at:][:n], node[at:][:n], w.out[c][l*n:][:n]) })
	}
	return node
}

// join merges odd, or nothing, into even.
func (e *Scorer) join(w *scratch, level int, even, odd []uint32) {
	n, primes, p := e.s.n, len(e.s.chain.Sums), e.levels[level-1]
	difference := w.nodes[0][:len(even)]
	if odd == nil {
		copy(difference, even)
	} else {
		e.eachRow(func(_, l, at int) {
			t, x, y := e.s.ntt[l], even[at:][:n], odd[at:][:n]
			t.MulSubTiles(difference[at:][:n], n, n, x, y, p.minus[l].factors, p.minus[l].shoup)
			t.MulSubTiles(x, n, n, x, y, p.plus[l].factors, p.plus[l].shoup)
		})
	}
	e.s.keySwitch(w, difference[primes*n:], p.key)
	e.eachRow(func(c, l, at int) {
		t, switched, x := e.s.ntt[l], w.out[c][l*n:][:n], even[at:][:n]
		if c == 0 {
			t.AddVec(switched, switched, difference[at:][:n])
		}
		p.permutation.Apply(w.row, switched)
		t.AddVec(x, x, w.row)
	})
}

// eachRow calls do for every row of a node of two components.
func (e *Scorer) eachRow(do func(component, l, at int)) {
	primes := len(e.s.chain.Sums)
	for i := range 2 * primes {
		do(i/primes, i%primes, i*e.s.n)
	}
}

// Join merges two nodes.
func (e *Scorer) Join(level int, even, odd he.Sum) (he.Sum, error) {
	if err := e.s.chain.CheckNodes(level, even, odd); err != nil {
		return he.Sum{}, err
	}
	w := e.scratch.Get().(*scratch)
	defer e.scratch.Put(w)
	parent := he.Sum{Components: 2, Residues: slices.Clone(even.Residues)}
	e.join(w, level, parent.Residues, odd.Residues)
	return parent, nil
}

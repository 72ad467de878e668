package cpu

import (
	"genoveil/he"
	kernels "genoveil/kernels/cpu"
)

// maxChildren is the largest number of children of a node (he.ExpansionStep).
const maxChildren = 8

// together is the number of nodes that are split together. They share the keys,
// which come from memory and are what limits an inner product.
const together = 2

// A step splits nodes of one depth of the expansion tree.
type step struct {
	he.ExpansionStep
	s            *switcher
	keys         []switchKey            // [k−1]
	permutations []*kernels.Permutation // [k−1]
	splitters    []*kernels.Splitter    // [prime]
	special      []uint32               // P modulo each column prime
}

// newStep takes the keys of the automorphisms k = 1 … R−1, and memory for all of
// them.
func newStep(s *switcher, shape he.ExpansionStep, keys []he.SwitchKey, memory []uint32) *step {
	st := &step{ExpansionStep: shape, s: s}
	for i, key := range keys {
		st.keys = append(st.keys, s.prepare(key, s.special, memory[i*s.keySize(s.special):]))
		st.permutations = append(st.permutations, kernels.NewPermutation(s.n, shape.Element(s.n, i+1)))
	}
	for l, t := range s.ntt {
		st.splitters = append(st.splitters, kernels.NewSplitter(t, shape.Depth, shape.Levels))
		if l < s.special {
			st.special = append(st.special, t.Reduce(uint64(s.ntt[s.special].Q)))
		}
	}
	return st
}

// split computes all children of one or two nodes, modulo the column and switch
// primes and not yet divided by P: [child][component][prime][N] for each node, the
// children in the order of samples. A node is [component][column prime][N].
//
// Primes and components go in turn, so that the digits and images of one (0.8 MB
// for two nodes) stay in the second-level cache.
func (st *step) split(w *scratch, children, nodes [][]uint32) {
	s, n := st.s, st.s.n
	columnPrimes, primes, last := s.special, len(s.ntt), len(nodes)-1
	for x, node := range nodes {
		s.decompose(w.digits[x], node[columnPrimes*n:], columnPrimes)
	}
	for l, t := range s.ntt {
		for x, node := range nodes {
			s.lift(w.lifted[x], w.digits[x], node[columnPrimes*n:], columnPrimes, l)
		}
		for c := range 2 {
			base := [together][]uint32{s.zeros, s.zeros}
			for x, node := range nodes {
				first := w.images[x][:n] // P times the node itself
				if l == s.special {
					clear(first)
				} else {
					t.Scale(first, node[(c*columnPrimes+l)*n:][:n], st.special[l])
				}
				if c == 0 {
					base[x] = first
				}
			}
			for k, key := range st.keys {
				// One node is multiplied twice, which costs no more than reading the key.
				t.InnerProduct(w.product[0], w.product[1], base[0], base[last], w.lifted[0], w.lifted[last], key[c][l], key[c][l])
				for x := range nodes {
					st.permutations[k].Apply(w.images[x][(k+1)*(n+pad):][:n], w.product[x])
				}
			}
			for x := range nodes {
				st.splitters[l].Split(children[x][(c*primes+l)*n:], s.childSize(), w.images[x], n+pad)
			}
		}
	}
}

// childSize is the number of words from child to child.
func (s *switcher) childSize() int { return 2*len(s.ntt)*s.n + pad }

// child returns child number i among those that split wrote.
func (st *step) child(children []uint32, i int) []uint32 {
	size := st.s.childSize()
	return children[i*size:][:size]
}

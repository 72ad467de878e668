package cpu

import (
	"genoveil/he"
	kernels "genoveil/kernels/cpu"
)

// maxChildren is the largest number of children of a node (he.ExpansionStep).
const maxChildren = 8

// A step splits nodes of one depth of the expansion tree.
type step struct {
	he.ExpansionStep
	s            *switcher
	keys         []switchKey            // [k−1]
	permutations []*kernels.Permutation // [k−1]
	splitters    []*kernels.Splitter    // [prime]
	special      []uint32               // P modulo each trait prime
}

// newStep takes the keys of the automorphisms k = 1 … R−1.
func newStep(s *switcher, shape he.ExpansionStep, keys []he.SwitchKey) *step {
	st := &step{ExpansionStep: shape, s: s}
	for i, key := range keys {
		st.keys = append(st.keys, s.prepare(key, s.special))
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

// split computes all children of a node, modulo the trait and switch primes and
// not yet divided by P: children[child][component][prime][N], the children in the
// order of samples. node is [component][trait prime][N].
//
// Primes go in turn, so that the digits and images of one prime (0.6 MB) stay in
// the second-level cache.
func (st *step) split(w *scratch, children, node []uint32) {
	s, n := st.s, st.s.n
	trait, primes := s.special, len(s.ntt)
	c0, c1 := node[:trait*n], node[trait*n:]
	s.decompose(w, c1, trait)
	for l, t := range s.ntt {
		digits := s.lift(w, c1, trait, l)
		first := [2][]uint32{w.images[0][:n], w.images[1][:n]} // P times the node itself
		if l == s.special {
			clear(first[0])
			clear(first[1])
		} else {
			t.Scale(first[0], c0[l*n:][:n], st.special[l])
			t.Scale(first[1], c1[l*n:][:n], st.special[l])
		}
		for k, key := range st.keys {
			t.InnerProduct(w.product[0], w.product[1], first[0], digits, key[l])
			for c := range 2 {
				st.permutations[k].Apply(w.images[c][(k+1)*n:][:n], w.product[c])
			}
		}
		for c := range 2 {
			st.splitters[l].Split(children[(c*primes+l)*n:], 2*primes*n, w.images[c])
		}
	}
}

// child returns child number i among those that split wrote.
func (st *step) child(children []uint32, i int) []uint32 {
	size := 2 * len(st.s.ntt) * st.s.n
	return children[i*size:][:size]
}

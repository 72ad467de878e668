//go:build cuda

package cuda

import (
	"fmt"

	"genoveil/gpu"
	kernels "genoveil/kernels/cpu"
)

// A Step splits nodes of the expansion tree (he.ExpansionStep) whose polynomials are in
// X^(2^Depth) into 2^Levels children.
type Step struct {
	Depth, Levels int

	r       *Ring
	keys    gpu.Words // [k−1][component][prime][digit][N], permuted, in Montgomery form
	special gpu.Words // the switch prime modulo the others, with companions
}

// NewStep lays out the keys of the automorphisms k = 1 … 2^levels−1, X → X^(1 +
// k·2N/2^(depth+levels)), each [digit][component][prime][N]. 1 ≤ levels ≤ 3.
func (r *Ring) NewStep(d *gpu.Device, s *gpu.Stream, depth, levels int, keys [][]uint32) (*Step, error) {
	if levels < 1 || levels > 3 || len(keys) != 1<<levels-1 {
		return nil, fmt.Errorf("%d keys for %d levels", len(keys), levels)
	}
	st := &Step{Depth: depth, Levels: levels, r: r}
	digits := r.special()
	var rows, special []uint32
	for i, key := range keys {
		permutation := kernels.NewPermutation(r.N, uint64(1+(i+1)*2*r.N>>(depth+levels)))
		rows = r.keyRows(rows, key, digits, permutation.Apply)
	}
	for _, t := range r.ntt[:digits] {
		w := t.Reduce(uint64(r.Primes[digits]))
		special = append(special, w, t.Shoup(w))
	}
	var err error
	if st.keys, err = put(d, s, rows); err != nil {
		return nil, err
	}
	st.special, err = put(d, s, special)
	return st, err
}

// Children is the number of children of a node.
func (st *Step) Children() int { return 1 << st.Levels }

// Split writes children[p][child][2][primes][N] of nodes [p][2][primes−1][N], in the order
// of samples and not yet divided by the switch prime. lifted is what Lift makes of the
// second halves of the nodes.
func (st *Step) Split(s *gpu.Stream, children, nodes, lifted gpu.Words, count int) error {
	r := st.r
	primes, digits := len(r.Primes), r.special()
	r.check(children, count*st.Children()*2*primes*r.N)
	r.check(nodes, count*2*digits*r.N)
	r.check(lifted, count*primes*digits*r.N)
	return s.Launch(fmt.Sprintf("split_%d", st.Levels), r.words(primes, 2*count), children, nodes, lifted, st.keys, r.table,
		st.special, uint32(r.LogN), uint32(st.Depth))
}

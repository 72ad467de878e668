//go:build cuda

package cuda

import (
	"math/bits"

	"genoveil/gpu"
)

// A Step splits nodes of one depth of an expansion tree: kernels/cpu.Splitter with its
// automorphisms and key-switches.
type Step struct {
	r             *Ring
	depth, levels int
	keys          gpu.Words // [prime][digit][k−1][N][component], permuted, in Montgomery form
	special       gpu.Words // factors of P modulo each column prime, then of P·2^32
}

// NewStep takes the keys of the automorphisms X → X^(1 + k·2N/2^(depth+levels)), k = 1 …
// 2^levels − 1, 1 ≤ levels ≤ 3, each [digit][component][prime][N].
func (r *Ring) NewStep(d *gpu.Device, s *gpu.Stream, depth, levels int, keys [][]uint32) (*Step, error) {
	if len(keys) != 1<<levels-1 || levels < 1 || levels > 3 {
		panic("cuda: a step has 1, 3 or 7 keys")
	}
	st := &Step{r: r, depth: depth, levels: levels}
	primes, digits := len(r.Primes), r.special()
	if digits > MaxDigits {
		panic("cuda: more digits than a sum takes")
	}
	indices := make([][]uint32, len(keys))
	for k := range keys {
		indices[k] = make([]uint32, r.N)
		element := uint32(1 + (k+1)*2*r.N>>(depth+levels))
		reverse := func(i uint32) uint32 { return bits.Reverse32(i) >> (32 - r.LogN) }
		for i := range indices[k] {
			root := element * (2*reverse(uint32(i)) + 1) & uint32(2*r.N-1)
			indices[k][i] = reverse(root / 2)
		}
	}
	size := len(keys) * digits * 2 * r.N
	var err error
	if st.keys, err = d.Alloc(primes * size); err != nil {
		return nil, err
	}
	scaled := make([]uint32, r.N)
	words := make([]uint32, size)
	for l, m := range r.moduli {
		row := words
		for i := range digits {
			for k, key := range keys {
				for c := range 2 {
					m.Scale(scaled, key[((2*i+c)*primes+l)*r.N:][:r.N], montgomeryOne(m))
					for x, from := range indices[k] {
						row[2*x+c] = scaled[from]
					}
				}
				row = row[2*r.N:]
			}
		}
		if err := s.Write(st.keys.Slice(l*size, (l+1)*size), words); err != nil {
			return nil, err
		}
	}
	var factors []uint32
	for _, m := range r.moduli {
		p := m.Reduce(uint64(r.Primes[r.special()]))
		factors = append(factors, factor(m, p)...)
		factors = append(factors, m.Mul(p, montgomeryOne(m)), 0)
	}
	st.special, err = s.Put(factors)
	return st, err
}

// Split computes the children of `count` nodes [p][2][column prime][N], times P:
//
//	children[p][child][2][prime][N], in the order of samples
//
// lifted is what Lift makes of the second halves of the nodes with a digit for every
// column prime: kernels/cpu.Splitter has the formulas.
func (st *Step) Split(s *gpu.Stream, children, nodes, lifted gpu.Words, count int) error {
	r := st.r
	digits, primes := r.special(), len(r.Primes)
	r.check(children, count<<st.levels*2*primes*r.N)
	r.check(nodes, count*2*digits*r.N)
	r.check(lifted, count*primes*digits*r.N)
	g := gpu.Grid{Blocks: [3]int{r.N / 128, primes, ceil(count, 2)}, Threads: [3]int{128}}
	kernel := [4]string{1: "split_2", 2: "split_4", 3: "split_8"}[st.levels]
	return s.Launch(kernel, g, children, nodes, lifted, st.keys, st.special, r.table, r.LogN, st.depth, count)
}

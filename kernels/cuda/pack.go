//go:build cuda

package cuda

import "genoveil/gpu"

// Gather takes the ciphertexts of samples out of the sums of Weighted, of so many
// components each (one more than the weights have):
//
//	nodes[score·slots + sample][component][prime][N]
//
// Nodes of samples beyond those of a score, up to slots, are left as they are.
func (r *Ring) Gather(s *gpu.Stream, nodes, sums gpu.Words, scores, components, samples, slots, primes int) error {
	size := components * primes * r.N
	r.check(nodes, ((scores-1)*slots+samples)*size)
	r.check(sums, scores*samples*size)
	g := gpu.Grid{Blocks: [3]int{r.N / 1024, components * primes, scores * samples}, Threads: [3]int{256}}
	return s.Launch("gather", g, nodes, sums, uint32(scores), uint32(components), uint32(samples), uint32(slots))
}

// JoinBefore is what joins pairs of nodes [component][prime][N] of two components up to
// the key-switch (he.Tile). With x = odd·X^shift it sets
//
//	difference = even − x,  even = even + x.
//
// The nodes of pair p stand at even[p·stride:] and odd[p·stride:], its difference at
// difference[p·2·primes·N:]. 0 ≤ shift < 2N; at level l it is N/2^l. A node without
// samples is zero.
func (r *Ring) JoinBefore(s *gpu.Stream, difference, even, odd gpu.Words, shift, stride, count, primes int) error {
	size := 2 * primes * r.N
	r.check(difference, count*size)
	r.check(even, (count-1)*stride+size)
	r.check(odd, (count-1)*stride+size)
	return s.Launch("join_before", r.pairs(count, primes), difference, even, odd, r.table, uint64(stride), uint32(shift), uint32(r.LogN))
}

// JoinAfter is the rest, given the key-switched second components of the differences,
// switched[pair][2][prime][N]:
//
//	even = even + σ((difference_0, 0) + switched),  σ: X → X^element.
//
// At level l the element is 2^l + 1.
func (r *Ring) JoinAfter(s *gpu.Stream, even, difference, switched gpu.Words, element uint64, stride, count, primes int) error {
	size := 2 * primes * r.N
	r.check(even, (count-1)*stride+size)
	r.check(difference, count*size)
	r.check(switched, count*size)
	element %= uint64(2 * r.N)
	return s.Launch("join_after", r.pairs(count, primes), even, difference, switched, r.table, uint64(stride), uint32(element), uint32(r.LogN))
}

func (r *Ring) pairs(count, primes int) gpu.Grid {
	return gpu.Grid{Blocks: [3]int{r.N / 256, 2 * primes, count}, Threads: [3]int{256}}
}

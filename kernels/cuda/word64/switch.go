//go:build cuda

package word64

import "genoveil/gpu"

// Switch multiplies polynomials with a key and divides by P (GadgetProduct):
//
//	out[p][component][row][N] of polys[p·stride + row·N], rows 0 … level
func (v *Switcher) Switch(s *gpu.Stream, out, polys gpu.Words, stride int, key Key, scratch gpu.Words, count, level int) error {
	return v.switchAndAdd(s, out, polys, stride, key, scratch, count, level, gpu.Words{}, 0, 0)
}

// Relinearize takes ciphertexts of three components to ciphertexts of two.
func (v *Switcher) Relinearize(s *gpu.Stream, out, triples gpu.Words, key Key, scratch gpu.Words, count, level int) error {
	row := (level + 1) * v.ring.N
	v.ring.check(triples, 3*count*row)
	return v.switchAndAdd(s, out, slice(triples, 2*row, 3*count*row), 3*row, key, scratch, count, level, triples, 3*row, 2)
}

// Automorphism applies X → X^galois to ciphertexts of two components. The key is the GaloisKey of
// that element.
func (v *Switcher) Automorphism(s *gpu.Stream, out, pairs gpu.Words, galois uint64, key Key, scratch gpu.Words, count, level int) error {
	row := (level + 1) * v.ring.N
	v.ring.check(pairs, 2*count*row)
	used := v.ScratchWords(count, level) - 4*count*row
	v.ring.check(scratch, used/2+2*count*row)
	sums := scratch.Slice(used, used+4*count*row)
	err := v.switchAndAdd(s, sums, slice(pairs, row, 2*count*row), 2*row, key, scratch, count, level, pairs, 2*row, 1)
	if err != nil {
		return err
	}
	return v.ring.Permute(s, out, sums, galois)
}

// switchAndAdd is Switch, with addend[p·addStride + (c·rows + row)·N] added to component c < addends.
func (v *Switcher) switchAndAdd(s *gpu.Stream, out, polys gpu.Words, stride int, key Key, scratch gpu.Words, count, level int,
	addend gpu.Words, addStride, addends int) error {
	r, n, keep := v.ring, v.ring.N, level+1
	if level < 0 || keep > v.q || count < 1 {
		panic("word64: a level that the ring does not have, or nothing to switch")
	}
	digits, total := digitCount(keep, v.special), len(r.Primes)
	r.check(out, 2*count*keep*n)
	r.check(polys, (count-1)*stride+keep*n)
	take := func(words int) gpu.Words {
		part := slice(scratch, 0, words)
		scratch = scratch.Slice(2*words, scratch.Len())
		return part
	}
	targets := v.targets[level]
	coefficients, lifted := take(count*keep*n), take(count*targets.count*n)
	sums, rest, remainders := take(2*count*keep*n), take(2*count*v.special*n), take(2*count*keep*n)

	if err := r.inverseRows(s, coefficients, polys, stride, 0, keep); err != nil {
		return err
	}
	err := s.Launch("lift_digits64", r.grid(digits, count), lifted, coefficients, v.digits, basisWords(v.special, total)/2, keep,
		v.special, total, targets.count, n)
	if err != nil {
		return err
	}
	if err := r.forwardRows(s, lifted, targets); err != nil {
		return err
	}
	err = s.Launch("inner_product64", r.grid(keep+v.special, (count+1)/2), sums, rest, lifted, polys, stride, key.words, r.table,
		keep, v.special, total, targets.count, digits, count, n)
	if err != nil {
		return err
	}
	if err := r.Inverse(s, rest, v.q, v.special); err != nil {
		return err
	}
	if err := s.Launch("lift_remainder64", r.grid(2*count), remainders, rest, v.rest, keep, v.special, n); err != nil {
		return err
	}
	if err := r.Forward(s, remainders, 0, keep); err != nil {
		return err
	}
	return s.Launch("quotient64", r.grid(keep, 2*count), out, sums, keep*n, remainders, v.inverses, r.table, addend, addStride, addends, n)
}

// grid is a word a thread, and blocks in the other dimensions.
func (r *Ring) grid(blocks ...int) gpu.Grid {
	g := gpu.Grid{Blocks: [3]int{r.N / 256}, Threads: [3]int{256}}
	copy(g.Blocks[1:], blocks)
	return g
}

// check panics at an array of fewer 64-bit words.
func (r *Ring) check(words gpu.Words, n int) {
	if words.Len() < 2*n {
		panic("word64: an array is shorter than the launch needs")
	}
}

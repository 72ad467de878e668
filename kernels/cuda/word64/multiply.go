//go:build cuda

package word64

import "genoveil/gpu"

// maxTerms is the number of products of ciphertexts that are summed before they are reduced.
const maxTerms = 31

// MultiplyAdd adds products of ciphertexts of two components, transformed, modulo the first
// `primes` primes, to sums of three:
//
//	sums[c][3][primes][N] += Σ_t a[t][c] ⊗ b[t][c],    c < count, t < terms
//
// Ciphertexts are [2][primes][N]. Term t+1 of a begins aNext 64-bit words after term t, and of
// b bNext: 0 for the same ciphertexts in all terms.
func (r *Ring) MultiplyAdd(s *gpu.Stream, sums, a gpu.Words, aNext int, b gpu.Words, bNext, terms, count, primes int) error {
	size := count * 2 * primes * r.N
	r.check(sums, size/2*3)
	r.check(a, (terms-1)*aNext+size)
	r.check(b, (terms-1)*bNext+size)
	g := gpu.Grid{Blocks: [3]int{r.N / 256, primes, count}, Threads: [3]int{256}}
	for first := 0; first < terms; first += maxTerms {
		n := min(maxTerms, terms-first)
		x, y := slice(a, first*aNext, a.Len()/2), slice(b, first*bNext, b.Len()/2)
		if err := s.Launch("multiply_add64", g, sums, x, aNext, y, bNext, r.table, n, r.N); err != nil {
			return err
		}
	}
	return nil
}

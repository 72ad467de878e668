package cpu

import "genoveil/kernels/hugepage"

// A Splitter combines a polynomial's images under automorphisms into the parts
// that hold every R-th coefficient. With images x_k, k < R = 2^levels,
//
//	part_s = X^(−2^depth·s) · Σ_k ω^(−s·k) · x_k,  ω = X^(2n/R),
//
// elementwise in the transformed domain: a discrete Fourier transform of size R
// at every position, and a factor.
type Splitter struct {
	m         Modulus
	n, levels int

	// Positions of an aligned group of `block` words share their factors where
	// depth allows, otherwise block is 16. For every group there are rows of 16
	// factors and 16 companions (Modulus.Shoup): ω^(−1) … ω^(−R/2+1), then those of
	// parts 1 … R−1 in the order of Split.
	block   int
	factors []uint32
}

// rows is the number of rows of factors of a group.
func (s *Splitter) rows() int { return 1<<s.levels + 1<<s.levels/2 - 2 }

// NewSplitter prepares to split polynomials in X^(2^depth) of t's ring into
// 2^levels parts, 1 ≤ levels ≤ 3.
func NewSplitter(t *NTT, depth, levels int) *Splitter {
	n, parts := t.N, 1<<levels
	s := &Splitter{m: t.Modulus, n: n, levels: levels, block: max(16, 1<<depth)}
	powers := make([]uint32, 2*n) // of ψ
	powers[0] = 1
	for i := range powers[1:] {
		powers[i+1] = t.Mul(powers[i], t.forward.w[n/2])
	}
	s.factors = hugepage.Words(n / s.block * s.rows() * 32)[:0]
	for group := 0; group < n; group += s.block {
		row := func(exponent int) { // X^(−exponent) at the 16 positions from group on
			var shoup [16]uint32
			for i := range shoup {
				root := 2*reverseBits(group+i, n) + 1 // X is ψ^root there
				x := powers[(2*n-exponent%(2*n))*root%(2*n)]
				s.factors = append(s.factors, x)
				shoup[i] = t.Shoup(x)
			}
			s.factors = append(s.factors, shoup[:]...)
		}
		for k := 1; k < parts/2; k++ {
			row(k * 2 * n / parts)
		}
		for place := 1; place < parts; place++ {
			row(reverseBits(place, parts) << depth)
		}
	}
	return s
}

// Split computes all parts of one row: image k is images[k·imageStride:][:n], and
// part s goes to parts[p·stride:][:n] with p the bit-reversal of s. Strides that are
// not a multiple of 4 KB are faster. All residues are reduced.
func (s *Splitter) Split(parts []uint32, stride int, images []uint32, imageStride int) {
	if !s.splitVector(parts, stride, images, imageStride) {
		s.splitPortable(parts, stride, images, imageStride)
	}
}

func (s *Splitter) splitPortable(parts []uint32, stride int, images []uint32, imageStride int) {
	m, R := s.m, 1<<s.levels
	var x [8]uint32
	for i := range s.n {
		factors := s.factors[i/s.block*s.rows()*32+i%16:]
		multiply := func(a uint32, row int) uint32 {
			r := mulShoupLazy(a, factors[row*32], factors[row*32+16], m.Q)
			return min(r, r-m.Q)
		}
		for k := range R {
			x[k] = images[k*imageStride+i]
		}
		for half := R / 2; half > 0; half /= 2 {
			for k := range R / 2 {
				at := k/half*2*half + k%half
				u, v := x[at], x[at+half]
				x[at], x[at+half] = m.Add(u, v), m.Sub(u, v)
				if power := k % half * (R / 2 / half); power > 0 {
					x[at+half] = multiply(x[at+half], power-1)
				}
			}
		}
		parts[i] = x[0]
		for p := 1; p < R; p++ {
			parts[p*stride+i] = multiply(x[p], R/2-1+p-1)
		}
	}
}

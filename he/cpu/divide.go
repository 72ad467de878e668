package cpu

import (
	"genoveil/he"
	kernels "genoveil/kernels/cpu"
)

// A divisor divides polynomials by some of their primes in turn, each time
// rounding to nearest: the same residues as one division after the other, for
// one transform a remaining prime instead of one for each division.
type divisor struct {
	s       *switcher
	keep    int        // primes that remain: the first ones
	removed []int      // numbers of the primes to divide by
	inverse []uint32   // of their product, modulo each prime that remains
	earlier [][]uint32 // [i][j]: the inverse of removed prime j < i modulo removed prime i
}

func (s *switcher) divisor(keep int, removed ...int) *divisor {
	d := &divisor{s: s, keep: keep, removed: removed}
	modulo := func(l, p int) uint32 { return s.ntt[l].Reduce(uint64(s.ntt[p].Q)) }
	for _, t := range s.ntt[:keep] {
		product := uint32(1)
		for _, p := range removed {
			product = t.Mul(product, t.Reduce(uint64(s.ntt[p].Q)))
		}
		d.inverse = append(d.inverse, t.Inv(product))
	}
	for i, l := range removed {
		var earlier []uint32
		for _, p := range removed[:i] {
			earlier = append(earlier, s.ntt[l].Inv(modulo(l, p)))
		}
		d.earlier = append(d.earlier, earlier)
	}
	return d
}

// A layout says where a polynomial's residues go: row l begins at word l·row, and
// its tile t at word t·tile from there.
type layout struct{ row, tile int }

// rows is the layout of rows one after the other.
func (s *switcher) rows() layout { return layout{s.n, he.TileWidth} }

// divide writes the quotient modulo the primes that remain to dst. poly has a row
// for every prime, in the transformed domain, and is left alone unless it is dst.
//
// With e_i the remainder modulo removed prime p_i of what the divisions before
// have left, the total remainder is e_0 + p_0·(e_1 + p_1·(e_2 + …)).
func (d *divisor) divide(w *scratch, dst []uint32, at layout, poly []uint32) {
	s, n := d.s, d.s.n
	for i, p := range d.removed {
		rest := w.rest[i]
		copy(rest, poly[p*n:])
		s.ntt[p].Inverse(rest)
		for j, inverse := range d.earlier[i] {
			kernels.Lift(w.row, w.rest[j], s.ntt[d.removed[j]].Modulus, s.ntt[p].Modulus, false)
			s.ntt[p].DivideOut(rest, rest, w.row, inverse)
		}
	}
	last := len(d.removed) - 1
	for l, t := range s.ntt[:d.keep] {
		kernels.Lift(w.row, w.rest[last], s.ntt[d.removed[last]].Modulus, t.Modulus, false)
		for i := last - 1; i >= 0; i-- {
			from := s.ntt[d.removed[i]].Modulus
			t.MulAddLift(w.row, w.rest[i], from, t.Reduce(uint64(from.Q)))
		}
		t.Forward(w.row)
		t.DivideOutTiles(dst[l*at.row:], at.tile, poly[l*n:][:n], w.row, d.inverse[l])
	}
}

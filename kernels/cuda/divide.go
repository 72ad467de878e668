//go:build cuda

package cuda

import (
	"slices"

	"genoveil/gpu"
)

// A Divisor divides polynomials by some of their primes in turn, each time rounding to
// nearest (he/cpu/divide.go).
type Divisor struct {
	r                *Ring
	keep             int
	rows             []int // the row of each removed prime
	removed, factors gpu.Words
}

// NewDivisor prepares division by the primes `removed`, one after the other. Row i of a
// polynomial is modulo prime rows[i], its first `keep` rows modulo the primes that are kept,
// 0 … keep−1.
func (r *Ring) NewDivisor(d *gpu.Device, s *gpu.Stream, rows []int, keep int, removed ...int) (*Divisor, error) {
	v := &Divisor{r: r, keep: keep}
	modulo := func(l, p int) uint32 { return r.ntt[l].Reduce(uint64(r.Primes[p])) }
	numbers, factors := make([]uint32, len(removed)), []uint32(nil)
	factor := func(l int, w uint32) { factors = append(factors, w, r.ntt[l].Shoup(w)) }
	for i, p := range removed {
		numbers[i] = uint32(p)
		v.rows = append(v.rows, slices.Index(rows, p))
		for j, earlier := range removed {
			if j < i {
				factor(p, r.ntt[p].Inv(modulo(p, earlier)))
			} else {
				factor(p, 0)
			}
		}
	}
	for l := range keep {
		for _, p := range removed {
			factor(l, modulo(l, p))
		}
	}
	for l := range keep {
		product := uint32(1)
		for _, p := range removed {
			product = r.ntt[l].Mul(product, modulo(l, p))
		}
		factor(l, r.ntt[l].Inv(product))
	}
	var err error
	if v.removed, err = put(d, s, numbers); err != nil {
		return nil, err
	}
	v.factors, err = put(d, s, factors)
	return v, err
}

// ScratchLen is the number of words that Divide of so many polynomials works in.
func (v *Divisor) ScratchLen(count int) int { return count * len(v.rows) * v.r.N }

// A Layout says where quotients go: word x of tile t of prime l of polynomial p to
//
//	dst[(p/2)·Pair + (p%2)·Component + l·Row + t·Tile + x].
type Layout struct{ Pair, Component, Row, Tile int }

// Divide writes the quotients of `count` polynomials, transformed, modulo the primes that
// are kept. Polynomial p is polys[p·stride:], a row for each of the divisor's; dst may be
// polys where every word stays in its place.
func (v *Divisor) Divide(s *gpu.Stream, dst gpu.Words, at Layout, polys gpu.Words, stride, count int, scratch gpu.Words) error {
	r := v.r
	r.check(scratch, v.ScratchLen(count))
	r.check(dst, (count-1)/2*at.Pair+(count-1)%2*at.Component+(v.keep-1)*at.Row+(r.N/TileWidth-1)*at.Tile+TileWidth)
	for i, row := range v.rows {
		r.check(polys, (count-1)*stride+(max(row, v.keep-1)+1)*r.N)
		name, g := r.transform("remainder", count)
		if err := s.Launch(name, g, scratch, polys, r.table, v.removed, v.factors, uint64(stride), uint32(row), uint32(i), uint32(len(v.rows))); err != nil {
			return err
		}
	}
	name, g := r.transform("divide", v.keep, count)
	return s.Launch(name, g, dst, polys, scratch, r.table, v.removed, v.factors, uint64(stride),
		uint64(at.Pair), uint64(at.Component), uint64(at.Row), uint64(at.Tile), uint32(len(v.rows)))
}

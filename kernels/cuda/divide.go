//go:build cuda

package cuda

import (
	"slices"

	"genoveil/gpu"
	kernels "genoveil/kernels/cpu"
)

// A Divisor divides polynomials by some of their primes in turn, each time rounding to
// nearest (he/cpu/divide.go).
type Divisor struct {
	r       *Ring
	rows    []int
	keep    int
	removed []int
	factors gpu.Words // [row kept][removed + 1]: removed prime i modulo the row's; 1/their product
	earlier gpu.Words // [i][j]: the inverse of removed prime j < i modulo removed prime i
}

// MaxRemoved bounds the primes of a Divisor.
const MaxRemoved = 8

// NewDivisor prepares to divide by the primes `removed`, in their order. Row i of a
// polynomial is modulo prime rows[i]; the first `keep` rows remain, and the removed
// primes have rows too.
func (r *Ring) NewDivisor(s *gpu.Stream, rows []int, keep int, removed ...int) (*Divisor, error) {
	if len(removed) == 0 || len(removed) > MaxRemoved {
		panic("cuda: 1 to 8 primes can be divided by")
	}
	v := &Divisor{r: r, rows: slices.Clone(rows), keep: keep, removed: slices.Clone(removed)}
	modulo := func(m kernels.Modulus, p int) uint32 { return m.Reduce(uint64(r.Primes[p])) }
	var factors, earlier []uint32
	for _, l := range rows[:keep] {
		m := r.moduli[l]
		product := uint32(1)
		for _, p := range removed {
			factors = append(factors, factor(m, modulo(m, p))...)
			product = m.Mul(product, modulo(m, p))
		}
		factors = append(factors, factor(m, m.Inv(product))...)
	}
	for i, l := range removed {
		m := r.moduli[l]
		for j := range removed {
			w := uint32(0)
			if j < i {
				w = m.Inv(modulo(m, removed[j]))
			}
			earlier = append(earlier, factor(m, w)...)
		}
	}
	// Which primes: of the rows that remain, then the removed ones.
	for _, l := range slices.Concat(rows[:keep], removed) {
		factors = append(factors, uint32(l))
	}
	var err error
	if v.factors, err = s.Put(factors); err != nil {
		return nil, err
	}
	v.earlier, err = s.Put(earlier)
	return v, err
}

// A Layout says where quotients go: word x of tile t of row l of polynomial p to
// dst[(p/2)·Pair + (p%2)·Component + l·Row + t·Tile + x]. All are multiples of 4 words.
type Layout struct{ Pair, Component, Row, Tile int }

// ScratchLen is the number of words that Divide needs for so many polynomials.
func (v *Divisor) ScratchLen(count int) int {
	rows := len(v.removed)
	if v.r.LogN > maxOnePass {
		rows += v.keep
	}
	return rows * count * v.r.N
}

// Divide writes the quotients of `count` polynomials, which begin `stride` words apart, to
// dst. dst may be polys where every quotient takes the place of its polynomial. Scratch holds
// ScratchLen words.
func (v *Divisor) Divide(s *gpu.Stream, dst gpu.Words, at Layout, polys gpu.Words, stride, count int, scratch gpu.Words) error {
	r, removed := v.r, len(v.removed)
	r.check(polys, (count-1)*stride+len(v.rows)*r.N)
	r.check(scratch, v.ScratchLen(count))
	for p := max(0, count-2); p < count; p++ {
		r.check(dst, p/2*at.Pair+p%2*at.Component+(v.keep-1)*at.Row+(r.N/TileWidth-1)*at.Tile+TileWidth)
	}
	indices := v.factors.Slice(2*v.keep*(removed+1), v.factors.Len())
	for i, p := range v.removed {
		rest := scratch.Slice(i*count*r.N, (i+1)*count*r.N)
		row := slices.Index(v.rows, p) * r.N
		if err := r.inverse(s, rest, r.N, polys.Slice(row, polys.Len()), stride, count, p, 1); err != nil {
			return err
		}
		if i > 0 {
			g := gpu.Grid{Blocks: [3]int{count * r.N / 1024}, Threads: [3]int{256}}
			err := s.Launch("divide_rest", g, scratch, count*r.N, i, v.earlier.Slice(2*i*removed, 2*(i+1)*removed), r.table, indices.Slice(v.keep, v.keep+removed))
			if err != nil {
				return err
			}
		}
	}
	rows := v.keep * count
	args := []any{dst, polys, stride, scratch, v.factors, r.table, indices, v.keep, removed, count, at.Pair, at.Component, at.Row, at.Tile}
	if r.LogN <= maxOnePass {
		return s.Launch(r.kernel("divide"), r.transforms(rows), args...)
	}
	if err := s.Launch("divide_columns", r.columnsGrid(rows), args...); err != nil {
		return err
	}
	return s.Launch(r.kernel("divide_rows"), r.transforms(rows), args...)
}

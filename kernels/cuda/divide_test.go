//go:build cuda

package cuda

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	kernels "genoveil/kernels/cpu"
)

// divideTwin divides by one prime after the other: rows[l] becomes (rows[l] − lift of the
// removed row)/p. Numbers say which prime a row is of.
func (b *bed) divideTwin(poly []uint32, numbers []int, removed []int) []uint32 {
	n := b.ring.N
	poly = slices.Clone(poly)
	for i, p := range removed {
		rest := slices.Clone(poly[slices.Index(numbers, p)*n:][:n])
		b.ntt[p].Inverse(rest)
		for row, l := range numbers {
			if slices.Contains(removed[:i+1], l) {
				continue
			}
			m, lifted := b.moduli[l], make([]uint32, n)
			kernels.Lift(lifted, rest, b.moduli[p], m, false)
			b.ntt[l].Forward(lifted)
			m.DivideOut(poly[row*n:][:n], poly[row*n:][:n], lifted, m.Inv(m.Reduce(uint64(b.moduli[p].Q))))
		}
	}
	return poly
}

// TestDivide: one to three primes divided away, into rows in place, rows elsewhere and tiles with
// gaps.
func TestDivide(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 6))
	for logN := MinLogN; logN <= 15; logN++ {
		for _, c := range []struct {
			rows    []int
			keep    int
			removed []int
			count   int
		}{
			{[]int{0, 1, 2, 3, 4}, 2, []int{4, 3, 2}, 4},
			{[]int{0, 2, 4}, 2, []int{4}, 3},
			{[]int{1, 0, 3, 4}, 2, []int{4, 3}, 1},
		} {
			if logN > 12 && c.keep+len(c.removed)+c.count != 6-logN%2 {
				continue
			}
			t.Run(fmt.Sprint(logN, c), func(t *testing.T) {
				b := newBed(t, 1<<logN, switchPrimes)
				n := b.ring.N
				stride := len(c.rows)*n + 16
				polys, want := make([]uint32, c.count*stride-16), []uint32{}
				for p := range c.count {
					for row, l := range c.rows {
						words := b.rows(r, []int{l}, p)
						if p == 3 { // coefficients that are difficult to lift
							b.ntt[l].Forward(words)
						}
						copy(polys[p*stride+row*n:], words)
					}
					want = append(want, b.divideTwin(polys[p*stride:][:len(c.rows)*n], c.rows, c.removed)[:c.keep*n]...)
				}
				v, err := b.ring.NewDivisor(b.Stream, c.rows, c.keep, c.removed...)
				b.Must(err)
				scratch := b.Array(make([]uint32, v.ScratchLen(c.count)))
				x := b.Array(polys)
				tiles := n / TileWidth
				tile := 3*TileWidth + 4
				component := TileWidth
				row := tiles * tile
				pair := c.keep * row
				for _, at := range []Layout{
					{2 * c.keep * n, c.keep * n, n, TileWidth},
					{pair, component, row, tile},
					{2 * stride, stride, n, TileWidth}, // in place
				} {
					place := func(p, l, t int) int { return p/2*at.Pair + p%2*at.Component + l*at.Row + t*at.Tile }
					dst, expect := x, slices.Clone(polys)
					if at.Pair != 2*stride {
						expect = make([]uint32, c.count/2*at.Pair+c.count%2*at.Pair)
						for i := range expect {
							expect[i] = 0xdeadbeef
						}
						dst = b.Array(expect)
					}
					for i := range len(want) / TileWidth {
						p, l, t := i/tiles/c.keep, i/tiles%c.keep, i%tiles
						copy(expect[place(p, l, t):], want[i*TileWidth:][:TileWidth])
					}
					b.Must(v.Divide(b.Stream, dst, at, x, stride, c.count, scratch))
					b.Equal(dst, expect, fmt.Sprint("quotients ", at))
				}
			})
		}
	}
}

// TestRows: sums and multiples, with a number of rows that is not a multiple of the primes.
func TestRows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	b := newBed(t, 1<<10, switchPrimes)
	numbers := []int{1, 2, 3, 1, 2, 3, 1}
	for kind := range 2 {
		x, y := b.rows(r, numbers, kind), b.rows(r, numbers, kind)
		sum, product := slices.Clone(x), slices.Clone(x)
		factors := []uint32{5, b.moduli[2].Q - 1, 0}
		for i, l := range numbers {
			row := sum[i*b.ring.N:][:b.ring.N]
			b.moduli[l].AddVec(row, row, y[i*b.ring.N:])
			row = product[i*b.ring.N:][:b.ring.N]
			b.moduli[l].Scale(row, row, factors[l-1])
		}
		a, c := b.Array(x), b.Array(y)
		b.Must(b.ring.AddRows(b.Stream, c, a, c, 1, 3))
		b.Equal(c, sum, "sums")
		b.Must(b.ring.ScaleRows(b.Stream, a, factors, 1, 3))
		b.Equal(a, product, "multiples")
	}
}

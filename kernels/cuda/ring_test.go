//go:build cuda

package cuda

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/gpu"
	kernels "genoveil/kernels/cpu"
)

// primesFor are primes below 2^28 for rings of degree 2^logN, the largest first.
func primesFor(logN, count int) []uint32 {
	var primes []uint32
	for q := uint32(1)<<28 + 1 - uint32(2)<<logN; len(primes) < count; q -= uint32(2) << logN {
		if _, err := kernels.NewModulus(q); err == nil {
			primes = append(primes, q)
		}
	}
	return primes
}

// residues are `rows` rows of words below the primes in turn: random, the largest, or zero.
func residues(r *rand.Rand, kind string, primes []uint32, rows, n int) []uint32 {
	a := make([]uint32, rows*n)
	for i := range a {
		switch q := primes[i/n%len(primes)]; kind {
		case "random":
			a[i] = r.Uint32N(q)
		case "largest":
			a[i] = q - 1
		}
	}
	return a
}

var kinds = []string{"random", "largest", "zero"}

// rings runs a test for all degrees and kinds of residues; the short one for the smallest.
func rings(t *testing.T, primes int, do func(t *testing.T, b *bed, r *rand.Rand, kind string)) {
	for logN := MinLogN; logN <= MaxLogN; logN++ {
		for _, kind := range kinds {
			if logN > MinLogN && (kind != "random" || testing.Short()) {
				continue
			}
			t.Run(fmt.Sprintf("N=2^%d/%s", logN, kind), func(t *testing.T) {
				do(t, newBed(t, 1<<logN, primesFor(logN, primes)), rand.New(rand.NewPCG(1, uint64(logN))), kind)
			})
		}
	}
}

// TestTransforms holds Forward, Inverse, AddRows and ScaleRows against kernels/cpu.
func TestTransforms(t *testing.T) {
	rings(t, 3, func(t *testing.T, b *bed, r *rand.Rand, kind string) {
		n, primes := b.ring.N, b.ring.Primes
		const first, count, rows = 1, 2, 5
		a, c := residues(r, kind, primes[first:], rows, n), residues(r, kind, primes[first:], rows, n)
		factors := []uint32{primes[1] - 1, 12345}
		apply := func(name string, got gpu.Words, want []uint32, launch error) {
			t.Helper()
			b.must(launch)
			if !slices.Equal(b.read(got), want) {
				t.Errorf("%s differs", name)
			}
		}
		each := func(a []uint32, do func(i int, t *kernels.NTT, row []uint32)) []uint32 {
			a = slices.Clone(a)
			for i := range rows {
				do(i, b.ntt[first+i%count], a[i*n:][:n])
			}
			return a
		}
		x := b.array(a)
		forward := each(a, func(_ int, t *kernels.NTT, row []uint32) { t.Forward(row) })
		apply("Forward", x, forward, b.ring.Forward(b.stream, x, first, count))
		apply("Inverse of Forward", x, a, b.ring.Inverse(b.stream, x, first, count))
		apply("Inverse", x, each(a, func(_ int, t *kernels.NTT, row []uint32) { t.Inverse(row) }), b.ring.Inverse(b.stream, x, first, count))
		x = b.array(a)
		apply("AddRows", x, each(a, func(i int, t *kernels.NTT, row []uint32) { t.AddVec(row, row, c[i*n:][:n]) }),
			b.ring.AddRows(b.stream, x, x, b.array(c), first, count))
		x = b.array(a)
		apply("ScaleRows", x, each(a, func(i int, t *kernels.NTT, row []uint32) { t.Scale(row, row, factors[i%count]) }),
			b.ring.ScaleRows(b.stream, x, factors, first, count))
	})
}

// TestKeySwitch holds Decompose, Lift and InnerProduct against kernels/cpu, with all
// digits and with fewer, and polynomials with words between them.
func TestKeySwitch(t *testing.T) {
	rings(t, 4, func(t *testing.T, b *bed, r *rand.Rand, kind string) {
		n, primes := b.ring.N, b.ring.Primes
		const count = 2
		key := residues(r, kind, primes, 3*2*4, n)
		for digits := 2; digits <= 3; digits++ {
			targets := append(upTo(digits), 3)
			stride := (digits + 1) * n
			polys := residues(r, kind, primes[:digits], count*(digits+1), n)
			for p := range count {
				copy(polys[p*stride:], residues(r, kind, primes[:digits], digits, n))
			}
			x, d := b.array(polys), b.array(make([]uint32, count*digits*n))
			b.must(b.ring.Decompose(b.stream, d, x, stride, count, digits))
			lifted := b.array(make([]uint32, count*len(targets)*digits*n))
			b.must(b.ring.Lift(b.stream, lifted, d, x, stride, count, digits))
			prepared, err := b.ring.PrepareKey(b.device, b.stream, key, digits)
			b.must(err)
			out := b.array(make([]uint32, count*2*len(targets)*n))
			b.must(b.ring.InnerProduct(b.stream, out, lifted, prepared, count, digits))

			var want, wantLifted, wantDigits []uint32
			for p := range count {
				poly := polys[p*stride:]
				own := b.decompose(poly, digits)
				wantDigits = append(wantDigits, own...)
				up := b.lift(own, poly, digits, targets)
				wantLifted = append(wantLifted, up...)
				for c := range 2 {
					for i, l := range targets {
						sum := make([]uint32, n)
						for j := range digits {
							product := make([]uint32, n)
							b.ntt[l].MulVec(product, up[(i*digits+j)*n:][:n], key[((j*2+c)*4+l)*n:][:n])
							b.ntt[l].AddVec(sum, sum, product)
						}
						want = append(want, sum...)
					}
				}
			}
			for _, check := range []struct {
				name string
				got  gpu.Words
				want []uint32
			}{{"digits", d, wantDigits}, {"lifted digits", lifted, wantLifted}, {"inner products", out, want}} {
				if !slices.Equal(b.read(check.got), check.want) {
					t.Errorf("%d digits: %s differ", digits, check.name)
				}
			}
		}
	})
}

func upTo(n int) []int {
	var a []int
	for i := range n {
		a = append(a, i)
	}
	return a
}

// decompose gives the digits of one polynomial, in coefficients.
func (b *bed) decompose(poly []uint32, digits int) []uint32 {
	own := slices.Clone(poly[:digits*b.ring.N])
	for j := range digits {
		b.ntt[j].Inverse(own[j*b.ring.N:][:b.ring.N])
	}
	return own
}

// lift gives the digits modulo every target, transformed.
func (b *bed) lift(digits, poly []uint32, count int, targets []int) []uint32 {
	n := b.ring.N
	var all []uint32
	for _, l := range targets {
		for j := range count {
			row := slices.Clone(poly[j*n:][:n])
			if j != l {
				kernels.Lift(row, digits[j*n:][:n], b.moduli[j], b.moduli[l], true)
				b.ntt[l].Forward(row)
			}
			all = append(all, row...)
		}
	}
	return all
}

// TestDivide divides by one, two and three primes in turn, as one division after the
// other in Go, into tiles that lie apart.
func TestDivide(t *testing.T) {
	rings(t, 5, func(t *testing.T, b *bed, r *rand.Rand, kind string) {
		n := b.ring.N
		const count = 3
		for _, c := range []struct {
			rows    []int // which prime each row is
			keep    int
			removed []int
		}{{[]int{0, 1, 2, 3, 4}, 4, []int{4}}, {[]int{0, 1, 2, 3, 4}, 3, []int{4, 3}}, {[]int{0, 1, 2, 3, 4}, 2, []int{4, 3, 2}}, {[]int{0, 1, 4}, 2, []int{4}}} {
			var primes []uint32
			for _, l := range c.rows {
				primes = append(primes, b.ring.Primes[l])
			}
			stride := (len(c.rows) + 1) * n
			polys := make([]uint32, count*stride)
			for p := range count {
				copy(polys[p*stride:], residues(r, kind, primes, len(c.rows), n))
			}
			const tile = 2 * TileWidth
			at := Layout{Pair: 2 * c.keep * 2 * n, Component: c.keep * 2 * n, Row: 2 * n, Tile: tile}
			dst := make([]uint32, count*c.keep*2*n)
			want := slices.Clone(dst)
			for p := range count {
				poly := slices.Clone(polys[p*stride:][:len(c.rows)*n])
				left := len(c.rows)
				for _, removed := range c.removed {
					left--
					rest := poly[left*n:][:n]
					b.ntt[removed].Inverse(rest)
					for i, l := range c.rows[:left] {
						row, lifted := poly[i*n:][:n], make([]uint32, n)
						kernels.Lift(lifted, rest, b.moduli[removed], b.moduli[l], false)
						b.ntt[l].Forward(lifted)
						m := b.moduli[l]
						m.DivideOut(row, row, lifted, m.Inv(m.Reduce(uint64(b.ring.Primes[removed]))))
					}
				}
				for l := range c.keep {
					for x := range n {
						want[p/2*at.Pair+p%2*at.Component+l*at.Row+x/TileWidth*tile+x%TileWidth] = poly[l*n+x]
					}
				}
			}
			v, err := b.ring.NewDivisor(b.device, b.stream, c.rows, c.keep, c.removed...)
			b.must(err)
			got, scratch := b.array(dst), b.array(make([]uint32, v.ScratchLen(count)))
			b.must(v.Divide(b.stream, got, at, b.array(polys), stride, count, scratch))
			if !slices.Equal(b.read(got), want) {
				t.Errorf("rows %v by %v: quotients differ", c.rows, c.removed)
			}
		}
	})
}

// TestSplit splits nodes at every depth of the tree with one, two and three levels, as
// automorphisms, inner products and a Splitter of kernels/cpu do.
func TestSplit(t *testing.T) {
	rings(t, 4, func(t *testing.T, b *bed, r *rand.Rand, kind string) {
		n, primes := b.ring.N, b.ring.Primes
		const count, digits = 2, 3
		nodes := residues(r, kind, primes[:digits], count*2*digits, n)
		x, d := b.array(nodes), b.array(make([]uint32, count*digits*n))
		second := x.Slice(digits*n, x.Len())
		b.must(b.ring.Decompose(b.stream, d, second, 2*digits*n, count, digits))
		lifted := b.array(make([]uint32, count*4*digits*n))
		b.must(b.ring.Lift(b.stream, lifted, d, second, 2*digits*n, count, digits))
		liftedWords := b.read(lifted)
		for _, shape := range [][2]int{{0, 1}, {0, 2}, {1, 3}, {b.ring.LogN - 3, 3}, {b.ring.LogN - 2, 2}} {
			depth, levels := shape[0], shape[1]
			R := 1 << levels
			var keys [][]uint32
			for range R - 1 {
				keys = append(keys, residues(r, kind, primes, digits*2*4, n))
			}
			st, err := b.ring.NewStep(b.device, b.stream, depth, levels, keys)
			b.must(err)
			got := b.array(make([]uint32, count*R*2*4*n))
			b.must(st.Split(b.stream, got, x, lifted, count))

			want := make([]uint32, count*R*2*4*n)
			for p := range count {
				for c := range 2 {
					for l, ntt := range b.ntt {
						images, parts := make([]uint32, R*n), make([]uint32, R*n)
						own := make([]uint32, n)
						if l < digits {
							ntt.Scale(own, nodes[((p*2+c)*digits+l)*n:][:n], ntt.Reduce(uint64(primes[digits])))
						}
						copy(images, own)
						for k := 1; k < R; k++ {
							sum := make([]uint32, n)
							if c == 0 {
								copy(sum, own)
							}
							for i := range digits {
								product := make([]uint32, n)
								ntt.MulVec(product, liftedWords[((p*4+l)*digits+i)*n:][:n], keys[k-1][((i*2+c)*4+l)*n:][:n])
								ntt.AddVec(sum, sum, product)
							}
							kernels.NewPermutation(n, uint64(1+k*2*n>>(depth+levels))).Apply(images[k*n:][:n], sum)
						}
						kernels.NewSplitter(ntt, depth, levels).Split(parts, n, images, n)
						for s := range R {
							copy(want[(((p*R+s)*2+c)*4+l)*n:], parts[s*n:][:n])
						}
					}
				}
			}
			if !slices.Equal(b.read(got), want) {
				t.Errorf("depth %d, %d levels: children differ", depth, levels)
			}
		}
	})
}

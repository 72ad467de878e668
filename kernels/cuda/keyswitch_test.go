//go:build cuda

package cuda

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	kernels "genoveil/kernels/cpu"
)

// switchPrimes are 1 modulo 2^18 and so different in size that representatives of one
// exceed others many times over. The last one is special.
var switchPrimes = []uint32{263454721, 786433, 261881857, 13631489, 260571137}

// rows are residues of switchPrimes by number: random ones, all q−1, zeros, or the values
// around q/2 where lifting changes its mind.
func (b *bed) rows(r *rand.Rand, primes []int, kind int) []uint32 {
	a := make([]uint32, 0, len(primes)*b.ring.N)
	for _, l := range primes {
		q := b.moduli[l].Q
		for range b.ring.N {
			a = append(a, [4]uint32{r.Uint32N(q), q - 1, 0, q/2 - 2 + r.Uint32N(4)}[kind%4])
		}
	}
	return a
}

func upTo(n int) []int {
	a := make([]int, n)
	for i := range a {
		a[i] = i
	}
	return a
}

// lift is the twin of Lift of one row: of digit i, in coefficients, to prime l.
func (b *bed) lift(digit []uint32, i, l int) []uint32 {
	row := make([]uint32, len(digit))
	kernels.Lift(row, digit, b.moduli[i], b.moduli[l], true)
	b.ntt[l].Forward(row)
	return row
}

// TestKeySwitch: digits, their lifts and the products with a key are those of
// kernels/cpu, for all degrees, polynomials with gaps between them and keys with more digits
// than are used.
func TestKeySwitch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	for logN := MinLogN; logN <= 15; logN++ {
		t.Run(fmt.Sprint(logN), func(t *testing.T) {
			b := newBed(t, 1<<logN, switchPrimes)
			n, digits, count := b.ring.N, 4, 5
			if logN > 11 {
				digits, count = 2+logN%2, 1+logN%2
			}
			targets := append(upTo(digits), b.ring.special())
			stride := (digits+1)*n + 32
			polys := make([]uint32, count*stride)
			for p := range count {
				row := polys[p*stride:]
				for i := range digits {
					copy(row[i*n:], b.rows(r, []int{i}, 0))
					if p > 0 {
						// Coefficients of which lifting is difficult.
						digit := b.rows(r, []int{i}, p)
						b.ntt[i].Forward(digit)
						copy(row[i*n:], digit)
					}
				}
			}
			var key []uint32
			for i := range 2 * (len(switchPrimes) - 1) {
				key = append(key, b.rows(r, upTo(len(switchPrimes)), i&2/2)...)
			}

			wantDigits := make([]uint32, 0, count*digits*n)
			var wantLifted, wantOut []uint32
			for p := range count {
				var own [][]uint32
				for i := range digits {
					digit := slices.Clone(polys[p*stride+i*n:][:n])
					b.ntt[i].Inverse(digit)
					own = append(own, digit)
					wantDigits = append(wantDigits, digit...)
				}
				out := make([]uint32, 2*(digits+1)*n)
				for t, l := range targets {
					m := b.moduli[l]
					for i := range digits {
						row := polys[p*stride+i*n:][:n]
						if i != l {
							row = b.lift(own[i], i, l)
						}
						wantLifted = append(wantLifted, row...)
						for c := range 2 {
							product := make([]uint32, n)
							m.MulVec(product, row, key[((2*i+c)*len(switchPrimes)+l)*n:][:n])
							sum := out[(c*(digits+1)+t)*n:][:n]
							m.AddVec(sum, sum, product)
						}
					}
				}
				wantOut = append(wantOut, out...)
			}

			x := b.Array(polys[:(count-1)*stride+digits*n])
			gotDigits, lifted := b.Array(make([]uint32, len(wantDigits))), b.Array(make([]uint32, len(wantLifted)))
			b.Must(b.ring.Decompose(b.Stream, gotDigits, x, stride, count, digits))
			b.Equal(gotDigits, wantDigits, "digits")
			b.Must(b.ring.Lift(b.Stream, lifted, gotDigits, x, stride, count, digits))
			b.Equal(lifted, wantLifted, "lifted")
			prepared, err := b.ring.PrepareKey(b.Stream, key, digits)
			b.Must(err)
			defer b.Device.Free(prepared)
			out := b.Array(make([]uint32, len(wantOut)))
			b.Must(b.ring.InnerProduct(b.Stream, out, lifted, prepared, count, digits))
			b.Equal(out, wantOut, "inner product")
		})
	}
}

// TestInnerProductExtreme: as many digits as there may be, of the largest residues.
func TestInnerProductExtreme(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 4))
	primes := []uint32{}
	for q := uint32(1<<28 - 2048 + 1); len(primes) < MaxDigits+1; q -= 2048 {
		if _, err := kernels.NewNTT(1<<10, q); err == nil {
			primes = append(primes, q)
		}
	}
	b := newBed(t, 1<<10, primes)
	n, digits := b.ring.N, MaxDigits
	var lifted []uint32
	for t := range digits + 1 {
		for range digits {
			lifted = append(lifted, b.rows(r, []int{t}, 1)...)
		}
	}
	// Keys that are q−1 in Montgomery form.
	var key, want []uint32
	for range digits * 2 {
		for l := range primes {
			m := b.moduli[l]
			key = append(key, slices.Repeat([]uint32{m.Mul(m.Neg(1), m.Inv(montgomeryOne(m)))}, n)...)
		}
	}
	for range 2 {
		for l := range primes {
			m := b.moduli[l]
			x := uint32(0)
			for range digits {
				x = m.Add(x, m.Mul(m.Neg(1), key[l*n]))
			}
			want = append(want, slices.Repeat([]uint32{x}, n)...)
		}
	}
	prepared, err := b.ring.PrepareKey(b.Stream, key, digits)
	b.Must(err)
	defer b.Device.Free(prepared)
	out := b.Array(make([]uint32, len(want)))
	b.Must(b.ring.InnerProduct(b.Stream, out, b.Array(lifted), prepared, 1, digits))
	b.Equal(out, want, "inner product")
}

package cpu

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/kernels/cpu/level"
)

// A tileCase is one call of Accumulate and what it should leave. Rows of sums
// have gaps between them, which must keep their words.
type tileCase struct {
	m                             Modulus
	columnStride, componentStride int
	sums, c0, c1, d, want         []uint32
	columns                       []int
}

// newTileCase takes `total` columns and selects some of them; fill makes n residues.
func newTileCase(m Modulus, samples, total int, columns []int, fill func(n int) []uint32) *tileCase {
	const T = tileWidth
	c := &tileCase{m: m, columns: columns, componentStride: T + 5, columnStride: 3*(T+5) + 7}
	c.sums = fill(len(columns) * c.columnStride)
	c.c0, c.c1 = fill(samples*T), fill(samples*T)
	c.d = fill(samples * total * 2 * T)
	c.want = slices.Clone(c.sums)
	for k, column := range columns {
		for s := range samples {
			for j := range T {
				x0, x1 := c.c0[s*T+j], c.c1[s*T+j]
				y0, y1 := c.d[(s*total+column)*2*T+j], c.d[((s*total+column)*2+1)*T+j]
				c.add(k, 0, j, m.Mul(x0, y0))
				c.add(k, 1, j, m.Add(m.Mul(x0, y1), m.Mul(x1, y0)))
				c.add(k, 2, j, m.Mul(x1, y1))
			}
		}
	}
	return c
}

func (c *tileCase) add(k, component, j int, product uint32) {
	at := k*c.columnStride + component*c.componentStride + j
	c.want[at] = c.m.Add(c.want[at], product)
}

func (c *tileCase) check(t *testing.T) {
	t.Helper()
	c.m.Accumulate(c.sums, c.columnStride, c.componentStride, c.c0, c.c1, c.d, c.columns)
	for i, want := range c.want {
		if got := c.sums[i]; got != want {
			t.Fatalf("modulo %d, %d samples, columns %v: word %d of column %d is %d, want %d",
				c.m.Q, len(c.c0)/tileWidth, c.columns, i%c.columnStride, c.columns[i/c.columnStride], got, want)
		}
	}
}

// TestAccumulate compares with reduction after every product: 1 to 64
// samples, 1 to 20 columns, all of them or some with gaps, in order or not.
func TestAccumulate(t *testing.T) {
	level.Each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(17, 18))
		for _, q := range testPrimes {
			m := modulus(t, q)
			fill := func(n int) []uint32 { return residues(r, q, n) }
			for samples := 1; samples <= maxSamples; samples++ {
				total := 1 + samples%20
				columns := r.Perm(total)
				switch samples % 3 {
				case 0:
					slices.Sort(columns)
				case 1:
					columns = columns[:1+r.IntN(total)]
					slices.Sort(columns)
				case 2:
					columns = columns[:1+r.IntN(total)]
				}
				newTileCase(m, samples, total, columns, fill).check(t)
			}
		}
	})
}

// TestAccumulateAtTheExtreme takes the largest residues throughout.
func TestAccumulateAtTheExtreme(t *testing.T) {
	level.Each(t, func(t *testing.T) {
		for _, q := range testPrimes[:5] {
			fill := func(n int) []uint32 { return slices.Repeat([]uint32{q - 1}, n) }
			newTileCase(modulus(t, q), maxSamples, 6, []int{0, 1, 2, 3, 4, 5}, fill).check(t)
		}
	})
}

// TestMaxSamples derives the bound for the largest number that could be a modulus.
func TestMaxSamples(t *testing.T) {
	const sum = 2 * (1<<MaxModulusBits - 2)
	if high, _ := bits.Mul64(sum*sum, maxSamples); high != 0 {
		t.Errorf("%d samples can overflow", maxSamples)
	}
	if high, _ := bits.Mul64(sum*sum, maxSamples+1); high == 0 {
		t.Errorf("%d samples would still fit", maxSamples+1)
	}
}

// TestAccumulateReducesAnyWord makes sums of products that are any 64-bit
// word x = xh·2^32 + xl out of the operands (2^31, xh) twice and (xl, 1), which need
// not be residues for that.
func TestAccumulateReducesAnyWord(t *testing.T) {
	const T = tileWidth
	level.Each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(19, 20))
		for _, q := range testPrimes {
			m := modulus(t, q)
			top := math.MaxUint64 / uint64(q) * uint64(q)
			words := []uint64{0, 1, uint64(q) - 1, uint64(q), 1<<32 - 1, 1 << 32, top - 1, top, math.MaxUint64}
			for len(words) < 50*T {
				words = append(words, r.Uint64(), top-r.Uint64N(1<<40)/uint64(q)*uint64(q)-r.Uint64N(3))
			}
			for ; len(words) >= T; words = words[T:] {
				c, zero, d := make([]uint32, 3*T), make([]uint32, 3*T), make([]uint32, 3*2*T)
				sums, start := make([]uint32, 3*T), residues(r, q, 3*T)
				for component := range 2 { // the first, then the last: the other half is zero
					copy(sums, start)
					clear(d)
					for j, x := range words[:T] {
						c[j], c[T+j], c[2*T+j] = 1<<31, 1<<31, uint32(x)
						row := d[component*T:]
						row[j], row[2*T+j], row[4*T+j] = uint32(x>>32), uint32(x>>32), 1
					}
					if component == 0 {
						m.Accumulate(sums, 0, T, c, zero, d, []int{0})
					} else {
						m.Accumulate(sums, 0, T, zero, c, d, []int{0})
					}
					for i, got := range sums {
						want := start[i]
						if i/T == 2*component {
							want = m.Add(want, m.Reduce(words[i%T]))
						}
						if got != want {
							t.Fatalf("modulo %d: %d + %d = %d, want %d", q, start[i], words[i%T], got, want)
						}
					}
				}
			}
		}
	})
}

func TestAccumulateOfNothing(t *testing.T) {
	m := modulus(t, testPrimes[0])
	level.Each(t, func(t *testing.T) {
		m.Accumulate(nil, 0, 0, nil, nil, nil, []int{0})
		m.Accumulate(nil, 0, 0, make([]uint32, tileWidth), make([]uint32, tileWidth), nil, nil)
	})
}

// TestAccumulateChecksSizes: the assembly must never see what it would read
// or write beyond.
func TestAccumulateChecksSizes(t *testing.T) {
	const T = tileWidth
	m := modulus(t, testPrimes[0])
	for name, call := range map[string]func(sums, c, d []uint32){
		"65 samples":       func(sums, c, d []uint32) { m.Accumulate(sums, 3*T, T, c, c, d, []int{0}) },
		"less than a tile": func(sums, c, d []uint32) { m.Accumulate(sums, 3*T, T, c[:T-1], c[:T-1], d[:4*(T-1)], []int{0}) },
		"part of a tile":   func(sums, c, d []uint32) { m.Accumulate(sums, 3*T, T, c[:T+1], c[:T+1], d[:4*T], []int{0}) },
		"c1 too short":     func(sums, c, d []uint32) { m.Accumulate(sums, 3*T, T, c[:2*T], c[:T], d[:4*T], []int{0}) },
		"part of d":        func(sums, c, d []uint32) { m.Accumulate(sums, 3*T, T, c[:2*T], c[:2*T], d[:6*T], []int{0}) },
		"no such column":   func(sums, c, d []uint32) { m.Accumulate(sums, 3*T, T, c[:T], c[:T], d[:4*T], []int{2}) },
		"negative column":  func(sums, c, d []uint32) { m.Accumulate(sums, 3*T, T, c[:T], c[:T], d[:4*T], []int{-1}) },
		"sums too short": func(sums, c, d []uint32) {
			m.Accumulate(sums[:6*T-1], 3*T, T, c[:T], c[:T], d[:4*T], []int{0, 1})
		},
		"negative stride": func(sums, c, d []uint32) { m.Accumulate(sums, 3*T, -1, c[:T], c[:T], d[:4*T], []int{0}) },
		"strides too long": func(sums, c, d []uint32) {
			m.Accumulate(sums[:6*T], 3*T, T+1, c[:T], c[:T], d[:4*T], []int{0, 1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("did not panic")
				}
			}()
			call(make([]uint32, 6*T), make([]uint32, 65*T), make([]uint32, 65*2*T))
		})
	}
}

// BenchmarkAccumulate sums a tile of 64 samples for K columns. Each call
// takes other c0 out of 64 MB, as from a store, and the same d, as the blocks and
// planes of a cohort do in turn. The metric takes three primes for a genotype.
func BenchmarkAccumulate(b *testing.B) {
	const samples, T, stride = maxSamples, tileWidth, 3 * 8192
	r := rand.New(rand.NewPCG(21, 22))
	m := modulus(b, testPrimes[0])
	c0, c1 := residues(r, m.Q, 1<<24), residues(r, m.Q, samples*T)
	for _, K := range []int{1, 3, 12, 15} {
		d, sums := residues(r, m.Q, samples*K*2*T), make([]uint32, 3*K*stride)
		var columns []int
		for k := range K {
			columns = append(columns, k)
		}
		b.Run(fmt.Sprintf("K=%d", K), func(b *testing.B) {
			level.Each(b, func(b *testing.B) {
				for at := 0; b.Loop(); at = (at + samples*T) % len(c0) {
					m.Accumulate(sums, 3*stride, stride, c0[at:][:samples*T], c1, d, columns)
				}
				b.ReportMetric(3*float64(b.Elapsed().Nanoseconds())/float64(b.N*samples*T*K), "ns/genotype·column")
			})
		})
	}
}

//go:build cuda

package cuda

import "genoveil/gpu"

// special is the number of the prime of key-switching.
func (r *Ring) special() int { return len(r.Primes) - 1 }

// target is prime number t among those that digits are lifted to: those of the digits,
// then the special one.
func (r *Ring) target(t, digitCount int) int {
	if t == digitCount {
		return r.special()
	}
	return t
}

// MaxDigits bounds the digits of a key-switch: sums of that many products and one more
// can be reduced.
const MaxDigits = 14

// Decompose takes the digits of `count` polynomials, the coefficients modulo each prime:
//
//	digits[p][i][N] = inverse transform of polys[p·stride + i·N:] modulo prime i < digitCount
func (r *Ring) Decompose(s *gpu.Stream, digits, polys gpu.Words, stride, count, digitCount int) error {
	r.check(digits, count*digitCount*r.N)
	r.check(polys, (count-1)*stride+digitCount*r.N)
	return r.inverse(s, digits, digitCount*r.N, polys, stride, count*digitCount, 0, digitCount)
}

// Lift lifts every digit to all primes, to the representative closest to zero
// (kernels/cpu.Lift with lowHalf), and transforms it:
//
//	lifted[p][t][i][N], targets t = 0 … digitCount−1, then the special prime
//
// polys are those of Decompose: modulo its own prime a digit is what they hold.
func (r *Ring) Lift(s *gpu.Stream, lifted, digits, polys gpu.Words, stride, count, digitCount int) error {
	rows := count * (digitCount + 1) * digitCount
	r.check(lifted, rows*r.N)
	r.check(digits, count*digitCount*r.N)
	r.check(polys, (count-1)*stride+digitCount*r.N)
	if r.LogN <= maxOnePass {
		return s.Launch(r.kernel("lift"), r.transforms(rows), lifted, digits, polys, stride, r.table, digitCount, r.special())
	}
	err := s.Launch("lift_columns", r.columnsGrid(rows), lifted, digits, polys, stride, r.table, digitCount, r.special(), r.LogN)
	if err != nil {
		return err
	}
	return s.Launch(r.kernel("lift_rows"), r.transforms(rows), lifted, r.table, digitCount, r.special(), r.logParts())
}

// PrepareKey lays out the first digitCount digits of a key [digit][component][prime][N]
// for InnerProduct: key[component][target][digit][N] in Montgomery form.
func (r *Ring) PrepareKey(s *gpu.Stream, key []uint32, digitCount int) (gpu.Words, error) {
	words := make([]uint32, 2*(digitCount+1)*digitCount*r.N)
	row := words
	for c := range 2 {
		for t := range digitCount + 1 {
			l := r.target(t, digitCount)
			m := r.moduli[l]
			for i := range digitCount {
				m.Scale(row[:r.N], key[((2*i+c)*len(r.Primes)+l)*r.N:][:r.N], montgomeryOne(m))
				row = row[r.N:]
			}
		}
	}
	return s.Put(words)
}

// InnerProduct multiplies lifted digits by a key of PrepareKey:
//
//	out[p][component][target][N] = Σ_i lifted[p][target][i] · key[component][target][i]
func (r *Ring) InnerProduct(s *gpu.Stream, out, lifted, key gpu.Words, count, digitCount int) error {
	if digitCount > MaxDigits {
		panic("cuda: more digits than a sum takes")
	}
	targets := digitCount + 1
	r.check(out, count*2*targets*r.N)
	r.check(lifted, count*targets*digitCount*r.N)
	r.check(key, 2*targets*digitCount*r.N)
	g := gpu.Grid{Blocks: [3]int{r.N / 512, targets, ceil(count, 2)}, Threads: [3]int{128}}
	return s.Launch("inner_product", g, out, lifted, key, r.table, r.N, count, digitCount, r.special())
}

//go:build cuda

package cuda

import "genoveil/gpu"

// Key-switching goes by Decompose, Lift, InnerProduct and a Divisor (he/cpu/keyswitch.go).
// Row i of polynomial p is polys[p·stride + i·N:], transformed, modulo prime i. Targets
// are the primes of the digits, and then the switch prime, the ring's last.

// Decompose writes digits[p][i][N] of `count` polynomials: row i < digitCount in
// coefficients.
func (r *Ring) Decompose(s *gpu.Stream, digits, polys gpu.Words, stride, count, digitCount int) error {
	r.check(digits, count*digitCount*r.N)
	r.check(polys, (count-1)*stride+digitCount*r.N)
	return r.inverse(s, digits, polys, stride, count*digitCount, 0, digitCount)
}

// Lift writes lifted[p][t][i][N], the digits modulo every target, transformed. Where
// target and digit are one prime that is the row of the polynomial.
func (r *Ring) Lift(s *gpu.Stream, lifted, digits, polys gpu.Words, stride, count, digitCount int) error {
	r.check(lifted, count*(digitCount+1)*digitCount*r.N)
	r.check(digits, count*digitCount*r.N)
	r.check(polys, (count-1)*stride+digitCount*r.N)
	name, g := r.transform("lift", digitCount, digitCount+1, count)
	return s.Launch(name, g, lifted, digits, polys, r.table, uint64(stride), uint32(r.special()))
}

// PrepareKey lays out the first digits of a key for InnerProduct, in Montgomery form:
// [component][target][digit][N] of a key [digit][component][prime][N].
func (r *Ring) PrepareKey(d *gpu.Device, s *gpu.Stream, key []uint32, digitCount int) (gpu.Words, error) {
	return put(d, s, r.keyRows(nil, key, digitCount, nil))
}

// keyRows appends the rows that PrepareKey lays out, each with its words permuted.
func (r *Ring) keyRows(rows, key []uint32, digitCount int, permute func(dst, src []uint32)) []uint32 {
	primes := len(r.Primes)
	permuted := make([]uint32, r.N)
	for c := range 2 {
		for t := range digitCount + 1 {
			l := t
			if t == digitCount {
				l = r.special()
			}
			for i := range digitCount {
				row := key[((i*2+c)*primes+l)*r.N:][:r.N]
				if permute != nil {
					permute(permuted, row)
					row = permuted
				}
				rows = append(rows, row...)
				row = rows[len(rows)-r.N:]
				r.ntt[l].Scale(row, row, r.ntt[l].Reduce(1<<32))
			}
		}
	}
	return rows
}

// InnerProduct writes out[p][component][t][N] = Σ_i lifted[p][t][i]·key[component][t][i].
func (r *Ring) InnerProduct(s *gpu.Stream, out, lifted, key gpu.Words, count, digitCount int) error {
	targets := digitCount + 1
	r.check(out, count*2*targets*r.N)
	r.check(lifted, count*targets*digitCount*r.N)
	r.check(key, 2*targets*digitCount*r.N)
	return s.Launch("inner_product", r.words(targets, count), out, lifted, key, r.table, uint32(digitCount), uint32(r.special()))
}

//go:build cuda

package cuda

import (
	"math/bits"

	"genoveil/gpu"
)

// Ring64 stands in until transforms of 64-bit words are there: on the host, slowly.
type Ring64 struct {
	N, LogN int
	Primes  []uint64
	roots   []uint64
}

func NewRing64(d *gpu.Device, n int, primes, roots []uint64) (*Ring64, error) {
	return &Ring64{N: n, LogN: bits.Len(uint(n)) - 1, Primes: primes, roots: roots}, nil
}

func (r *Ring64) each(s *gpu.Stream, rows gpu.Words, first, count int, f func(x []uint64, l int)) error {
	w := make([]uint32, rows.Len())
	if err := s.Read(w, rows); err != nil {
		return err
	}
	x := make([]uint64, len(w)/2)
	for i := range x {
		x[i] = uint64(w[2*i]) | uint64(w[2*i+1])<<32
	}
	for i := 0; i < len(x)/r.N; i++ {
		f(x[i*r.N:][:r.N], first+i%count)
	}
	for i := range x {
		w[2*i], w[2*i+1] = uint32(x[i]), uint32(x[i]>>32)
	}
	return s.Write(rows, w)
}

func (r *Ring64) powers(root, q uint64) []uint64 {
	t := make([]uint64, r.N)
	w := uint64(1)
	for i := range t {
		t[bits.Reverse64(uint64(i))>>(64-r.LogN)] = w
		w = mulMod(w, root, q)
	}
	return t
}

func (r *Ring64) Forward(s *gpu.Stream, rows gpu.Words, first, count int) error {
	tables := map[int][]uint64{}
	return r.each(s, rows, first, count, func(x []uint64, l int) {
		q := r.Primes[l]
		w := tables[l]
		if w == nil {
			w = r.powers(r.roots[l], q)
			tables[l] = w
		}
		for t, m := r.N/2, 1; m < r.N; t, m = t/2, m*2 {
			for i := range m {
				for j := 2 * i * t; j < 2*i*t+t; j++ {
					u, v := x[j], mulMod(x[j+t], w[m+i], q)
					x[j], x[j+t] = (u+v)%q, (u+q-v)%q
				}
			}
		}
	})
}

func (r *Ring64) Inverse(s *gpu.Stream, rows gpu.Words, first, count int) error {
	tables := map[int][]uint64{}
	return r.each(s, rows, first, count, func(x []uint64, l int) {
		q := r.Primes[l]
		w := tables[l]
		if w == nil {
			w = r.powers(powMod(r.roots[l], q-2, q), q)
			tables[l] = w
		}
		for t, m := 1, r.N/2; m >= 1; t, m = t*2, m/2 {
			for i := range m {
				for j := 2 * i * t; j < 2*i*t+t; j++ {
					u, v := x[j], x[j+t]
					x[j], x[j+t] = (u+v)%q, mulMod(u+q-v, w[m+i], q)
				}
			}
		}
		n := powMod(uint64(r.N), q-2, q)
		for i := range x {
			x[i] = mulMod(x[i], n, q)
		}
	})
}

type rows64 struct {
	count   int
	numbers []int
}

func (r *Ring64) newRows(d *gpu.Device, s *gpu.Stream, numbers []int) (rows64, error) {
	return rows64{len(numbers), numbers}, nil
}

func (r *Ring64) forwardRows(s *gpu.Stream, rows gpu.Words, of rows64) error {
	for i := range rows.Len() / 2 / r.N {
		if err := r.Forward(s, slice64(rows, i*r.N, (i+1)*r.N), of.numbers[i%of.count], 1); err != nil {
			return err
		}
	}
	return nil
}

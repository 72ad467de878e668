//go:build cuda

package cuda

import (
	"math/bits"

	"genoveil/gpu"
	kernels "genoveil/kernels/cpu"
)

// Ring stands in for the one of branch ring, which replaces this file: its transforms
// are those of kernels/cpu.
type Ring struct {
	N, LogN int
	Primes  []uint32
	table   gpu.Words
}

func NewRing(d *gpu.Device, n int, primes []uint32) (*Ring, error) {
	r := &Ring{N: n, LogN: bits.Len(uint(n)) - 1, Primes: primes}
	s, err := d.NewStream()
	if err != nil {
		return nil, err
	}
	var words []uint32
	for _, q := range primes {
		t, _ := kernels.NewNTT(n, q)
		x := make([]uint32, n)
		x[1] = 1
		t.Forward(x)
		psi := x[0]
		table := make([]uint32, 2*n)
		w := uint32(1)
		for i := range n {
			j := bits.Reverse32(uint32(i)) >> (32 - r.LogN)
			table[2*j], table[2*j+1] = w, t.Shoup(w)
			w = t.Mul(w, psi)
		}
		a, err := d.Alloc(2 * n)
		if err != nil {
			return nil, err
		}
		s.Write(a, table)
		negInv := uint32(1)
		for range 6 {
			negInv *= 2 - q*negInv
		}
		barrett := ^uint64(0) / uint64(q)
		m := t.Reduce(1 << 32)
		words = append(words, q, -negInv, uint32(barrett), uint32(barrett>>32), t.Inv(uint32(n)), t.Shoup(t.Inv(uint32(n))), m, t.Shoup(m), uint32(a.Address()), uint32(a.Address()>>32), 0, 0)
	}
	r.table, _ = d.Alloc(len(words))
	return r, s.Write(r.table, words)
}

func (r *Ring) each(s *gpu.Stream, rows gpu.Words, first, count int, do func(t *kernels.NTT, l int, row []uint32)) error {
	w := make([]uint32, rows.Len())
	if err := s.Read(w, rows); err != nil {
		return err
	}
	for i := range len(w) / r.N {
		t, _ := kernels.NewNTT(r.N, r.Primes[first+i%count])
		do(t, i%count, w[i*r.N:][:r.N])
	}
	return s.Write(rows, w)
}

func (r *Ring) Forward(s *gpu.Stream, rows gpu.Words, first, count int) error {
	return r.each(s, rows, first, count, func(t *kernels.NTT, l int, row []uint32) { t.Forward(row) })
}

func (r *Ring) Inverse(s *gpu.Stream, rows gpu.Words, first, count int) error {
	return r.each(s, rows, first, count, func(t *kernels.NTT, l int, row []uint32) { t.Inverse(row) })
}

func (r *Ring) ScaleRows(s *gpu.Stream, rows gpu.Words, factors []uint32, first, count int) error {
	return r.each(s, rows, first, count, func(t *kernels.NTT, l int, row []uint32) { t.Scale(row, row, factors[l]) })
}

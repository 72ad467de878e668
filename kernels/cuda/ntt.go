//go:build cuda

package cuda

import "genoveil/gpu"

// Forward transforms rows of N words in place, in the order of kernels/cpu.NTT. Row i is
// modulo prime first + i%count. Words are reduced, before and after.
func (r *Ring) Forward(s *gpu.Stream, rows gpu.Words, first, count int) error {
	name, g := r.transform("forward", rows.Len()/r.N)
	return s.Launch(name, g, rows, r.table, uint32(first), uint32(count))
}

// Inverse undoes Forward.
func (r *Ring) Inverse(s *gpu.Stream, rows gpu.Words, first, count int) error {
	return r.inverse(s, rows, rows, count*r.N, rows.Len()/r.N, first, count)
}

// inverse writes the inverse transform of row i%count of polynomial i/count, at
// src[(i/count)·stride + (i%count)·N:], to dst[i][N].
func (r *Ring) inverse(s *gpu.Stream, dst, src gpu.Words, stride, rows, first, count int) error {
	name, g := r.transform("inverse", rows)
	return s.Launch(name, g, dst, src, r.table, uint64(stride), uint32(first), uint32(count))
}

// AddRows sets dst = a + b, rows as in Forward. dst may be a.
func (r *Ring) AddRows(s *gpu.Stream, dst, a, b gpu.Words, first, count int) error {
	r.check(a, dst.Len())
	r.check(b, dst.Len())
	return s.Launch("add_rows", r.words(dst.Len()/r.N), dst, a, b, r.table, uint32(first), uint32(count))
}

// ScaleRows multiplies rows as in Forward by one factor a prime, factors[i%count].
func (r *Ring) ScaleRows(s *gpu.Stream, rows gpu.Words, factors []uint32, first, count int) error {
	for i, w := range factors[:count] {
		n := (rows.Len()/r.N - i + count - 1) / count
		if n <= 0 {
			break
		}
		err := s.Launch("scale_rows", r.words(n), rows, r.table, uint32(first+i), w, r.ntt[first+i].Shoup(w), uint32(count), uint32(i))
		if err != nil {
			return err
		}
	}
	return nil
}

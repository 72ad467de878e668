//go:build cuda

package word64

import "genoveil/gpu"

// Permute applies X → X^galois, odd, to transformed rows of N 64-bit words. dst is not src.
func (r *Ring) Permute(s *gpu.Stream, dst, src gpu.Words, galois uint64) error {
	r.check(dst, src.Len()/2)
	return s.Launch("permute64", r.wordGrid(src), dst, src, uint32(galois%uint64(2*r.N)), r.LogN)
}

// Add is dst = a + b, row i modulo prime i % count. dst may be one of them.
func (r *Ring) Add(s *gpu.Stream, dst, a, b gpu.Words, count int) error {
	r.check(dst, a.Len()/2)
	r.check(b, a.Len()/2)
	return s.Launch("add_rows64", r.wordGrid(a), dst, a, b, r.table, count, r.LogN)
}

// wordGrid is a 64-bit word a thread.
func (r *Ring) wordGrid(rows gpu.Words) gpu.Grid {
	return gpu.Grid{Blocks: [3]int{rows.Len() / 512}, Threads: [3]int{256}}
}

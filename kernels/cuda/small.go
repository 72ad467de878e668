//go:build cuda

package cuda

import (
	"genoveil/gpu"
)

// AddRows sets dst = a + b, rows as in Forward. dst may be a or b.
func (r *Ring) AddRows(s *gpu.Stream, dst, a, b gpu.Words, first, count int) error {
	r.check(a, dst.Len())
	r.check(b, dst.Len())
	g := gpu.Grid{Blocks: [3]int{dst.Len() / 1024}, Threads: [3]int{256}}
	return s.Launch("add_rows", g, dst, a, b, r.primesFrom(first), count, r.LogN)
}

// maxScaled bounds the primes of ScaleRows, whose factors are arguments.
const maxScaled = 8

// ScaleRows multiplies rows as in Forward by one factor for each of the primes.
func (r *Ring) ScaleRows(s *gpu.Stream, rows gpu.Words, factors []uint32, first, count int) error {
	if count > maxScaled {
		panic("cuda: ScaleRows takes at most 8 primes")
	}
	args := []any{rows, r.primesFrom(first), count, r.LogN}
	for l := range maxScaled {
		packed := uint64(0)
		if l < count {
			w := factors[l]
			packed = uint64(w) | uint64(r.moduli[first+l].Shoup(w))<<32
		}
		args = append(args, packed)
	}
	g := gpu.Grid{Blocks: [3]int{rows.Len() / 1024}, Threads: [3]int{256}}
	return s.Launch("scale_rows", g, args...)
}

//go:build cuda

package cuda

import "genoveil/gpu"

// TileWidth is the number of consecutive positions that tile-major arrays keep
// together for all samples.
const TileWidth = 64

// Uniform writes the public residues of seeds [chunk][8], as kernels/cpu/sampling.Uniform does:
// dst[chunk][prime][tile][sample][TileWidth], where the ciphertext number is the
// sample. Primes are the ring's first. With one sample that is [chunk][prime][N] of
// ciphertext 0.
func (r *Ring) Uniform(s *gpu.Stream, dst, seeds gpu.Words, chunks, primes, samples int) error {
	r.check(dst, chunks*primes*samples*r.N)
	r.check(seeds, 8*chunks)
	return s.Launch("uniform", r.blocks(primes, chunks, samples), dst, seeds, r.table, uint32(r.N), uint32(samples))
}

// blocks is the grid of kernels that make one ChaCha20 block a thread.
func (r *Ring) blocks(primes, chunks, samples int) gpu.Grid {
	return gpu.Grid{Blocks: [3]int{ceil(r.N/16*samples, 128), primes, chunks}, Threads: [3]int{128}}
}

// check panics where words do not hold what a launch takes.
func (r *Ring) check(words gpu.Words, n int) {
	if words.Len() < n {
		panic("cuda: an array is shorter than the launch needs")
	}
}

//go:build cuda

package cuda

import "genoveil/gpu"

// floorThreads is the block size of the kernels in floors.cu.
const floorThreads = 256

// FloorCopy copies words, a multiple of four, as fast as the memory allows.
func FloorCopy(s *gpu.Stream, dst, src gpu.Words, processors int) error {
	g := gpu.Grid{Blocks: [3]int{processors * 8}, Threads: [3]int{floorThreads}}
	return s.Launch("floor_copy", g, dst, src, uint64(src.Len()/4))
}

// FloorMultiply multiplies words in registers, 16·rounds times a thread and as many
// threads as 64-bit words in out, which is a multiple of 512 words.
func FloorMultiply(s *gpu.Stream, out gpu.Words, rounds int) error {
	g := gpu.Grid{Blocks: [3]int{out.Len() / 2 / floorThreads}, Threads: [3]int{floorThreads}}
	return s.Launch("floor_multiply", g, out, uint32(0x9e3779b9), uint32(rounds))
}

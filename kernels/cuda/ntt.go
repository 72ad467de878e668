//go:build cuda

package cuda

import (
	"fmt"

	"genoveil/gpu"
)

// maxOnePass is the largest degree that is transformed in one pass, in shared memory. Larger
// rings take a pass over columns of `columns` words first, in registers, and then
// transform what are `columns` smaller polynomials.
const (
	maxOnePass = 14
	columns    = 32
	logColumns = 5
	perThread  = 32 // words of a thread
)

// Forward transforms the polynomials of rows in place: N words each, row i modulo prime
// first + i%count. The order is that of kernels/cpu. Residues are reduced before and
// after.
func (r *Ring) Forward(s *gpu.Stream, rows gpu.Words, first, count int) error {
	n := rows.Len() / r.N
	if r.LogN > maxOnePass {
		if err := s.Launch("forward_columns", r.columnsGrid(n), rows, r.primesFrom(first), count, r.LogN); err != nil {
			return err
		}
	}
	return s.Launch(r.kernel("forward"), r.transforms(n), rows, r.primesFrom(first), count, r.logParts())
}

// Inverse undoes Forward.
func (r *Ring) Inverse(s *gpu.Stream, rows gpu.Words, first, count int) error {
	return r.inverse(s, rows, count*r.N, rows, count*r.N, rows.Len()/r.N, first, count)
}

// inverse transforms n rows, `count` of each polynomial, which begin dstStride and
// srcStride words apart.
func (r *Ring) inverse(s *gpu.Stream, dst gpu.Words, dstStride int, src gpu.Words, srcStride, n, first, count int) error {
	err := s.Launch(r.kernel("inverse"), r.transforms(n), dst, dstStride, src, srcStride, r.primesFrom(first), count, r.logParts())
	if err != nil || r.LogN <= maxOnePass {
		return err
	}
	return s.Launch("inverse_columns", r.columnsGrid(n), dst, dstStride, r.primesFrom(first), count, r.LogN)
}

// logParts is the binary logarithm of the number of smaller transforms of a row, after
// the pass over columns.
func (r *Ring) logParts() int {
	if r.LogN > maxOnePass {
		return logColumns
	}
	return 0
}

// kernel is the name of a kernel for the transforms of one pass.
func (r *Ring) kernel(name string) string { return fmt.Sprintf("%s_%d", name, r.LogN-r.logParts()) }

// transforms is the shape of a launch that transforms so many rows: a block for each.
func (r *Ring) transforms(rows int) gpu.Grid {
	log := r.LogN - r.logParts()
	words := 1 << log
	return gpu.Grid{
		Blocks:  [3]int{rows << r.logParts()},
		Threads: [3]int{words / perThread},
		Shared:  4 * (words + words>>lastStages(log)),
	}
}

// lastStages is the number of stages of the last of the passes through registers, in
// which padding keeps words of neighbouring threads in different banks (ntt.cuh).
func lastStages(log int) int {
	if log == 10 {
		return 5
	}
	return (log - 5) / 2
}

func (r *Ring) columnsGrid(rows int) gpu.Grid {
	return gpu.Grid{Blocks: [3]int{r.N / columns / 128, rows}, Threads: [3]int{128}}
}

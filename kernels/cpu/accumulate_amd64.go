//go:build !noasm

package cpu

import "genoveil/kernels/cpu/level"

// The routines take as many columns as their names say, from a list of column
// numbers; strides are words, dStride from one sample of d to the next.

//go:noescape
func accumulate1AVX512(sums *uint32, columnStride, componentStride int, c0, c1, d *uint32, columns *int, dStride, samples int, barrett uint64, q uint32)

//go:noescape
func accumulate2AVX512(sums *uint32, columnStride, componentStride int, c0, c1, d *uint32, columns *int, dStride, samples int, barrett uint64, q uint32)

//go:noescape
func accumulate3AVX512(sums *uint32, columnStride, componentStride int, c0, c1, d *uint32, columns *int, dStride, samples int, barrett uint64, q uint32)

//go:noescape
func accumulate1AVX2(sums *uint32, columnStride, componentStride int, c0, c1, d *uint32, columns *int, dStride, samples int, barrett uint64, q uint32)

// accumulateVector does Accumulate's work if the processor allows.
func (m Modulus) accumulateVector(sums []uint32, columnStride, componentStride int, c0, c1, d []uint32, columns []int, total int) bool {
	if level.Best() == level.Portable {
		return false
	}
	for k := 0; k < len(columns); {
		kernel, width := accumulate1AVX2, 1
		if level.Best() == level.AVX512 {
			switch width = min(3, len(columns)-k); width {
			case 1:
				kernel = accumulate1AVX512
			case 2:
				kernel = accumulate2AVX512
			case 3:
				kernel = accumulate3AVX512
			}
		}
		kernel(&sums[k*columnStride], columnStride, componentStride, &c0[0], &c1[0], &d[0], &columns[k],
			total*2*tileWidth, len(c0)/tileWidth, m.barrett, m.Q)
		k += width
	}
	return true
}

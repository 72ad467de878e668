package cpu

const (
	// tileWidth is the number of positions that Accumulate takes: a row of
	// 64 words, four vectors of AVX-512.
	tileWidth = 64

	// maxSamples bounds the samples of Accumulate. The vector routines sum
	// (c0+c1)·(d0+d1) ≤ (2(q−1))², and 64·(2(2^28−2))² < 2^64, so no word overflows
	// for any modulus; 65 would not fit for the largest.
	maxSamples = 64
)

// Accumulate adds (c0, c1) ⊗ (d0, d1), summed over up to 64 samples, to the
// reduced sums of several columns for one tile of 64 positions. With C the
// componentStride and k the place of a column in columns, it adds
//
//	Σ c0·d0           to sums[k·columnStride:][:64],
//	Σ c0·d1 + c1·d0   to sums[k·columnStride+C:][:64],
//	Σ c1·d1           to sums[k·columnStride+2C:][:64],
//
// modulo q, the strides being words. c0 and c1 hold one row of 64 residues a sample:
// [sample][64]. d holds [sample][column][2][64]; the number of its columns follows
// from its length, and columns are those to take, in any order. All residues are
// reduced, before and after.
func (m Modulus) Accumulate(sums []uint32, columnStride, componentStride int, c0, c1, d []uint32, columns []int) {
	if len(c0) == 0 || len(columns) == 0 {
		return
	}
	samples, total := len(c0)/tileWidth, len(d)/(2*len(c0))
	if samples > maxSamples || len(c0) != samples*tileWidth || len(c1) != len(c0) || len(d) != 2*total*len(c0) {
		panic("cpu: rows of samples and columns that do not make a tile of at most 64 samples")
	}
	for k, column := range columns {
		_ = sums[k*columnStride:][componentStride:][componentStride:][tileWidth-1]
		if uint(column) >= uint(total) {
			panic("cpu: no such column in the tile")
		}
	}
	if !m.accumulateVector(sums, columnStride, componentStride, c0, c1, d, columns, total) {
		m.accumulatePortable(sums, columnStride, componentStride, c0, c1, d, columns, total)
	}
}

func (m Modulus) accumulatePortable(sums []uint32, columnStride, componentStride int, c0, c1, d []uint32, columns []int, total int) {
	const T = tileWidth
	for k, column := range columns {
		var acc [3][T]uint64
		for s := range len(c0) / T {
			x0, x1 := c0[s*T:][:T], c1[s*T:][:T]
			row := d[(s*total+column)*2*T:]
			y0, y1 := row[:T], row[T:2*T]
			for j := range T {
				u0, u1 := uint64(x0[j]), uint64(x1[j])
				v0, v1 := uint64(y0[j]), uint64(y1[j])
				acc[0][j] += u0 * v0
				acc[1][j] += u0*v1 + u1*v0
				acc[2][j] += u1 * v1
			}
		}
		for component := range acc {
			sum := sums[k*columnStride+component*componentStride:][:T]
			for j, x := range acc[component] {
				sum[j] = m.Add(sum[j], m.Reduce(x))
			}
		}
	}
}

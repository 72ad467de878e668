package genomics

import (
	"encoding/binary"
	"math/bits"
)

// Count returns the genotype counts of the first n samples of the row.
func (r Row) Count(n int) Counts {
	const lowBits = 0x5555555555555555
	var c Counts
	i := 0
	for ; i+32 <= n; i += 32 {
		word := binary.LittleEndian.Uint64(r[i/4:])
		low, high := word&lowBits, word>>1&lowBits
		c[Het] += bits.OnesCount64(low &^ high)
		c[HomAlt] += bits.OnesCount64(high &^ low)
		c[Missing] += bits.OnesCount64(low & high)
	}
	c[HomRef] = i - c[Het] - c[HomAlt] - c[Missing]
	for ; i < n; i++ {
		c[r.At(i)]++
	}
	return c
}

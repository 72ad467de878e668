package simulate

import (
	"math/bits"

	"genoveil/genomics"
)

// haplotypes are the two chromosomes of every sample at the present site. Each
// is a point on a circle of 2¹⁶ points, uniformly distributed and independent of
// all others. It stays where it is from site to site until a recombination puts
// it elsewhere. At a site whose ALT has frequency f, the points of some arc of
// length f carry ALT. So frequencies are as wanted; between two sites without
// recombination r² is what two random arcs have (0.2 on average for common
// alleles, up to 1, of either sign); and with recombination it falls off as the
// square of the probability to have escaped it.
type haplotypes struct {
	random stream
	point  []uint16 // of sample i: elements 2i and 2i+1
}

func newHaplotypes(o Options) *haplotypes {
	return &haplotypes{newStream(o.Seed, haplotypeStream), make([]uint16, 2*o.Samples)}
}

// advance goes on to the next site and stores its genotypes in row.
func (h *haplotypes) advance(at *site, row genomics.Row) {
	h.recombine(at)
	arc := uint16(h.random.Uint64())
	clear(row)
	full := len(h.point) / 8
	for i := range row[:full] {
		p := h.point[8*i : 8*i+8 : 8*i+8]
		row[i] = carries(p[0], arc, at.alt) + carries(p[1], arc, at.alt) +
			(carries(p[2], arc, at.alt)+carries(p[3], arc, at.alt))<<2 +
			(carries(p[4], arc, at.alt)+carries(p[5], arc, at.alt))<<4 +
			(carries(p[6], arc, at.alt)+carries(p[7], arc, at.alt))<<6
	}
	for i := 4 * full; i < len(h.point)/2; i++ {
		row.Set(i, carries(h.point[2*i], arc, at.alt)+carries(h.point[2*i+1], arc, at.alt))
	}
}

// carries returns 1 if a point is on the arc of the given length that begins at
// −arc, 0 if not. It has no branch because no branch could be predicted.
func carries(point, arc uint16, length uint32) byte {
	return byte((uint32(point+arc) - length) >> 31)
}

func (h *haplotypes) recombine(at *site) {
	if at.first {
		for i := range h.point {
			h.point[i] = uint16(h.random.Uint64())
		}
		return
	}
	for start := 0; start < len(h.point); start += 64 {
		broken := h.random.bernoulli(at.broken)
		if left := len(h.point) - start; left < 64 {
			broken &= 1<<left - 1
		}
		for ; broken != 0; broken &= broken - 1 {
			h.point[start+bits.TrailingZeros64(broken)] = uint16(h.random.Uint64())
		}
	}
}

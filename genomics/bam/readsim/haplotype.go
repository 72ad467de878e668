package readsim

import (
	"math/rand/v2"
	"sort"

	"github.com/biogo/hts/sam"
)

// A haplotype is one copy of a contig.
type haplotype struct {
	bases  []byte // with the SNVs, in reference coordinates
	indels []indel
}

// haplotypes draws a sample's two copies of a contig.
func (c *Cohort) haplotypes(k *contig, sample int, random *rand.Rand) (h [2]haplotype) {
	for i := range h {
		h[i].bases = append([]byte(nil), k.bases...)
		for _, d := range k.indels {
			if random.Float64() < d.frequency {
				h[i].indels = append(h[i].indels, d)
			}
		}
	}
	for i := k.first; i < k.last; i++ {
		first := random.IntN(2)
		for n := range c.Truth[i].At(sample) {
			h[(first+int(n))%2].bases[c.Sites[i].Pos-1] = c.Sites[i].Alt[0]
		}
	}
	return h
}

// anchor is how many bases must match beyond an indel for an aligner to find it;
// fewer are clipped.
const anchor = 6

// read copies length bases from the 0-based position pos on. It returns where
// their alignment begins, and the alignment as an aligner would write it.
func (h *haplotype) read(pos, length int) (start int, cigar sam.Cigar, seq []byte) {
	next := sort.Search(len(h.indels), func(i int) bool { return h.indels[i].pos >= pos })
	start = pos
	run := 0
	for len(seq) < length && pos < len(h.bases) {
		seq = append(seq, h.bases[pos])
		run++
		if next < len(h.indels) && h.indels[next].pos == pos && len(seq) < length {
			d := h.indels[next]
			cigar = append(cigar, sam.NewCigarOp(sam.CigarMatch, run))
			run = 0
			if d.deleted > 0 {
				cigar = append(cigar, sam.NewCigarOp(sam.CigarDeletion, d.deleted))
				pos += d.deleted
			} else {
				n := min(len(d.inserted), length-len(seq))
				cigar = append(cigar, sam.NewCigarOp(sam.CigarInsertion, n))
				seq = append(seq, d.inserted[:n]...)
			}
			next++
		}
		pos++
	}
	if run > 0 {
		cigar = append(cigar, sam.NewCigarOp(sam.CigarMatch, run))
	}
	cigar = clipEnd(cigar)
	cigar, skipped := clipBegin(cigar)
	return start + skipped, cigar, seq
}

// clipEnd clips what follows the last indel where it is too short to be found.
func clipEnd(cigar sam.Cigar) sam.Cigar {
	clipped := 0
	for n := len(cigar); n > 1; n = len(cigar) {
		if last := cigar[n-1]; last.Type() == sam.CigarMatch && last.Len()+clipped >= anchor {
			break
		}
		if cigar[n-1].Type() != sam.CigarDeletion {
			clipped += cigar[n-1].Len()
		}
		cigar = cigar[:n-1]
	}
	if clipped > 0 {
		cigar = append(cigar, sam.NewCigarOp(sam.CigarSoftClipped, clipped))
	}
	return cigar
}

// clipBegin is clipEnd for the other end. It returns how many bases of the
// reference the alignment has lost.
func clipBegin(cigar sam.Cigar) (sam.Cigar, int) {
	clipped, skipped := 0, 0
	for len(cigar) > 1 {
		first := cigar[0]
		if first.Type() == sam.CigarMatch && first.Len()+clipped >= anchor || cigar[1].Type() == sam.CigarSoftClipped {
			break
		}
		switch first.Type() {
		case sam.CigarMatch:
			clipped += first.Len()
			skipped += first.Len()
		case sam.CigarInsertion:
			clipped += first.Len()
		case sam.CigarDeletion:
			skipped += first.Len()
		}
		cigar = cigar[1:]
	}
	if clipped > 0 {
		cigar = append(sam.Cigar{sam.NewCigarOp(sam.CigarSoftClipped, clipped)}, cigar...)
	}
	return cigar, skipped
}

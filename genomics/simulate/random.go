package simulate

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// Each kind of thing has random numbers of its own, so that, say, another share
// of missing calls leaves the genotypes beside them as they were.
const (
	siteStream = iota
	haplotypeStream
	missingStream
	traitStream
	imputationStream
)

// A stream is an endless row of random bits. The methods of rand.Rand are not
// used because their algorithms may change with the version of Go.
type stream struct{ *rand.ChaCha8 }

func newStream(seed uint64, kind byte) stream {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	key[8] = kind
	return stream{rand.NewChaCha8(key)}
}

// below returns a number in [0, n). A value's probability is off 1/n by less
// than 2⁻⁶⁴.
func (s stream) below(n uint64) uint64 {
	hi, _ := bits.Mul64(s.Uint64(), n)
	return hi
}

// bernoulli returns 64 bits that are each 1 with probability p/2³². Each bit
// stands for the comparison of a random 32-bit number with p, the highest binary
// digit first; a comparison is decided at the first digit in which the two
// differ. About eight random words decide all 64.
func (s stream) bernoulli(p uint32) uint64 {
	less, equal := uint64(0), ^uint64(0)
	for ; p != 0 && equal != 0; p <<= 1 {
		digit := s.Uint64()
		if p>>31 == 1 {
			less |= equal &^ digit
			equal &= digit
		} else {
			equal &^= digit
		}
	}
	return less
}

// normal returns a deviate with mean 0 and variance 1, close to normal up to
// three standard deviations: the sum of twelve uniform ones, less six.
func (s stream) normal() float64 {
	sum := int64(-6 << 32)
	for range 6 {
		r := s.Uint64()
		sum += int64(r>>32) + int64(r&0xffffffff)
	}
	return float64(sum) / (1 << 32)
}

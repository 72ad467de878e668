//go:build !noasm

package sampling

import (
	"math/bits"

	"genoveil/kernels/cpu"
	"genoveil/kernels/cpu/level"
)

// uniformLanes is what the assembly needs of a group of blocks, one in each lane
// of its vectors. The assembly knows the offsets.
type uniformLanes struct {
	state      [16]uint32 // first words of the blocks; 12 and 13 are in the next two
	counter    [16]uint32 // word 12, by lane
	ciphertext [16]uint32 // word 13, by lane

	counterStep, ciphertextStep uint32 // from one group to the next
	q, mask                     uint32
}

// uniformAVX512 writes groups of 16 blocks until it has written all of them or
// one with a candidate of at least q. It returns how many it wrote and which
// blocks of the last one hold such candidates (bit i: block i); word w of that
// block is then raw[16·w+i]. Counters and ciphertexts move on.
//
//go:noescape
func uniformAVX512(dst *uint32, raw *[256]uint32, l *uniformLanes, groups int) (written int, rejected uint32)

// uniformAVX2 does the same with groups of 8 blocks, and raw[8·w+i].
//
//go:noescape
func uniformAVX2(dst *uint32, raw *[256]uint32, l *uniformLanes, groups int) (written int, rejected uint32)

// fillVector does fillPortable's work if the rows fit the vectors: a single row of
// any length, or rows that divide a vector's lanes evenly.
func (u *Uniform) fillVector(dst []uint32, m cpu.Modulus, b blocks) bool {
	if level.Best() == level.Portable {
		return false
	}
	lanes := 16
	if level.Best() == level.AVX2 {
		lanes = 8
	}
	count := len(dst) / 16
	if count == 0 {
		return true
	}
	l := u.newLanes(m, b, lanes)
	switch {
	case count <= b.width:
		l.counterStep = uint32(lanes)
	case lanes%b.width == 0:
		l.ciphertextStep = uint32(lanes / b.width)
	default:
		return false
	}
	var raw [256]uint32
	whole := count / lanes * lanes
	u.fillGroups(dst[:16*whole], m, b, 0, lanes, &l, &raw)
	if whole < count {
		var last [256]uint32
		u.fillGroups(last[:16*lanes], m, b, whole, lanes, &l, &raw)
		copy(dst[16*whole:], last[:])
	}
	return true
}

// newLanes is set to the first of the blocks.
func (u *Uniform) newLanes(m cpu.Modulus, b blocks, lanes int) uniformLanes {
	l := uniformLanes{q: m.Q, mask: 1<<bits.Len32(m.Q) - 1}
	l.state = [16]uint32{chacha0, chacha1, chacha2, chacha3, 14: b.prime}
	copy(l.state[4:], u.key[:])
	for i := range lanes {
		l.ciphertext[i], l.counter[i] = b.at(i)
	}
	return l
}

// fillGroups writes blocks number k, k+1, … in whole groups.
func (u *Uniform) fillGroups(dst []uint32, m cpu.Modulus, b blocks, k, lanes int, l *uniformLanes, raw *[256]uint32) {
	for len(dst) > 0 {
		var written int
		var rejected uint32
		if lanes == 16 {
			written, rejected = uniformAVX512(&dst[0], raw, l, len(dst)/256)
		} else {
			written, rejected = uniformAVX2(&dst[0], raw, l, len(dst)/128)
		}
		k += written * lanes
		for ; rejected != 0; rejected &= rejected - 1 {
			i := bits.TrailingZeros32(rejected)
			var block [16]uint32
			for w := range block {
				block[w] = raw[lanes*w+i]
			}
			ciphertext, counter := b.at(k - lanes + i)
			u.redraw(dst[16*(written*lanes-lanes+i):][:16], &block, m, ciphertext, b.prime, counter)
		}
		dst = dst[16*written*lanes:]
	}
}

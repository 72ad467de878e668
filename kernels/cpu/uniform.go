package cpu

import (
	"encoding/binary"
	"math/bits"
)

// chachaBlock writes the 16 words of one ChaCha20 block (RFC 8439, section
// 2.3) for a 256-bit key, a 96-bit nonce and a 32-bit counter.
func chachaBlock(out *[16]uint32, key *[8]uint32, n0, n1, n2, counter uint32) {
	const c0, c1, c2, c3 = 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574
	x0, x1, x2, x3 := uint32(c0), uint32(c1), uint32(c2), uint32(c3)
	x4, x5, x6, x7 := key[0], key[1], key[2], key[3]
	x8, x9, x10, x11 := key[4], key[5], key[6], key[7]
	x12, x13, x14, x15 := counter, n0, n1, n2
	for range 10 {
		x0, x4, x8, x12 = quarterRound(x0, x4, x8, x12)
		x1, x5, x9, x13 = quarterRound(x1, x5, x9, x13)
		x2, x6, x10, x14 = quarterRound(x2, x6, x10, x14)
		x3, x7, x11, x15 = quarterRound(x3, x7, x11, x15)
		x0, x5, x10, x15 = quarterRound(x0, x5, x10, x15)
		x1, x6, x11, x12 = quarterRound(x1, x6, x11, x12)
		x2, x7, x8, x13 = quarterRound(x2, x7, x8, x13)
		x3, x4, x9, x14 = quarterRound(x3, x4, x9, x14)
	}
	*out = [16]uint32{
		x0 + c0, x1 + c1, x2 + c2, x3 + c3,
		x4 + key[0], x5 + key[1], x6 + key[2], x7 + key[3],
		x8 + key[4], x9 + key[5], x10 + key[6], x11 + key[7],
		x12 + counter, x13 + n0, x14 + n1, x15 + n2,
	}
}

func quarterRound(a, b, c, d uint32) (uint32, uint32, uint32, uint32) {
	a += b
	d = bits.RotateLeft32(d^a, 16)
	c += d
	b = bits.RotateLeft32(b^c, 12)
	a += b
	d = bits.RotateLeft32(d^a, 8)
	c += d
	b = bits.RotateLeft32(b^c, 7)
	return a, b, c, d
}

// A Uniform is a public stream of residues, random access by (ciphertext,
// prime, coefficient). It makes the seeded halves of ciphertexts.
//
// Coefficients 16c … 16c+15 of prime number l of ciphertext number i come from
// the ChaCha20 block with nonce (i, l, 0) and counter c. Each word gives its low
// bits as a candidate; a candidate of at least q is replaced by the next one
// from the block's reserve: first the spare high bits of the 16 words, joined
// from word 0 up with the lowest bit first and cut into further candidates; then
// the words of blocks with nonce (i, l, 1), (i, l, 2), … and the same counter,
// in order. The reserve serves the rejected words in their order, so every bit
// of keystream is used at most once and (i, l, c, redraw) maps one-to-one to
// blocks.
//
// The spare bits matter on GPUs, where a redraw from a fresh block would stall
// its whole warp; at 28 bits they hold two candidates, and a block wants a third
// about once in 10^7.
type Uniform struct{ key [8]uint32 }

// NewUniform returns the stream of a 32-byte seed.
func NewUniform(seed *[32]byte) *Uniform {
	u := new(Uniform)
	for i := range u.key {
		u.key[i] = binary.LittleEndian.Uint32(seed[4*i:])
	}
	return u
}

// Fill writes coefficients first … first+len(dst)−1 of the given ciphertext and
// prime index, in [0, q). first and len(dst) are multiples of 16.
func (u *Uniform) Fill(dst []uint32, m Modulus, ciphertext, prime uint32, first int) {
	width := bits.Len32(m.Q)
	mask := uint32(1)<<width - 1
	var block [16]uint32
	for counter := uint32(first / 16); len(dst) > 0; counter, dst = counter+1, dst[16:] {
		chachaBlock(&block, &u.key, ciphertext, prime, 0, counter)
		rejected := uint32(0)
		for i, w := range block {
			w &= mask
			dst[i] = w
			rejected |= (m.Q - 1 - w) >> 31 // 1 where w ≥ q, for q < 2^31
		}
		if rejected != 0 {
			u.redraw(dst[:16], &block, m, ciphertext, prime, counter)
		}
	}
}

// redraw replaces the candidates of at least q from the block's reserve.
func (u *Uniform) redraw(dst []uint32, block *[16]uint32, m Modulus, ciphertext, prime, counter uint32) {
	width := bits.Len32(m.Q)
	mask := uint32(1)<<width - 1
	reserve := make([]uint32, 0, 32)

	var held uint64
	var heldBits int
	for _, w := range block {
		held |= uint64(w>>width) << heldBits
		heldBits += 32 - width
		for heldBits >= width {
			reserve = append(reserve, uint32(held)&mask)
			held >>= width
			heldBits -= width
		}
	}
	redraw, next := uint32(0), 0
	for i := range dst {
		for dst[i] >= m.Q {
			if next == len(reserve) {
				redraw++
				var more [16]uint32
				chachaBlock(&more, &u.key, ciphertext, prime, redraw, counter)
				for _, w := range more {
					reserve = append(reserve, w&mask)
				}
			}
			dst[i] = reserve[next]
			next++
		}
	}
}

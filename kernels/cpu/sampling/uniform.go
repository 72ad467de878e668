package sampling

import (
	"encoding/binary"
	"math/bits"

	"genoveil/kernels/cpu"
)

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
func (u *Uniform) Fill(dst []uint32, m cpu.Modulus, ciphertext, prime uint32, first int) {
	b := blocks{ciphertext: ciphertext, prime: prime, counter: uint32(first / 16), width: len(dst) / 16}
	if !u.fillVector(dst, m, b) {
		u.fillPortable(dst, m, b)
	}
}

// FillTile writes coefficients first … first+width−1 of ciphertexts 0, 1, … and
// the given prime index, one row of `width` words a ciphertext, in [0, q). first
// and width are multiples of 16. It equals Fill row by row, but keeps all lanes of
// the vectors busy where a row has fewer blocks than a vector has lanes.
func (u *Uniform) FillTile(dst []uint32, m cpu.Modulus, prime uint32, first, width int) {
	b := blocks{prime: prime, counter: uint32(first / 16), width: width / 16}
	if u.fillVector(dst, m, b) {
		return
	}
	for ; len(dst) > 0; b.ciphertext, dst = b.ciphertext+1, dst[width:] {
		u.Fill(dst[:width], m, b.ciphertext, prime, first)
	}
}

// blocks are blocks of the stream: rows of consecutive ciphertexts, each of
// `width` blocks with counters from `counter` up.
type blocks struct {
	ciphertext, prime, counter uint32
	width                      int
}

// at is the ciphertext and counter of block number k.
func (b blocks) at(k int) (ciphertext, counter uint32) {
	return b.ciphertext + uint32(k/b.width), b.counter + uint32(k%b.width)
}

func (u *Uniform) fillPortable(dst []uint32, m cpu.Modulus, b blocks) {
	width := bits.Len32(m.Q)
	mask := uint32(1)<<width - 1
	var block [16]uint32
	for k := range len(dst) / 16 {
		ciphertext, counter := b.at(k)
		chachaBlock(&block, &u.key, ciphertext, b.prime, 0, counter)
		row := dst[16*k:][:16]
		rejected := uint32(0)
		for i, w := range block {
			w &= mask
			row[i] = w
			rejected |= (m.Q - 1 - w) >> 31 // 1 where w ≥ q, for q < 2^31
		}
		if rejected != 0 {
			u.redraw(row, &block, m, ciphertext, b.prime, counter)
		}
	}
}

// redraw replaces the candidates of at least q from the block's reserve.
func (u *Uniform) redraw(dst []uint32, block *[16]uint32, m cpu.Modulus, ciphertext, prime, counter uint32) {
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

package cpu

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// BinomialPairs is the number of coin pairs of the error distribution: the
// centred binomial with variance 21/2, σ = 3.24, which is what the homomorphic
// encryption standard asks for (σ ≥ 3.2).
const BinomialPairs = 21

// Errors is a secret stream of centred-binomial errors from AES-256-CTR under a
// key from the operating system. It is not safe for concurrent use: every
// worker makes its own.
type Errors struct {
	stream cipher.Stream
	buf    [4096]byte
}

// NewErrors seeds a stream from the operating system.
func NewErrors() (*Errors, error) {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, fmt.Errorf("no randomness from the operating system: %w", err)
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return &Errors{stream: cipher.NewCTR(block, make([]byte, aes.BlockSize))}, nil
}

// Fill writes len(dst) errors in [−21, 21]. It takes the same time whatever the
// values: two population counts a value, no branch and no table.
func (e *Errors) Fill(dst []int32) {
	for len(dst) > 0 {
		clear(e.buf[:])
		e.stream.XORKeyStream(e.buf[:], e.buf[:])
		n := min(len(dst), len(e.buf)/8)
		for i := range dst[:n] {
			dst[i] = binomial(binary.LittleEndian.Uint64(e.buf[8*i:]))
		}
		dst = dst[n:]
	}
}

func binomial(w uint64) int32 {
	const mask = 1<<BinomialPairs - 1
	return int32(bits.OnesCount32(uint32(w)&mask)) - int32(bits.OnesCount32(uint32(w>>32)&mask))
}

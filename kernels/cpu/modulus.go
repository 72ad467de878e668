// Package cpu holds the inner loops of the CPU engine: arithmetic on arrays of
// residues modulo primes below 2^28, the number-theoretic transform and the
// multiply-accumulate over samples. It knows neither ciphertexts nor what they hold.
//
// Residues are uint32 in [0, q) unless a function says otherwise. Primes are below 2^28. So
// 16q fits in 32 bits (lazy butterflies), a product fits in 56 bits, and 256 products fit
// in a 64-bit accumulator.
package cpu

import (
	"fmt"
	"math/big"
	"math/bits"
)

// MaxModulusBits is the widest prime that the kernels take.
const MaxModulusBits = 28

// A Modulus is a prime q < 2^28 with the constants for reducing modulo it.
type Modulus struct {
	Q uint32

	// floor(2^64 / q), for Barrett reduction of any 64-bit word.
	barrett uint64

	// −1/q mod 2^32, for Montgomery reduction.
	negInv uint32
}

// NewModulus returns the modulus q, which must be an odd prime below 2^28.
func NewModulus(q uint32) (Modulus, error) {
	if bits.Len32(q) > MaxModulusBits || q < 3 || !big.NewInt(int64(q)).ProbablyPrime(0) {
		return Modulus{}, fmt.Errorf("%d is not an odd prime below 2^%d", q, MaxModulusBits)
	}
	inverse := q // modulo 8; Newton's iteration doubles the bits
	for range 4 {
		inverse *= 2 - q*inverse
	}
	return Modulus{Q: q, barrett: ^uint64(0) / uint64(q), negInv: -inverse}, nil
}

// Reduce returns x mod q for any x.
//
// The quotient estimate is at most one short: with b = floor(2^64/q),
// x·(2^64/q − b)/2^64 < 1, so the remainder estimate lies in [0, 2q).
func (m Modulus) Reduce(x uint64) uint32 {
	hi, _ := bits.Mul64(x, m.barrett)
	r := uint32(x - hi*uint64(m.Q))
	return min(r, r-m.Q)
}

// ReduceSigned returns x mod q in [0, q) for any signed x.
func (m Modulus) ReduceSigned(x int64) uint32 {
	sign := uint64(x >> 63)
	r := m.Reduce((uint64(x) ^ sign) - sign)
	return m.Neg(r)&uint32(sign) | r&^uint32(sign)
}

// Mul returns a·b mod q.
func (m Modulus) Mul(a, b uint32) uint32 { return m.Reduce(uint64(a) * uint64(b)) }

// Add returns a+b mod q for reduced a and b.
func (m Modulus) Add(a, b uint32) uint32 {
	r := a + b
	return min(r, r-m.Q)
}

// Sub returns a−b mod q for reduced a and b.
func (m Modulus) Sub(a, b uint32) uint32 {
	r := a - b
	return min(r, r+m.Q)
}

// Neg returns −a mod q for a reduced a.
func (m Modulus) Neg(a uint32) uint32 { return m.Sub(0, a) }

// Pow returns a^e mod q.
func (m Modulus) Pow(a uint32, e uint64) uint32 {
	r := uint32(1)
	for ; e > 0; e >>= 1 {
		if e&1 == 1 {
			r = m.Mul(r, a)
		}
		a = m.Mul(a, a)
	}
	return r
}

// Inv returns the inverse of a ≠ 0 modulo the prime q.
func (m Modulus) Inv(a uint32) uint32 { return m.Pow(a, uint64(m.Q)-2) }

// Shoup returns floor(w·2^32 / q), the companion of a constant w that makes
// multiplication by it cheap (V. Shoup's trick, see Harvey 2014, section 2).
func (m Modulus) Shoup(w uint32) uint32 { return uint32((uint64(w) << 32) / uint64(m.Q)) }

// mulShoupLazy returns a·w mod q in [0, 2q) for any 32-bit a.
func mulShoupLazy(a, w, ws, q uint32) uint32 {
	return a*w - uint32(uint64(a)*uint64(ws)>>32)*q
}

// Scale sets dst[i] = a[i]·w mod q. dst may be a.
func (m Modulus) Scale(dst, a []uint32, w uint32) {
	if !m.scaleVector(dst, a, w) {
		m.scalePortable(dst, a, w)
	}
}

func (m Modulus) scalePortable(dst, a []uint32, w uint32) {
	ws, q := m.Shoup(w), m.Q
	dst = dst[:len(a)]
	for i, x := range a {
		r := mulShoupLazy(x, w, ws, q)
		dst[i] = min(r, r-q)
	}
}

// AddVec sets dst[i] = a[i] + b[i] mod q.
func (m Modulus) AddVec(dst, a, b []uint32) {
	if !m.addVector(dst, a, b) {
		m.addPortable(dst, a, b)
	}
}

func (m Modulus) addPortable(dst, a, b []uint32) {
	dst, b = dst[:len(a)], b[:len(a)]
	for i, x := range a {
		r := x + b[i]
		dst[i] = min(r, r-m.Q)
	}
}

// MulVec sets dst[i] = a[i]·b[i] mod q.
func (m Modulus) MulVec(dst, a, b []uint32) {
	dst, b = dst[:len(a)], b[:len(a)]
	for i, x := range a {
		dst[i] = m.Reduce(uint64(x) * uint64(b[i]))
	}
}

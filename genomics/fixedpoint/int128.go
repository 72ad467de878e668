// Package fixedpoint has integers in place of fractions, such that sums are exact and the
// same in any order.
package fixedpoint

import (
	"fmt"
	"math"
	"math/bits"
)

// An Int128 is an integer of 128 bits, in two's complement.
type Int128 struct{ Lo, Hi uint64 }

// Plus adds modulo 2^128.
func (a Int128) Plus(b Int128) Int128 {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(a.Hi, b.Hi, carry)
	return Int128{lo, hi}
}

// Minus subtracts modulo 2^128.
func (a Int128) Minus(b Int128) Int128 {
	lo, borrow := bits.Sub64(a.Lo, b.Lo, 0)
	hi, _ := bits.Sub64(a.Hi, b.Hi, borrow)
	return Int128{lo, hi}
}

// Negative says whether the integer is below zero.
func (a Int128) Negative() bool { return int64(a.Hi) < 0 }

// limit bounds what Of takes: 2^120 in units, so that 128 sites' sum has its sign.
const limit = 120

// Of rounds x to a multiple of 2^-fraction, halves to even, and counts these. It is an error
// if x is not finite, or beyond what sums of 128 sites have room for.
func Of(x float64, fraction int) (Int128, error) {
	mantissa, exponent := math.Frexp(math.Abs(x)) // ½ ≤ mantissa < 1
	if math.IsNaN(x) || math.IsInf(x, 0) || exponent+fraction > limit {
		return Int128{}, fmt.Errorf("%g has no place in a sum in units of 2^-%d", x, fraction)
	}
	// x is an integer of 53 bits, shifted.
	whole, shift := uint64(math.Ldexp(mantissa, 53)), exponent-53+fraction
	var a Int128
	switch {
	case shift >= 64:
		a.Hi = whole << (shift - 64)
	case shift >= 0:
		a.Lo, a.Hi = whole<<shift, whole>>(64-shift)
	default:
		a.Lo = uint64(math.RoundToEven(math.Ldexp(float64(whole), shift)))
	}
	if x < 0 {
		a = Int128{}.Minus(a)
	}
	return a, nil
}

// Float is the integer in units of 2^-fraction, rounded to the nearest number.
func (a Int128) Float(fraction int) float64 {
	sign := 1.0
	if a.Negative() {
		a, sign = Int128{}.Minus(a), -1
	}
	n := 128 - bits.LeadingZeros64(a.Hi)
	if a.Hi == 0 {
		n = 64 - bits.LeadingZeros64(a.Lo)
	}
	if n > 64 {
		// The 64 highest bits, the last of which remembers whether any below is set, round
		// as all would.
		drop := n - 64
		top := a.Hi<<(64-drop) | a.Lo>>drop
		if a.Lo<<(64-drop) != 0 {
			top |= 1
		}
		return sign * math.Ldexp(float64(top), drop-fraction)
	}
	return sign * math.Ldexp(float64(a.Lo), -fraction)
}

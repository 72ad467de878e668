package assoc

import (
	"math"
	"strconv"
)

// A tie is as near as this to the middle between two fourth digits, in units of
// that digit, once scaled in floating point (whose error is below 1e-11).
const (
	maybeTie  = 1e-6  // close enough to look at the exact fraction
	surelyTie = 5e-11 // the margin within which PLINK takes a number for a tie
)

// appendRatio appends r as C's %.4g would print the exact value, a tie between
// two fourth digits going to the even one.
func appendRatio(dst []byte, r ratio) []byte {
	if r.num.isZero() {
		return append(dst, '0')
	}
	digits, exponent, rest := leadingDigits(r.float())
	up := rest > 0.5
	if math.Abs(rest-0.5) < maybeTie {
		above := r.compareTie(digits, exponent-3)
		up = above > 0 || above == 0 && digits%2 == 1
	}
	return appendDigits(dst, digits, exponent, up)
}

// appendFloat appends x ≥ 0 as C's %.4g would. A number that falls on a tie but
// for rounding noise counts as one, and goes to the even digit. Infinity and NaN
// are inf and nan.
func appendFloat(dst []byte, x float64) []byte {
	switch {
	case x == 0:
		return append(dst, '0')
	case math.IsInf(x, 0):
		return append(dst, "inf"...)
	case math.IsNaN(x):
		return append(dst, "nan"...)
	}
	digits, exponent, rest := leadingDigits(x)
	up := rest > 0.5
	if math.Abs(rest-0.5) < surelyTie {
		up = digits%2 == 1
	}
	return appendDigits(dst, digits, exponent, up)
}

// leadingDigits writes x > 0 as (digits + rest)·10^(exponent−3), where digits has
// four digits and 0 ≤ rest < 1. Next to a power of ten, rounding may make it
// 999.99… or 10000.00…, which appendDigits puts right.
func leadingDigits(x float64) (digits, exponent int, rest float64) {
	// Not math.Log10, which is wrong for subnormal numbers on some processors.
	exponent = int(math.Floor(math.Log2(x) * (math.Ln2 / math.Ln10)))
	scaled := scale(x, 3-exponent)
	digits = int(scaled)
	return digits, exponent, scaled - float64(digits)
}

// scale returns x·10^k, also where 10^k alone would be infinite.
func scale(x float64, k int) float64 {
	switch {
	case k < 0:
		return x / math.Pow10(-k)
	case k > 300:
		return x * 1e300 * math.Pow10(k-300)
	}
	return x * math.Pow10(k)
}

// appendDigits appends digits·10^(exponent−3), or with one more in the last place
// if up is set, in the style of %.4g: exponents from −4 to 3 are written out, and
// zeros at the end of a fraction are left off.
func appendDigits(dst []byte, digits, exponent int, up bool) []byte {
	if up {
		digits++
	}
	if digits == 10000 {
		digits = 1000
		exponent++
	}
	var four [4]byte
	for i := 3; i >= 0; i-- {
		four[i] = byte('0' + digits%10)
		digits /= 10
	}
	significant := 4
	for significant > 1 && four[significant-1] == '0' {
		significant--
	}
	switch {
	case exponent < -4 || exponent > 3:
		dst = appendPoint(dst, four[:significant], 1)
		sign := byte('+')
		if exponent < 0 {
			sign = '-'
		}
		dst = append(dst, 'e', sign)
		exponent = max(exponent, -exponent)
		if exponent < 10 {
			dst = append(dst, '0')
		}
		return strconv.AppendInt(dst, int64(exponent), 10)
	case exponent < 0:
		dst = append(dst, "0.000"[:1-exponent]...)
		return append(dst, four[:significant]...)
	default:
		return appendPoint(dst, four[:max(significant, exponent+1)], exponent+1)
	}
}

// appendPoint appends digits with a point after the first whole of them, unless
// that is the end.
func appendPoint(dst, digits []byte, whole int) []byte {
	dst = append(dst, digits[:whole]...)
	if whole == len(digits) {
		return dst
	}
	dst = append(dst, '.')
	return append(dst, digits[whole:]...)
}

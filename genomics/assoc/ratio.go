package assoc

import (
	"math/big"
	"math/bits"
)

// wide is an unsigned 128-bit integer. Its arithmetic does not watch for
// overflow; MaxSamples keeps every statistic in range.
type wide struct{ hi, lo uint64 }

// product returns x·y.
func product(x, y uint64) wide {
	hi, lo := bits.Mul64(x, y)
	return wide{hi, lo}
}

func (w wide) times(y uint64) wide {
	hi, lo := bits.Mul64(w.lo, y)
	return wide{hi + w.hi*y, lo}
}

func (w wide) plus(v wide) wide {
	lo, carry := bits.Add64(w.lo, v.lo, 0)
	hi, _ := bits.Add64(w.hi, v.hi, carry)
	return wide{hi, lo}
}

func (w wide) isZero() bool { return w == wide{} }

// float returns w with a relative error of at most 2⁻⁵².
func (w wide) float() float64 { return float64(w.hi)*(1<<64) + float64(w.lo) }

func (w wide) big() *big.Int {
	x := new(big.Int).SetUint64(w.hi)
	return x.Lsh(x, 64).Or(x, new(big.Int).SetUint64(w.lo))
}

// ratio is a non-negative fraction. Its denominator is not zero.
type ratio struct{ num, den wide }

// fraction returns num/den.
func fraction(num, den uint64) ratio { return ratio{wide{lo: num}, wide{lo: den}} }

// float returns r with a relative error below 1e-15.
func (r ratio) float() float64 { return r.num.float() / r.den.float() }

// compareTie returns the sign of r − (d + ½)·10^k.
func (r ratio) compareTie(d, k int) int {
	left := r.num.big()
	left.Lsh(left, 1)
	right := new(big.Int).Mul(r.den.big(), big.NewInt(int64(2*d+1)))
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(k, -k))), nil)
	if k < 0 {
		left.Mul(left, power)
	} else {
		right.Mul(right, power)
	}
	return left.Cmp(right)
}

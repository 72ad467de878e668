package fixedpoint

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func (a Int128) big() *big.Int {
	x := new(big.Int).SetUint64(a.Hi)
	x.Or(x.Lsh(x, 64), new(big.Int).SetUint64(a.Lo))
	if a.Negative() {
		x.Sub(x, new(big.Int).Lsh(big.NewInt(1), 128))
	}
	return x
}

// slowOf rounds with numbers of any size.
func slowOf(x float64, fraction int) *big.Int {
	r := new(big.Rat).SetFloat64(math.Abs(x))
	two := new(big.Int).Lsh(big.NewInt(1), uint(max(fraction, -fraction)))
	if fraction >= 0 {
		r.Mul(r, new(big.Rat).SetInt(two))
	} else {
		r.Quo(r, new(big.Rat).SetInt(two))
	}
	whole, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	if half := rest.Lsh(rest, 1).Cmp(r.Denom()); half > 0 || half == 0 && whole.Bit(0) == 1 {
		whole.Add(whole, big.NewInt(1))
	}
	if x < 0 {
		whole.Neg(whole)
	}
	return whole
}

// TestInt128 compares rounding, sums and conversion with integers of any size.
func TestInt128(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) float64 {
			return math.Ldexp(rapid.Float64Range(-2, 2).Draw(t, name), rapid.IntRange(-60, 70).Draw(t, "exponent"))
		}
		fraction := rapid.IntRange(0, 45).Draw(t, "fraction")
		x, y := draw("x"), draw("y")
		a, errA := Of(x, fraction)
		b, errB := Of(y, fraction)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if a.big().Cmp(slowOf(x, fraction)) != 0 {
			t.Fatalf("%g in 2^-%d is %v, want %v", x, fraction, a.big(), slowOf(x, fraction))
		}
		sum, difference := a.Plus(b), a.Minus(b)
		if sum.big().Cmp(new(big.Int).Add(a.big(), b.big())) != 0 || difference.big().Cmp(new(big.Int).Sub(a.big(), b.big())) != 0 {
			t.Fatalf("%v, %v: sum %v, difference %v", a.big(), b.big(), sum.big(), difference.big())
		}
		want, _ := new(big.Rat).SetFrac(sum.big(), new(big.Int).Lsh(big.NewInt(1), uint(fraction))).Float64()
		if got := sum.Float(fraction); got != want {
			t.Fatalf("%v in 2^-%d is %g, want %g", sum.big(), fraction, got, want)
		}
	})
}

func TestNoPlace(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e30, -1e30, math.MaxFloat64} {
		if _, err := Of(x, 40); err == nil {
			t.Errorf("%g has a place", x)
		}
	}
	if a, err := Of(math.SmallestNonzeroFloat64, 40); err != nil || a != (Int128{}) {
		t.Errorf("the smallest number is %v, %v", a, err)
	}
}

// TestRoomFor128: 128 of the largest numbers that Of takes add up to a number with their
// sign, and the next one up is refused.
func TestRoomFor128(t *testing.T) {
	for _, fraction := range []int{0, 40, 60} {
		largest := math.Nextafter(math.Ldexp(1, 120-fraction), 0)
		for _, x := range []float64{largest, -largest} {
			a, err := Of(x, fraction)
			if err != nil {
				t.Fatal(err)
			}
			var sum Int128
			for range 128 {
				sum = sum.Plus(a)
			}
			if got := sum.Float(fraction); got != 128*x || sum.Negative() != (x < 0) {
				t.Errorf("128 times %g is %g", x, got)
			}
		}
		if _, err := Of(math.Ldexp(1, 120-fraction), fraction); err == nil {
			t.Errorf("2^120 units of 2^-%d have a place", fraction)
		}
	}
}

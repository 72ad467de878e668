package assoc

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// slowRatio is the obvious twin of appendRatio: it shifts the decimal point one
// place at a time and rounds in rational arithmetic.
func slowRatio(r ratio) string {
	if r.num.isZero() {
		return "0"
	}
	x := new(big.Rat).SetFrac(r.num.big(), r.den.big())
	ten, tenth := big.NewRat(10, 1), big.NewRat(1, 10)
	exponent := 3
	for ; x.Cmp(big.NewRat(10000, 1)) >= 0; exponent++ {
		x.Mul(x, tenth)
	}
	for ; x.Cmp(big.NewRat(1000, 1)) < 0; exponent-- {
		x.Mul(x, ten)
	}
	digits := new(big.Int).Quo(x.Num(), x.Denom())
	rest := new(big.Rat).Sub(x, new(big.Rat).SetInt(digits))
	half := rest.Cmp(big.NewRat(1, 2))
	if half > 0 || half == 0 && digits.Bit(0) == 1 {
		digits.Add(digits, big.NewInt(1))
	}
	// Four significant digits survive the way through a float64.
	rounded, err := strconv.ParseFloat(fmt.Sprintf("%de%d", digits, exponent-3), 64)
	if err != nil {
		panic(err)
	}
	return strconv.FormatFloat(rounded, 'g', 4, 64)
}

func TestAppendRatio(t *testing.T) {
	for _, test := range []struct {
		num, den uint64
		want     string
	}{
		{0, 1, "0"}, {1, 1, "1"}, {10, 1, "10"}, {100, 1, "100"}, {1000, 1, "1000"}, {9999, 1, "9999"},
		{10000, 1, "1e+04"}, {12345, 1, "1.234e+04"}, {12355, 1, "1.236e+04"}, {1, 3, "0.3333"}, {2, 3, "0.6667"},
		{12345, 10000, "1.234"}, {12355, 10000, "1.236"}, {83125, 100000, "0.8312"}, {83135, 100000, "0.8314"},
		{19999, 2, "1e+04"}, {19997, 2, "9998"}, {1, 10000, "0.0001"}, {99995, 1000000000, "0.0001"},
		{99985, 1000000000, "9.998e-05"}, {1, 100000, "1e-05"}, {1, 1 << 20, "9.537e-07"},
		{1, 1e10, "1e-10"}, {math.MaxUint64, 1, "1.845e+19"}, {1, math.MaxUint64, "5.421e-20"},
	} {
		if got := string(appendRatio(nil, fraction(test.num, test.den))); got != test.want {
			t.Errorf("%d/%d prints %s, want %s", test.num, test.den, got, test.want)
		}
	}
}

// genWide draws 128-bit integers of every size above 0.
var genWide = rapid.Custom(func(t *rapid.T) wide {
	w := wide{rapid.Uint64().Draw(t, "hi"), rapid.Uint64Min(1).Draw(t, "lo")}
	shift := rapid.IntRange(0, 127).Draw(t, "shift")
	if shift >= 64 {
		return wide{lo: max(1, w.hi>>(shift-64))}
	}
	return wide{w.hi >> shift, max(1, w.lo)}
})

func TestAppendRatioEqualsSlowTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := ratio{genWide.Draw(t, "num"), genWide.Draw(t, "den")}
		if got, want := string(appendRatio(nil, r)), slowRatio(r); got != want {
			t.Fatalf("%s/%s prints %s, want %s", r.num.big(), r.den.big(), got, want)
		}
	})
}

// Ties, and fractions as near to one as 64-bit integers allow.
func TestAppendRatioAtTies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.Uint64Range(1000, 9999).Draw(t, "digits")
		factor := rapid.Uint64Range(1, 1e8).Draw(t, "factor")
		power := rapid.IntRange(0, 6).Draw(t, "power")
		off := rapid.SampledFrom([]int64{0, 0, -1, 1}).Draw(t, "off")
		num, den := (10*digits+5)*factor+uint64(off), factor
		for range power {
			den *= 10
		}
		r := fraction(num, den)
		if got, want := string(appendRatio(nil, r)), slowRatio(r); got != want {
			t.Fatalf("%d/%d prints %s, want %s", num, den, got, want)
		}
	})
}

func FuzzAppendRatio(f *testing.F) {
	f.Add(uint64(0), uint64(83125), uint64(0), uint64(100000))
	f.Add(uint64(0), uint64(99995), uint64(0), uint64(1000000000))
	f.Add(uint64(1), uint64(0), uint64(0), uint64(3))
	f.Add(uint64(0), uint64(1), uint64(math.MaxUint64), uint64(math.MaxUint64))
	f.Fuzz(func(t *testing.T, numHi, numLo, denHi, denLo uint64) {
		r := ratio{wide{numHi, numLo}, wide{denHi, denLo}}
		if r.den.isZero() {
			return
		}
		if got, want := string(appendRatio(nil, r)), slowRatio(r); got != want {
			t.Fatalf("%s/%s prints %s, want %s", r.num.big(), r.den.big(), got, want)
		}
	})
}

func TestAppendFloat(t *testing.T) {
	for _, test := range []struct {
		x    float64
		want string
	}{
		{0, "0"}, {1, "1"}, {0.5, "0.5"}, {math.Inf(1), "inf"}, {math.NaN(), "nan"},
		{0.12345, "0.1234"}, {0.12355, "0.1236"}, {0.83125, "0.8312"}, {0.83135, "0.8314"},
		{9.9995e-5, "0.0001"}, {9999.5, "1e+04"}, {4.9406564584124654e-324, "4.941e-324"}, {1.069e-309, "1.069e-309"},
		{2.2250738585072014e-308, "2.225e-308"}, {math.MaxFloat64, "1.798e+308"}, {1e100, "1e+100"}, {1e-100, "1e-100"},
	} {
		if got := string(appendFloat(nil, test.x)); got != test.want {
			t.Errorf("%v prints %s, want %s", test.x, got, test.want)
		}
	}
}

// Away from ties the float formatter agrees with the standard library.
func FuzzAppendFloat(f *testing.F) {
	for _, x := range []float64{0.05, 3.467e-05, 1.513e-308, 7.41e-323, 123456, 1e22, 0.99995001} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x float64) {
		x = math.Abs(x)
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return
		}
		want := strconv.FormatFloat(x, 'g', 4, 64)
		low := strconv.FormatFloat(x*(1-1e-13), 'g', 4, 64)
		high := strconv.FormatFloat(x*(1+1e-13), 'g', 4, 64)
		if got := string(appendFloat(nil, x)); got != want && low == high {
			t.Fatalf("%v prints %s, want %s", x, got, want)
		}
	})
}

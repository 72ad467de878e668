package cpu

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"genoveil/kernels/cpu/level"
)

// testPrimes are primes ≡ 1 mod 2^14 at the top of the range, one small, and the
// smallest odd ones.
var testPrimes = []uint32{268369921, 268271617, 268238849, 268189697, 268091393, 12289, 65537, 3, 5}

func modulus(t testing.TB, q uint32) Modulus {
	t.Helper()
	m, err := NewModulus(q)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestNewModulusRefuses(t *testing.T) {
	for _, q := range []uint32{0, 1, 2, 4, 9, 1<<28 + 3, 268435456, 268435457, math.MaxUint32} {
		if _, err := NewModulus(q); err == nil {
			t.Errorf("%d was taken for a prime below 2^28", q)
		}
	}
}

// TestScalarArithmetic compares with math/big.
func TestScalarArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Modulus{}
		m, _ = NewModulus(rapid.SampledFrom(testPrimes).Draw(t, "q"))
		q := big.NewInt(int64(m.Q))
		mod := func(x *big.Int) uint32 { return uint32(new(big.Int).Mod(x, q).Uint64()) }
		x := rapid.Uint64().Draw(t, "x")
		if got, want := m.Reduce(x), mod(new(big.Int).SetUint64(x)); got != want {
			t.Fatalf("Reduce(%d) mod %d = %d, want %d", x, m.Q, got, want)
		}
		s := rapid.Int64().Draw(t, "s")
		if got, want := m.ReduceSigned(s), mod(big.NewInt(s)); got != want {
			t.Fatalf("ReduceSigned(%d) mod %d = %d, want %d", s, m.Q, got, want)
		}
		a := rapid.Uint32Range(0, m.Q-1).Draw(t, "a")
		b := rapid.Uint32Range(0, m.Q-1).Draw(t, "b")
		A, B := big.NewInt(int64(a)), big.NewInt(int64(b))
		for _, c := range []struct {
			name string
			got  uint32
			want *big.Int
		}{
			{"Add", m.Add(a, b), new(big.Int).Add(A, B)},
			{"Sub", m.Sub(a, b), new(big.Int).Sub(A, B)},
			{"Neg", m.Neg(a), new(big.Int).Neg(A)},
			{"Mul", m.Mul(a, b), new(big.Int).Mul(A, B)},
			{"Pow", m.Pow(a, uint64(b)), new(big.Int).Exp(A, B, q)},
		} {
			if c.got != mod(c.want) {
				t.Fatalf("%s(%d, %d) mod %d = %d, want %d", c.name, a, b, m.Q, c.got, mod(c.want))
			}
		}
		if a != 0 && m.Mul(a, m.Inv(a)) != 1 {
			t.Fatalf("Inv(%d) mod %d", a, m.Q)
		}
	})
}

func TestReduceAtTheEdges(t *testing.T) {
	for _, q := range testPrimes {
		m := modulus(t, q)
		for _, x := range []uint64{0, 1, uint64(q) - 1, uint64(q), uint64(q) + 1, math.MaxUint64, math.MaxUint64 - 1, math.MaxUint64 / uint64(q) * uint64(q), math.MaxUint64/uint64(q)*uint64(q) - 1} {
			if got, want := m.Reduce(x), uint32(x%uint64(q)); got != want {
				t.Errorf("Reduce(%d) mod %d = %d, want %d", x, q, got, want)
			}
		}
		for _, x := range []int64{math.MinInt64, math.MinInt64 + 1, -1, math.MaxInt64} {
			want := uint32((x%int64(q) + int64(q)) % int64(q))
			if got := m.ReduceSigned(x); got != want {
				t.Errorf("ReduceSigned(%d) mod %d = %d, want %d", x, q, got, want)
			}
		}
	}
}

// residues returns random residues with the extremes among them.
func residues(r *rand.Rand, q uint32, n int) []uint32 {
	a := make([]uint32, n)
	for i := range a {
		switch r.IntN(8) {
		case 0:
			a[i] = q - 1
		case 1:
			a[i] = 0
		default:
			a[i] = r.Uint32N(q)
		}
	}
	return a
}

// TestVectors compares every vector operation with its scalar twin.
func TestVectors(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, q := range testPrimes {
		m := modulus(t, q)
		for _, n := range []int{16, 100, 112} {
			a, b := residues(r, q, n), residues(r, q, n)
			w := r.Uint32N(q)
			for _, op := range []struct {
				name string
				do   func(dst []uint32)
				twin func(i int) uint32
			}{
				{"Scale", func(d []uint32) { m.Scale(d, a, w) }, func(i int) uint32 { return m.Mul(a[i], w) }},
				{"AddVec", func(d []uint32) { m.AddVec(d, a, b) }, func(i int) uint32 { return m.Add(a[i], b[i]) }},
				{"MulVec", func(d []uint32) { m.MulVec(d, a, b) }, func(i int) uint32 { return m.Mul(a[i], b[i]) }},
				{"DivideOut", func(d []uint32) { m.DivideOut(d, a, b, w) }, func(i int) uint32 { return m.Mul(m.Sub(a[i], b[i]), w) }},
			} {
				level.Each(t, func(t *testing.T) {
					dst := make([]uint32, n)
					op.do(dst)
					for i := range dst {
						if dst[i] != op.twin(i) {
							t.Fatalf("%s modulo %d at %d: %d, want %d", op.name, q, i, dst[i], op.twin(i))
						}
					}
				})
			}
		}
	}
}

package he_test

import (
	"math"
	"math/big"
	"testing"

	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
	kernels "genoveil/kernels/cpu"
)

// A multiplier is what a compute site can do beside the program: multiply ciphertexts of
// column values, not modulo the product of primes Q but modulo any integer, to which it
// switches first. So the scale of the product is what the site wants.
type multiplier struct {
	t      *testing.T
	params he.SumParams
	engine he.Engine
	ntts   []*kernels.NTT // of primes for exact products
	crt    []*big.Int
	whole  *big.Int
}

// A scaled ciphertext has two polynomials modulo Q, centred coefficients, and its scale.
type scaled struct {
	c     [2][]*big.Int
	scale *big.Float
}

func float(x *big.Int) *big.Float { return new(big.Float).SetPrec(300).SetInt(x) }

func round(x *big.Float) *big.Int {
	half := big.NewFloat(0.5)
	if x.Sign() < 0 {
		half = big.NewFloat(-0.5)
	}
	i, _ := new(big.Float).SetPrec(300).Add(x, half).Int(nil)
	return i
}

// rescale is round(x·to/from), centred modulo `to`.
func rescale(x, to, from *big.Int) *big.Int {
	y := new(big.Int).Mul(x, to)
	y.Lsh(y, 1).Add(y, from)
	y.Div(y, new(big.Int).Lsh(from, 1)) // floor(x·to/from + 1/2)
	return centred(y, to)
}

func centred(x, q *big.Int) *big.Int {
	x.Mod(x, q)
	if new(big.Int).Lsh(x, 1).Cmp(q) > 0 {
		x.Sub(x, q)
	}
	return x
}

func newMultiplier(t *testing.T, params he.SumParams, keys *he.EvaluationKeys) *multiplier {
	engine, err := cpu.New(keys, 2)
	if err != nil {
		t.Fatal(err)
	}
	m := &multiplier{t: t, params: params, engine: engine, whole: big.NewInt(1)}
	primes := he.PrimesBelow(1<<28, params.Chain().LogN, 8)
	for _, q := range primes {
		ntt, err := kernels.NewNTT(params.N(), q)
		if err != nil {
			t.Fatal(err)
		}
		m.ntts = append(m.ntts, ntt)
		m.whole.Mul(m.whole, big.NewInt(int64(q)))
	}
	for _, q := range primes {
		w := new(big.Int).Div(m.whole, big.NewInt(int64(q)))
		inverse := new(big.Int).ModInverse(w, big.NewInt(int64(q)))
		m.crt = append(m.crt, w.Mul(w, inverse))
	}
	return m
}

// product is a·b + c·d, exactly.
func (m *multiplier) product(a, b, c, d []*big.Int) []*big.Int {
	out := make([]*big.Int, len(a))
	for j := range out {
		out[j] = new(big.Int)
	}
	var x, prime big.Int
	for i, ntt := range m.ntts {
		prime.SetUint64(uint64(ntt.Q))
		residues := func(p []*big.Int) []uint32 {
			r := make([]uint32, len(p))
			for j := range p {
				r[j] = uint32(x.Mod(p[j], &prime).Uint64())
			}
			ntt.Forward(r)
			return r
		}
		s, t := residues(a), residues(b)
		ntt.MulVec(s, s, t)
		if c != nil {
			u, v := residues(c), residues(d)
			ntt.MulVec(u, u, v)
			ntt.AddVec(s, s, u)
		}
		ntt.Inverse(s)
		for j, r := range s {
			out[j].Add(out[j], x.Mul(m.crt[i], big.NewInt(int64(r))))
		}
	}
	for j := range out {
		centred(out[j], m.whole)
	}
	return out
}

// sum is a ciphertext as the program has it; from is the way back.
func (m *multiplier) residues(polynomials ...[]*big.Int) []uint32 {
	var all []uint32
	for _, p := range polynomials {
		for _, q := range m.params.Chain().Sums {
			ntt, err := kernels.NewNTT(m.params.N(), q)
			if err != nil {
				m.t.Fatal(err)
			}
			r := make([]uint32, len(p))
			for j := range p {
				r[j] = uint32(new(big.Int).Mod(p[j], big.NewInt(int64(q))).Uint64())
			}
			ntt.Forward(r)
			all = append(all, r...)
		}
	}
	return all
}

func (m *multiplier) from(residues []uint32, scale *big.Float) scaled {
	s := scaled{scale: scale}
	n, primes := m.params.N(), m.params.Chain().Sums
	for c := range s.c {
		s.c[c] = make([]*big.Int, n)
		for j := range s.c[c] {
			s.c[c][j] = new(big.Int)
		}
		for l, q := range primes {
			ntt, err := kernels.NewNTT(n, q)
			if err != nil {
				m.t.Fatal(err)
			}
			row := append([]uint32(nil), residues[(c*len(primes)+l)*n:][:n]...)
			ntt.Inverse(row)
			w := new(big.Int).Div(m.params.Modulus(), big.NewInt(int64(q)))
			w.Mul(w, new(big.Int).ModInverse(w, big.NewInt(int64(q))))
			for j, r := range row {
				s.c[c][j].Add(s.c[c][j], new(big.Int).Mul(w, big.NewInt(int64(r))))
			}
		}
		for j := range s.c[c] {
			centred(s.c[c][j], m.params.Modulus())
		}
	}
	return s
}

// columns are ciphertexts of the values of one sample, one a column, at scale Δr.
func (m *multiplier) columns(sk *he.SecretKey, values ...int32) []scaled {
	encryptor, err := he.NewColumnEncryptor(m.params, sk)
	if err != nil {
		m.t.Fatal(err)
	}
	var packed []he.SeededCiphertext
	all := make([]int, len(values))
	for k, x := range values {
		p, err := encryptor.EncryptColumn([]int32{x, 3, -4, 5})
		if err != nil {
			m.t.Fatal(err)
		}
		packed, all[k] = append(packed, p), k
	}
	constants, err := m.engine.NewExpansion(packed).Expand(0, 1)
	if err != nil {
		m.t.Fatal(err)
	}
	chain := m.params.Chain()
	saved := func(x uint32) [][]uint32 { // of the trivial ciphertext (x, u), u the seed's
		chunk := he.EncryptedChunk{Samples: 1, C0: make([]uint32, chain.ChunkLen(1))}
		for i := range chunk.C0 {
			chunk.C0[i] = x
		}
		a := m.engine.NewAccumulator(all)
		if err := m.engine.Add(constants, []he.Product{{Chunk: he.NewChunk(chunk, nil), Accumulator: a}}); err != nil {
			m.t.Fatal(err)
		}
		rows := make([][]uint32, len(all))
		for k := range all {
			rows[k] = make([]uint32, chain.SumLen(3))
			if err := a.Save(k, rows[k]); err != nil {
				m.t.Fatal(err)
			}
		}
		return rows
	}
	one, zero := saved(1), saved(0)
	var out []scaled
	for k := range all {
		for i := range one[k] {
			q := chain.Sums[i/chain.N()%len(chain.Sums)]
			one[k][i] = (one[k][i] + q - zero[k][i]) % q
		}
		out = append(out, m.from(one[k], new(big.Float).SetPrec(300).SetUint64(m.params.ColumnScale())))
	}
	return out
}

// times is a·b, multiplied modulo q: its scale is that of a times that of b times q/Q.
func (m *multiplier) times(a, b scaled, q *big.Int) scaled {
	Q := m.params.Modulus()
	var x, y [2][]*big.Int
	for c := range 2 {
		for j := range a.c[c] {
			x[c] = append(x[c], rescale(a.c[c][j], q, Q))
			y[c] = append(y[c], rescale(b.c[c][j], q, Q))
		}
	}
	three := [][]*big.Int{m.product(x[0], y[0], nil, nil), m.product(x[0], y[1], x[1], y[0]), m.product(x[1], y[1], nil, nil)}
	for _, p := range three {
		for j := range p {
			p[j] = rescale(centred(p[j], q), Q, q)
		}
	}
	accumulator := m.engine.NewAccumulator([]int{0})
	if err := accumulator.Restore(0, m.residues(three...)); err != nil {
		m.t.Fatal(err)
	}
	sums, err := accumulator.Sums() // relinearises
	if err != nil {
		m.t.Fatal(err)
	}
	scale := new(big.Float).SetPrec(300).Mul(a.scale, b.scale)
	scale.Mul(scale, float(q)).Quo(scale, float(Q))
	return m.from(sums[0].Residues, scale)
}

// last is the modulus for which times(a, b) has the scale Δg·Δr of sums.
func (m *multiplier) last(a, b scaled) *big.Int {
	q := new(big.Float).SetPrec(300).Mul(float(m.params.Scale()), float(m.params.Modulus()))
	return round(q.Quo(q, a.scale).Quo(q, b.scale))
}

func power(bits float64) *big.Int {
	x := new(big.Float).SetPrec(300).SetFloat64(math.Exp2(bits - 40))
	return round(x.SetMantExp(x, 40))
}

// TestProductsOfColumnsArrive: products of two, three and four columns, with the scale of
// sums, decode exactly and are accepted. So no argument about the check may rest on the
// noise of products (docs/security.md, "What is assumed beyond").
func TestProductsOfColumnsArrive(t *testing.T) {
	for _, test := range []struct {
		name     string
		samples  int
		values   []int32
		want     int64
		multiply func(m *multiplier, x []scaled) scaled
	}{
		{"two columns, 4000 times -4095", 8192, []int32{4000, -4095}, -4000 * 4095, func(m *multiplier, x []scaled) scaled {
			return m.times(x[0], x[1], m.last(x[0], x[1]))
		}},
		{"three columns", 8192, []int32{1, -1, 3}, -3, func(m *multiplier, x []scaled) scaled {
			xy := m.times(x[0], x[1], power(70.5))
			return m.times(xy, x[2], m.last(xy, x[2]))
		}},
		{"four columns", 8192, []int32{1, -1, 1, 1}, -1, func(m *multiplier, x []scaled) scaled {
			xy, zw := m.times(x[0], x[1], power(71)), m.times(x[2], x[3], power(71))
			return m.times(xy, zw, m.last(xy, zw))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			params, err := he.Plan(test.samples, 1, 4096)
			if err != nil {
				t.Fatal(err)
			}
			sk, keys := hetest.Keys(t, params.Chain())
			m := newMultiplier(t, params, keys)
			got := test.multiply(m, m.columns(sk, test.values...))
			decryptor, err := he.NewSumDecryptor(params, sk)
			if err != nil {
				t.Fatal(err)
			}
			decoded, err := decryptor.Decode(he.Sum{Components: 2, Residues: m.residues(got.c[0], got.c[1])}, test.samples)
			if err != nil {
				t.Fatal(err)
			}
			for j, x := range decoded[1:] {
				if x != 0 {
					t.Fatalf("position %d is %d", j+1, x)
				}
			}
			if decoded[0] != test.want {
				t.Errorf("the product is %d, want %d", decoded[0], test.want)
			}
		})
	}
}

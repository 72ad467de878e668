package cpu

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"testing"

	"golang.org/x/crypto/chacha20"
)

// TestChaChaVector is the block of RFC 8439, section 2.3.2.
func TestChaChaVector(t *testing.T) {
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(i)
	}
	var block [16]uint32
	chachaBlock(&block, &NewUniform(&seed).key, 0x09000000, 0x4a000000, 0, 1)
	var got []byte
	for _, w := range block {
		got = binary.LittleEndian.AppendUint32(got, w)
	}
	const want = "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4ed2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
	if hex.EncodeToString(got) != want {
		t.Errorf("got %x", got)
	}
}

// TestChaChaEqualsLibrary compares blocks under random keys, nonces and counters.
func FuzzChaChaEqualsLibrary(f *testing.F) {
	f.Add(make([]byte, 32), uint32(0), uint32(0), uint32(0), uint32(0))
	f.Add(make([]byte, 32), uint32(1), uint32(2), uint32(3), uint32(math.MaxUint32))
	f.Fuzz(func(t *testing.T, key []byte, n0, n1, n2, counter uint32) {
		if len(key) != 32 {
			return
		}
		var nonce [12]byte
		for i, n := range []uint32{n0, n1, n2} {
			binary.LittleEndian.PutUint32(nonce[4*i:], n)
		}
		cipher, err := chacha20.NewUnauthenticatedCipher(key, nonce[:])
		if err != nil {
			t.Fatal(err)
		}
		cipher.SetCounter(counter)
		want := make([]byte, 64)
		cipher.XORKeyStream(want, want)
		var got [16]uint32
		chachaBlock(&got, &NewUniform((*[32]byte)(key)).key, n0, n1, n2, counter)
		for i, w := range got {
			if w != binary.LittleEndian.Uint32(want[4*i:]) {
				t.Fatalf("word %d differs", i)
			}
		}
	})
}

// uniformTwin reads the stream as Uniform's comment says it, bit by bit.
func uniformTwin(seed *[32]byte, q, ciphertext, prime uint32, n int) []uint32 {
	width := 0
	for q>>width != 0 {
		width++
	}
	block := func(redraw, counter uint32) (bits [16][]byte) {
		var nonce [12]byte
		binary.LittleEndian.PutUint32(nonce[0:], ciphertext)
		binary.LittleEndian.PutUint32(nonce[4:], prime)
		binary.LittleEndian.PutUint32(nonce[8:], redraw)
		cipher, _ := chacha20.NewUnauthenticatedCipher(seed[:], nonce[:])
		cipher.SetCounter(counter)
		stream := make([]byte, 64)
		cipher.XORKeyStream(stream, stream)
		for i := range bits {
			for j := range 32 {
				bits[i] = append(bits[i], stream[4*i+j/8]>>(j%8)&1)
			}
		}
		return bits
	}
	value := func(bits []byte) (x uint32) {
		for i, b := range bits {
			x |= uint32(b) << i
		}
		return x
	}
	var out []uint32
	for counter := range uint32(n / 16) {
		words := block(0, counter)
		var spare []byte
		for _, w := range words {
			spare = append(spare, w[width:]...)
		}
		var reserve []uint32
		for ; len(spare) >= width; spare = spare[width:] {
			reserve = append(reserve, value(spare[:width]))
		}
		redraw := uint32(0)
		for _, w := range words {
			x := value(w[:width])
			for x >= q {
				if len(reserve) == 0 {
					redraw++
					for _, w := range block(redraw, counter) {
						reserve = append(reserve, value(w[:width]))
					}
				}
				x, reserve = reserve[0], reserve[1:]
			}
			out = append(out, x)
		}
	}
	return out
}

// TestUniformEqualsTwin covers primes that reject almost nothing, and ones just
// above a power of two, which reject half of all candidates and so go through
// the spare bits and several further blocks.
func TestUniformEqualsTwin(t *testing.T) {
	seed := [32]byte{1, 2, 3}
	u := NewUniform(&seed)
	for _, q := range []uint32{268369921, 268091393, 134250497, 65537, 12289, 257, 17, 5, 3} {
		m := modulus(t, q)
		for _, at := range [][2]uint32{{0, 0}, {63, 2}, {1 << 31, 7}} {
			want := uniformTwin(&seed, q, at[0], at[1], 1024)
			got := make([]uint32, 1024)
			u.Fill(got, m, at[0], at[1], 0)
			if !slices.Equal(got, want) {
				t.Fatalf("modulo %d, ciphertext %d, prime %d: streams differ", q, at[0], at[1])
			}
			part := make([]uint32, 64)
			u.Fill(part, m, at[0], at[1], 512)
			if !slices.Equal(part, want[512:576]) {
				t.Fatalf("modulo %d: random access differs from the stream", q)
			}
		}
	}
}

// TestUniformIsUniform is a χ² goodness of fit over 64 cells; the seed is fixed,
// so the outcome is too.
func TestUniformIsUniform(t *testing.T) {
	seed := [32]byte{9}
	m := modulus(t, 268369921)
	a := make([]uint32, 1<<18)
	NewUniform(&seed).Fill(a, m, 0, 0, 0)
	var cells [64]float64
	for _, x := range a {
		cells[uint64(x)*64/uint64(m.Q)]++
	}
	chi2, expected := 0.0, float64(len(a))/64
	for _, c := range cells {
		chi2 += (c - expected) * (c - expected) / expected
	}
	if chi2 > 63+6*math.Sqrt(2*63) {
		t.Errorf("χ² = %.1f with 63 degrees of freedom", chi2)
	}
}

// TestBinomialIsExact counts outcomes over all pairs of weights: the distribution
// of the difference of two binomials has exactly these moments.
func TestBinomialIsExact(t *testing.T) {
	if binomial(0) != 0 || binomial(1<<BinomialPairs-1) != BinomialPairs || binomial((1<<BinomialPairs-1)<<32) != -BinomialPairs {
		t.Error("extremes of the centred binomial")
	}
	if binomial(math.MaxUint64) != 0 || binomial(1<<BinomialPairs) != 0 || binomial(1<<63) != 0 {
		t.Error("bits beyond the coin pairs count")
	}
	for i := range BinomialPairs {
		if binomial(1<<i) != 1 || binomial(1<<(i+32)) != -1 {
			t.Errorf("coin pair %d", i)
		}
	}
}

// TestErrorsAreBinomial compares the moments and the frequencies of a million
// errors with the centred binomial. Six standard deviations, and three counts more
// where few are expected, make a false alarm less likely than 10^-6 in all.
func TestErrorsAreBinomial(t *testing.T) {
	e, err := NewErrors()
	if err != nil {
		t.Fatal(err)
	}
	const n = 1 << 20
	a := make([]int32, n)
	e.Fill(a)
	counts := map[int32]float64{}
	sum, square := 0.0, 0.0
	for _, x := range a {
		counts[x]++
		sum += float64(x)
		square += float64(x) * float64(x)
	}
	variance := float64(BinomialPairs) / 2
	if mean := sum / n; math.Abs(mean) > 6*math.Sqrt(variance/n) {
		t.Errorf("mean %g", mean)
	}
	// The variance of x² is below 2σ⁴ for the centred binomial.
	if v := square / n; math.Abs(v-variance) > 6*math.Sqrt2*variance/math.Sqrt(n) {
		t.Errorf("variance %g, want %g", v, variance)
	}
	for x := int32(-BinomialPairs); x <= BinomialPairs; x++ {
		lg := func(k int) float64 { v, _ := math.Lgamma(float64(k + 1)); return v }
		k := int(x) + BinomialPairs
		p := math.Exp(lg(2*BinomialPairs) - lg(k) - lg(2*BinomialPairs-k) - 2*BinomialPairs*math.Ln2)
		if d := math.Abs(counts[x] - n*p); d > 6*math.Sqrt(n*p)+3 {
			t.Errorf("%d comes %g times, expected %g", x, counts[x], n*p)
		}
	}
}

// TestErrorStreamsDiffer: two streams, and two stretches of one, are unrelated.
func TestErrorStreamsDiffer(t *testing.T) {
	a, err := NewErrors()
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewErrors()
	if err != nil {
		t.Fatal(err)
	}
	const n = 1 << 16
	x, y, z := make([]int32, n), make([]int32, n), make([]int32, n)
	a.Fill(x)
	b.Fill(y)
	a.Fill(z)
	for name, pair := range map[string][2][]int32{"two streams": {x, y}, "two stretches": {x, z}} {
		product := 0.0
		for i := range n {
			product += float64(pair[0][i]) * float64(pair[1][i])
		}
		if r := product / n / (BinomialPairs / 2.0); math.Abs(r) > 6/math.Sqrt(n) {
			t.Errorf("%s: correlation %g", name, r)
		}
	}
}

package sampling

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/crypto/chacha20"

	"genoveil/kernels/cpu"
	"genoveil/kernels/cpu/level"
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

// manyRejections are primes just above a power of two: they reject half of all
// candidates and so go through the spare bits and several further blocks.
var manyRejections = []uint32{134250497, 65537, 257, 17, 5, 3}

// testPrimes are those of every chain, a small one and manyRejections.
var testPrimes = append([]uint32{268369921, 268271617, 268238849, 268189697, 268091393, 12289}, manyRejections...)

func modulus(t testing.TB, q uint32) cpu.Modulus {
	t.Helper()
	m, err := cpu.NewModulus(q)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestUniformEqualsTwin covers primes that reject almost nothing, and ones that
// reject half of all candidates, in rows of any number of blocks and from any
// coefficient.
func TestUniformEqualsTwin(t *testing.T) {
	seed := [32]byte{1, 2, 3}
	u := NewUniform(&seed)
	level.Each(t, func(t *testing.T) {
		for _, q := range append([]uint32{268369921, 268091393, 12289}, manyRejections...) {
			m := modulus(t, q)
			for _, at := range [][2]uint32{{0, 0}, {63, 2}, {1 << 31, 7}, {math.MaxUint32, math.MaxUint32}} {
				want := uniformTwin(&seed, q, at[0], at[1], 1024)
				for _, part := range [][2]int{{0, 1024}, {512, 64}, {16, 16}, {0, 112}, {0, 128}, {0, 240}, {256, 256}, {48, 272}, {0, 0}} {
					got := make([]uint32, part[1])
					u.Fill(got, m, at[0], at[1], part[0])
					if !slices.Equal(got, want[part[0]:part[0]+part[1]]) {
						t.Fatalf("modulo %d, ciphertext %d, prime %d: %d coefficients from %d differ", q, at[0], at[1], part[1], part[0])
					}
				}
			}
		}
	})
}

// TestFillTile: a tile equals its rows, whether these divide the lanes or not.
func TestFillTile(t *testing.T) {
	u := NewUniform(&[32]byte{4})
	level.Each(t, func(t *testing.T) {
		for _, q := range append([]uint32{268369921, 268091393}, manyRejections...) {
			m := modulus(t, q)
			for _, width := range []int{16, 32, 48, 64, 128, 256, 320, 1024} {
				for _, rows := range []int{0, 1, 2, 3, 7, 63, 64} {
					got, want := make([]uint32, rows*width), make([]uint32, rows*width)
					u.FillTile(got, m, 2, 128, width)
					for i := range rows {
						b := blocks{ciphertext: uint32(i), prime: 2, counter: 8, width: width / 16}
						u.fillPortable(want[i*width:][:width], m, b)
					}
					if !slices.Equal(got, want) {
						t.Fatalf("modulo %d: %d rows of %d differ", q, rows, width)
					}
				}
			}
		}
	})
}

// TestFillEqualsPortable makes rows of every chain's primes long enough to hold
// rejected words in any position of a group.
func TestFillEqualsPortable(t *testing.T) {
	u := NewUniform(&[32]byte{5})
	got, want := make([]uint32, 1<<16), make([]uint32, 1<<16)
	for prime, q := range []uint32{268369921, 268271617, 268238849, 268189697, 268091393} {
		m := modulus(t, q)
		u.fillPortable(want, m, blocks{ciphertext: 1, prime: uint32(prime), width: len(want) / 16})
		level.Each(t, func(t *testing.T) {
			u.Fill(got, m, 1, uint32(prime), 0)
			if !slices.Equal(got, want) {
				t.Fatalf("modulo %d", q)
			}
		})
	}
}

// FuzzUniform compares vectors with the portable loop under random keys and at
// random places, for a prime that rejects one word in 800 and one that rejects
// half.
func FuzzUniform(f *testing.F) {
	f.Add(make([]byte, 32), uint32(0), uint32(0), uint16(0), uint8(64), false)
	f.Add(make([]byte, 32), uint32(math.MaxUint32), uint32(9), uint16(math.MaxUint16), uint8(17), true)
	f.Fuzz(func(t *testing.T, key []byte, ciphertext, prime uint32, counter uint16, count uint8, rejecting bool) {
		if len(key) != 32 || count == 0 {
			return
		}
		q := uint32(268091393)
		if rejecting {
			q = manyRejections[0]
		}
		u, m, width := NewUniform((*[32]byte)(key)), modulus(t, q), int(count)
		want, got := make([]uint32, 16*width), make([]uint32, 16*width)
		u.fillPortable(want, m, blocks{ciphertext: ciphertext, prime: prime, counter: uint32(counter), width: width})
		for l := range level.All() {
			u.Fill(got, m, ciphertext, prime, 16*int(counter))
			if !slices.Equal(got, want) {
				t.Fatalf("%s differs", l)
			}
		}
	})
}

// BenchmarkUniform makes a whole row, and one tile of 64 ciphertexts.
func BenchmarkUniform(b *testing.B) {
	m := modulus(b, testPrimes[0])
	u := NewUniform(new([32]byte))
	dst := make([]uint32, 8192)
	level.Each(b, func(b *testing.B) {
		b.Run("row", func(b *testing.B) {
			for b.Loop() {
				u.Fill(dst, m, 3, 0, 0)
			}
			perItem(b, len(dst), "word")
		})
		b.Run("tile", func(b *testing.B) {
			for b.Loop() {
				u.FillTile(dst[:4096], m, 0, 64, 64)
			}
			perItem(b, 4096, "word")
		})
	})
}

// perItem reports the time for one of n items.
func perItem(b *testing.B, n int, item string) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/"+item)
}

// TestUniformIsUniform is a χ² goodness of fit over 64 cells; the seed is fixed,
// so the outcome is too.
func TestUniformIsUniform(t *testing.T) {
	seed := [32]byte{9}
	m := modulus(t, 268369921)
	a := make([]uint32, 1<<18)
	level.Each(t, func(t *testing.T) {
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
	})
}

// heads is binomial of one value.
func heads(word uint32, half uint16) int32 {
	var dst [16]int32 // whole vectors
	words, halves := make([]byte, 64), make([]byte, 32)
	for i := range dst {
		binary.LittleEndian.PutUint32(words[4*i:], word)
		binary.LittleEndian.PutUint16(halves[2*i:], half)
	}
	binomial(dst[:], words, halves)
	for _, x := range dst {
		if x != dst[0] {
			return math.MinInt32
		}
	}
	return dst[0]
}

// TestBinomialIsExact: every one of 42 coins counts one, and nothing else counts.
// Then the difference from 21 has exactly the distribution of 21 coin pairs.
func TestBinomialIsExact(t *testing.T) {
	const all = math.MaxUint32
	level.Each(t, func(t *testing.T) {
		if heads(0, 0) != -BinomialPairs || heads(all, 1<<tailCoins-1) != BinomialPairs {
			t.Error("extremes of the centred binomial")
		}
		if heads(all, math.MaxUint16) != BinomialPairs || heads(0, math.MaxUint16<<tailCoins&math.MaxUint16) != -BinomialPairs {
			t.Error("bits beyond the coins count")
		}
		for i := range 32 {
			if heads(1<<i, 0) != 1-BinomialPairs || heads(all^1<<i, 1<<tailCoins-1) != BinomialPairs-1 {
				t.Errorf("coin %d", i)
			}
		}
		for i := range tailCoins {
			if heads(0, 1<<i) != 1-BinomialPairs || heads(all, (1<<tailCoins-1)^1<<i) != BinomialPairs-1 {
				t.Errorf("coin %d", 32+i)
			}
		}
	})
}

// TestBinomialEqualsPortable on random coins and on lengths that are no whole
// vectors.
func TestBinomialEqualsPortable(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	words, halves := make([]byte, 4*8192), make([]byte, 2*8192)
	for i := range words {
		words[i], halves[i/2] = byte(r.Uint32()), byte(r.Uint32())
	}
	level.Each(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 100, 8192} {
			got, want := make([]int32, n), make([]int32, n)
			binomial(got, words, halves)
			binomialPortable(want, words, halves)
			if !slices.Equal(got, want) {
				t.Fatalf("%d values differ", n)
			}
		}
	})
}

// TestBinomialIsBinomial compares the moments and the frequencies of a million
// errors with the centred binomial. Six standard deviations, and three counts more
// where few are expected, make a false alarm less likely than 10^-6 in all.
func TestBinomialIsBinomial(t *testing.T) {
	e, err := NewBinomial()
	if err != nil {
		t.Fatal(err)
	}
	const n = 1 << 20
	a := make([]int32, n)
	level.Each(t, func(t *testing.T) {
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
	})
}

// TestBinomialStreamsDiffer: two streams, two stretches of one, and neighbours within
// one, which share a buffer of coins, are unrelated.
func TestBinomialStreamsDiffer(t *testing.T) {
	level.Each(t, func(t *testing.T) {
		a, err := NewBinomial()
		if err != nil {
			t.Fatal(err)
		}
		b, err := NewBinomial()
		if err != nil {
			t.Fatal(err)
		}
		const n = 1 << 16
		x, y, z := make([]int32, n), make([]int32, n), make([]int32, n)
		a.Fill(x)
		b.Fill(y)
		a.Fill(z)
		pairs := map[string][2][]int32{"two streams": {x, y}, "two stretches": {x, z}, "neighbours": {x[1:], x}, "stretches of a buffer": {x[256:], x}}
		for name, pair := range pairs {
			product := 0.0
			for i, v := range pair[0] {
				product += float64(v) * float64(pair[1][i])
			}
			if r := product / n / (BinomialPairs / 2.0); math.Abs(r) > 6/math.Sqrt(n) {
				t.Errorf("%s: correlation %g", name, r)
			}
		}
	})
}

func BenchmarkBinomial(b *testing.B) {
	e, err := NewBinomial()
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]int32, 8192)
	level.Each(b, func(b *testing.B) {
		for b.Loop() {
			e.Fill(dst)
		}
		perItem(b, len(dst), "error")
	})
}

//go:build cuda

package cuda

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/crypto/chacha20"

	"genoveil/he"
	"genoveil/he/hetest"
	"genoveil/kernels/cpu/sampling"
)

// errorsTwin reads the secret stream as encrypt_messages says it.
func errorsTwin(key *[32]byte, row, n int) []int32 {
	var nonce [chacha20.NonceSize]byte
	binary.LittleEndian.PutUint32(nonce[:], uint32(row))
	cipher, err := chacha20.NewUnauthenticatedCipher(key[:], nonce[:])
	if err != nil {
		panic(err)
	}
	stream := make([]byte, 8*n)
	cipher.XORKeyStream(stream, stream)
	errors := make([]int32, n)
	for i := range errors {
		coins := binary.LittleEndian.Uint64(stream[8*i:]) & (1<<42 - 1)
		errors[i] = int32(bits.OnesCount64(coins)) - sampling.BinomialPairs
	}
	return errors
}

func signed(words []int32) []uint32 {
	out := make([]uint32, len(words))
	for i, x := range words {
		out[i] = uint32(x)
	}
	return out
}

// TestEncrypt: he.Encryptor's ciphertexts with these errors, for values of any size.
func TestEncrypt(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, c := range []struct{ n, chunks, samples int }{{1 << 10, 1, 1}, {1 << 10, 2, 3}, {1 << 10, 1, 64}, {1 << 13, 1, 2}} {
		b := newBed(t, c.n, arithPrimes[:2+c.n>>10&1])
		n, primes, rows := c.n, len(b.moduli), c.chunks*c.samples
		secret, scales := make([][]uint32, primes), make([]uint32, primes)
		for l, m := range b.moduli {
			secret[l] = b.residues(r, l+1, n, primes, c.samples == 1)[l*n:]
			scales[l] = r.Uint32N(m.Q)
			if c.samples == 1 {
				scales[l] = m.Q - 1
			}
		}
		values := make([]int32, rows*n)
		for i := range values {
			values[i] = int32(r.Uint32()) >> r.IntN(32)
		}
		copy(values, []int32{math.MinInt32, math.MaxInt32, -1, 0})
		bytes, words := seeds(r, c.chunks)
		keys, key := seeds(r, 1)

		var want []uint32
		for chunk := range c.chunks {
			uniform, c0 := sampling.NewUniform(&bytes[chunk]), make([][]uint32, c.samples)
			for sample := range c0 {
				row := chunk*c.samples + sample
				noise := errorsTwin(&keys[0], row, n)
				for l, ntt := range b.ntt {
					message, mask, out, shoup := make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n)
					ntt.MulAddSigned(message, values[row*n:][:n], noise, scales[l])
					ntt.Forward(message)
					uniform.Fill(mask, ntt.Modulus, uint32(sample), uint32(l), 0)
					ntt.ShoupVec(shoup, secret[l])
					ntt.MulSubTiles(out, n, n, message, mask, secret[l], shoup)
					c0[sample] = append(c0[sample], out...)
				}
			}
			want = append(want, tileMajor(c0, n, primes)...)
		}

		e, err := b.ring.NewEncryptor(b.Device, b.Stream, secret, scales)
		b.Must(err)
		messages := b.Array(make([]uint32, e.MessagesLen(c.chunks, c.samples)))
		got := b.Array(make([]uint32, len(want)))
		b.Must(e.Encrypt(b.Stream, got, b.Array(signed(values)), messages, b.Array(words), b.Array(key), c.chunks, c.samples))
		b.Equal(got, want, "ciphertexts")
		b.Must(e.Release(b.Device, b.Stream))
		if slices.ContainsFunc(b.Read(e.secret), func(x uint32) bool { return x != 0 }) {
			t.Error("the secret is in memory that was given back")
		}
	}
}

// TestEncryptErrors compares the moments, frequencies and neighbours of errors with the
// centred binomial. The key is fixed, so the outcome is too. Encryptions of zero under
// the secret zero are transforms of the errors.
func TestEncryptErrors(t *testing.T) {
	const n, samples = 1 << 10, 64
	b := newBed(t, n, arithPrimes[:1])
	e, err := b.ring.NewEncryptor(b.Device, b.Stream, [][]uint32{make([]uint32, n)}, []uint32{1})
	b.Must(err)
	zero := b.Array(make([]uint32, samples*n))
	c0, messages, seed := b.Array(make([]uint32, samples*n)), b.Array(make([]uint32, samples*n)), b.Array(make([]uint32, 8))
	b.Must(e.Encrypt(b.Stream, c0, zero, messages, seed, b.Array([]uint32{1, 0, 0, 0, 0, 0, 0, 0}), 1, samples))
	b.Must(e.Release(b.Device, b.Stream))
	words, q := b.Read(c0), int32(arithPrimes[0])
	var errors []int32
	for s := range samples {
		row := make([]uint32, n)
		for i := range row {
			row[i] = words[(i/TileWidth*samples+s)*TileWidth+i%TileWidth]
		}
		b.ntt[0].Inverse(row)
		for _, x := range row {
			errors = append(errors, (int32(x)+q/2)%q-q/2)
		}
	}

	const count = n * samples
	frequencies := map[int32]float64{}
	sum, square, neighbours, rows := 0.0, 0.0, 0.0, 0.0
	for i, x := range errors {
		frequencies[x]++
		sum += float64(x)
		square += float64(x) * float64(x)
		neighbours += float64(x) * float64(errors[(i+1)%count])
		rows += float64(x) * float64(errors[(i+n)%count])
	}
	const variance = float64(sampling.BinomialPairs) / 2
	if mean := sum / count; math.Abs(mean) > 6*math.Sqrt(variance/count) {
		t.Errorf("mean %g", mean)
	}
	if v := square / count; math.Abs(v-variance) > 6*math.Sqrt2*variance/math.Sqrt(count) {
		t.Errorf("variance %g, want %g", v, variance)
	}
	for what, product := range map[string]float64{"neighbours": neighbours, "samples": rows} {
		if c := product / count / variance; math.Abs(c) > 6/math.Sqrt(count) {
			t.Errorf("%s: correlation %g", what, c)
		}
	}
	for x := int32(-sampling.BinomialPairs); x <= sampling.BinomialPairs; x++ {
		p, _ := new(big.Rat).SetFrac(new(big.Int).Binomial(2*sampling.BinomialPairs, int64(x)+sampling.BinomialPairs), new(big.Int).Lsh(big.NewInt(1), 2*sampling.BinomialPairs)).Float64()
		if d := math.Abs(frequencies[x] - count*p); d > 6*math.Sqrt(count*p)+3 {
			t.Errorf("%d comes %g times, expected %g", x, frequencies[x], count*p)
		}
		delete(frequencies, x)
	}
	if len(frequencies) > 0 {
		t.Errorf("errors outside ±%d: %v", sampling.BinomialPairs, frequencies)
	}
}

// TestEncryptDecrypts: he decodes what the kernels encrypt.
func TestEncryptDecrypts(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	params := hetest.SumParams(t, 10, 1<<12)
	chain := params.Chain()
	n, primes := chain.N(), len(chain.Sums)
	b := newBed(t, n, chain.Sums)
	sk, err := he.GenerateSecret(chain)
	b.Must(err)
	decryptor, err := he.NewSumDecryptor(params, sk)
	b.Must(err)
	secret, scales := make([][]uint32, primes), make([]uint32, primes)
	for l, ntt := range b.ntt {
		for _, x := range sk.Bytes() {
			secret[l] = append(secret[l], ntt.ReduceSigned(int64(x)-1))
		}
		ntt.Forward(secret[l])
		scales[l] = uint32(new(big.Int).Mod(params.Scale(), big.NewInt(int64(ntt.Q))).Uint64())
	}
	e, err := b.ring.NewEncryptor(b.Device, b.Stream, secret, scales)
	b.Must(err)
	const samples = 3
	values := make([]int32, samples*n)
	for i := range values {
		values[i] = int32(r.IntN(3)) - 1
	}
	_, words := seeds(r, 1)
	_, key := seeds(r, 1)
	size := samples * primes * n
	c0, c1, messages, seed := b.Array(make([]uint32, size)), b.Array(make([]uint32, size)), b.Array(make([]uint32, size)), b.Array(words)
	b.Must(e.Encrypt(b.Stream, c0, b.Array(signed(values)), messages, seed, b.Array(key), 1, samples))
	b.Must(e.Release(b.Device, b.Stream))
	b.Must(b.ring.Uniform(b.Stream, c1, seed, 1, primes, samples))
	halves := [2][]uint32{b.Read(c0), b.Read(c1)}
	for s := range samples {
		sum := he.Sum{Components: 2}
		for _, half := range halves {
			for number := range primes * n / TileWidth {
				sum.Residues = append(sum.Residues, half[(number*samples+s)*TileWidth:][:TileWidth]...)
			}
		}
		got, err := decryptor.Decode(sum, 1)
		b.Must(err)
		for i, x := range got {
			if x != int64(values[s*n+i]) {
				t.Fatalf("sample %d: value %d decodes to %d, want %d", s, i, x, values[s*n+i])
			}
		}
	}
}

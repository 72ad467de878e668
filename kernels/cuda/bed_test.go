//go:build cuda

package cuda

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"

	"genoveil/gpu"
	kernels "genoveil/kernels/cpu"
	"genoveil/kernels/cuda/cudatest"
)

var device = sync.OnceValues(func() (*gpu.Device, error) { return gpu.Open(0, Modules()) })

// A bed is a ring on a device.
type bed struct {
	*cudatest.Bed
	ring   *Ring
	moduli []kernels.Modulus
	ntt    []*kernels.NTT
}

func newBed(t *testing.T, n int, primes []uint32) *bed {
	t.Helper()
	b := &bed{Bed: cudatest.New(t, device)}
	var err error
	b.ring, err = NewRing(b.Device, n, primes)
	b.Must(err)
	for _, q := range primes {
		ntt, err := kernels.NewNTT(n, q)
		b.Must(err)
		b.ntt, b.moduli = append(b.ntt, ntt), append(b.moduli, ntt.Modulus)
	}
	return b
}

// addresses puts the addresses of arrays on the device.
func (b *bed) addresses(arrays ...gpu.Words) gpu.Words {
	var words []uint32
	for _, a := range arrays {
		words = append(words, uint32(a.Address()), uint32(a.Address()>>32))
	}
	return b.Array(words)
}

// residues are rows of n words modulo the moduli in turn: random ones, or q−1.
func (b *bed) residues(r *rand.Rand, rows, n, primes int, extreme bool) []uint32 {
	a := make([]uint32, rows*n)
	for i := range a {
		q := b.moduli[i/n%primes].Q
		a[i] = q - 1
		if !extreme {
			a[i] = r.Uint32N(q)
		}
	}
	return a
}

// seeds are random, as bytes and as words.
func seeds(r *rand.Rand, n int) (bytes [][32]byte, words []uint32) {
	bytes = make([][32]byte, n)
	for i := range bytes {
		for j := 0; j < 32; j += 4 {
			binary.LittleEndian.PutUint32(bytes[i][j:], r.Uint32())
			words = append(words, binary.LittleEndian.Uint32(bytes[i][j:]))
		}
	}
	return bytes, words
}

// arithPrimes are the largest one for many rings, one that rejects half of all
// candidates, and one that leaves many spare bits.
var arithPrimes = []uint32{268369921, 134250497, 12289}

// tileMajor lays out rows [sample][prime][N] as [prime][tile][sample][TileWidth].
func tileMajor(rows [][]uint32, n, primes int) []uint32 {
	var out []uint32
	for number := range primes * n / TileWidth {
		for _, row := range rows {
			out = append(out, row[number*TileWidth:][:TileWidth]...)
		}
	}
	return out
}

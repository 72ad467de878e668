//go:build cuda

package cuda

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"genoveil/gpu"
	kernels "genoveil/kernels/cpu"
)

var device = sync.OnceValues(func() (*gpu.Device, error) { return gpu.Open(0, Modules()) })

// guard is the number of words before and after every array of a bed.
const guard = 96

const guardWord = 0xdeadbeef

// A bed is a ring on a device and arrays on it between guard words, which must be as
// they were when the test ends.
type bed struct {
	t      *testing.T
	device *gpu.Device
	stream *gpu.Stream
	ring   *Ring
	moduli []kernels.Modulus
	ntt    []*kernels.NTT
}

func newBed(t *testing.T, n int, primes []uint32) *bed {
	t.Helper()
	d, err := device()
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{t: t, device: d}
	if b.stream, err = d.NewStream(); err != nil {
		t.Fatal(err)
	}
	if b.ring, err = NewRing(d, n, primes); err != nil {
		t.Fatal(err)
	}
	for _, q := range primes {
		ntt, err := kernels.NewNTT(n, q)
		if err != nil {
			t.Fatal(err)
		}
		b.ntt, b.moduli = append(b.ntt, ntt), append(b.moduli, ntt.Modulus)
	}
	return b
}

// array puts words on the device.
func (b *bed) array(words []uint32) gpu.Words {
	b.t.Helper()
	guards := slices.Repeat([]uint32{guardWord}, guard)
	all, err := b.device.Alloc(len(words) + 2*guard)
	if err != nil {
		b.t.Fatal(err)
	}
	b.must(b.stream.Write(all, slices.Concat(guards, words, guards)))
	b.t.Cleanup(func() {
		for _, from := range []int{0, guard + len(words)} {
			if !slices.Equal(b.read(all.Slice(from, from+guard)), guards) {
				b.t.Errorf("words beside an array of %d are overwritten", len(words))
			}
		}
		b.device.Free(all)
	})
	return all.Slice(guard, guard+len(words))
}

// addresses puts the addresses of arrays on the device.
func (b *bed) addresses(arrays ...gpu.Words) gpu.Words {
	var words []uint32
	for _, a := range arrays {
		words = append(words, uint32(a.Address()), uint32(a.Address()>>32))
	}
	return b.array(words)
}

func (b *bed) read(w gpu.Words) []uint32 {
	b.t.Helper()
	words := make([]uint32, w.Len())
	b.must(b.stream.Read(words, w))
	return words
}

func (b *bed) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// equal compares an array with what a twin makes.
func (b *bed) equal(got gpu.Words, want []uint32, what string) {
	b.t.Helper()
	for i, x := range b.read(got) {
		if x != want[i] {
			b.t.Fatalf("%s: word %d of %d is %d, want %d", what, i, len(want), x, want[i])
		}
	}
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

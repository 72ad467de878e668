//go:build cuda

package cuda

import (
	"math/rand/v2"
	"testing"

	"genoveil/kernels/cpu/sampling"
)

// uniformTwin is what Uniform makes of one seed.
func (b *bed) uniformTwin(seed *[32]byte, primes, samples int) []uint32 {
	n, u := b.ring.N, sampling.NewUniform(seed)
	rows := make([][]uint32, samples)
	for i := range rows {
		rows[i] = make([]uint32, primes*n)
		for l := range primes {
			u.Fill(rows[i][l*n:][:n], b.moduli[l], uint32(i), uint32(l), 0)
		}
	}
	return tileMajor(rows, n, primes)
}

// TestUniform: the stream of kernels/cpu/sampling bit for bit, of primes that reject almost
// nothing and half of all candidates, which takes several further blocks.
func TestUniform(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct{ n, chunks, samples int }{{1 << 10, 3, 1}, {1 << 10, 2, 63}, {1 << 10, 1, 64}, {1 << 13, 1, 5}} {
		b := newBed(t, c.n, arithPrimes[:2+c.n>>10&1])
		primes := len(b.moduli)
		bytes, words := seeds(r, c.chunks)
		dst := b.Array(make([]uint32, c.chunks*primes*c.samples*c.n))
		b.Must(b.ring.Uniform(b.Stream, dst, b.Array(words), c.chunks, primes, c.samples))
		var want []uint32
		for i := range bytes {
			want = append(want, b.uniformTwin(&bytes[i], primes, c.samples)...)
		}
		b.Equal(dst, want, "uniform")
	}
}

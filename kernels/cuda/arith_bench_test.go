//go:build cuda

package cuda

import (
	"fmt"
	"slices"
	"testing"

	"genoveil/gpu"
)

// A bench is a ring of the size that genotypes use, and arrays on its device.
type bench struct {
	*testing.B
	device *gpu.Device
	stream *gpu.Stream
	ring   *Ring
}

func newBench(b *testing.B) *bench {
	d, err := device()
	if err != nil {
		b.Fatal(err)
	}
	s, err := d.NewStream()
	if err != nil {
		b.Fatal(err)
	}
	r, err := NewRing(d, 1<<13, []uint32{268369921, 268271617, 268238849})
	if err != nil {
		b.Fatal(err)
	}
	return &bench{b, d, s, r}
}

func (b *bench) zeros(words int) gpu.Words {
	w, err := b.device.Alloc(words)
	if err == nil {
		err = b.stream.Zero(w)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { b.device.Free(w) })
	return w
}

func (b *bench) words(words []uint32) gpu.Words {
	w := b.zeros(len(words))
	if err := b.stream.Write(w, words); err != nil {
		b.Fatal(err)
	}
	return w
}

// residues are random, since a device that works on zeros draws less power and runs
// faster: chunks·samples polynomials modulo three primes.
func (b *bench) residues(chunks, samples int) gpu.Words {
	w := b.zeros(chunks * 3 * samples * b.ring.N)
	if err := b.ring.Uniform(b.stream, w, b.zeros(8*chunks), chunks, 3, samples); err != nil {
		b.Fatal(err)
	}
	return w
}

func (b *bench) addresses(count int, arrays ...gpu.Words) gpu.Words {
	var words []uint32
	for i := range count {
		for _, a := range arrays {
			size := a.Len() / count
			at := a.Slice(i*size, (i+1)*size).Address()
			words = append(words, uint32(at), uint32(at>>32))
		}
	}
	return b.words(words)
}

// measure queues the launches and waits for the last. work is what one launch does.
func (b *bench) measure(work int, unit string, launch func() error) {
	b.Helper()
	queue := func() {
		if err := launch(); err != nil {
			b.Fatal(err)
		}
	}
	wait := func() {
		if err := b.stream.Synchronize(); err != nil {
			b.Fatal(err)
		}
	}
	queue()
	wait()
	b.ResetTimer()
	for range b.N {
		queue()
	}
	wait()
	b.ReportMetric(float64(work)*float64(b.N)/b.Elapsed().Seconds(), unit+"/s")
}

// BenchmarkUniform makes the seeded halves of 16 full chunks.
func BenchmarkUniform(b *testing.B) {
	const chunks, samples = 16, 64
	t := newBench(b)
	dst, seeds := t.zeros(chunks*3*samples*t.ring.N), t.zeros(8*chunks)
	t.measure(chunks*samples*t.ring.N, "genotypes", func() error { return t.ring.Uniform(t.stream, dst, seeds, chunks, 3, samples) })
}

// BenchmarkAccumulate multiplies 32 full chunks by the constants of some columns.
func BenchmarkAccumulate(b *testing.B) {
	const products, samples, primes = 32, 64, 3
	for _, k := range []int{1, 4, 12, 64} {
		b.Run(fmt.Sprintf("columns=%d", k), func(b *testing.B) {
			t := newBench(b)
			n := t.ring.N
			c0, c1 := t.residues(products, samples), t.residues(products, samples)
			table := t.addresses(products, c0, c1, t.zeros(products*k*3*primes*n))
			d, columns := t.residues(2*k, samples), make([]uint32, k)
			for i := range columns {
				columns[i] = uint32(i)
			}
			chosen := t.words(columns)
			t.measure(products*samples*n, "genotypes", func() error {
				return t.ring.Accumulate(t.stream, table, products, chosen, k, d, samples, k, primes)
			})
		})
	}
}

// BenchmarkWeighted multiplies 32 lanes of 64 samples by the weights of some scores.
func BenchmarkWeighted(b *testing.B) {
	const lanes, samples, primes = 32, 64, 3
	for _, c := range []struct{ scores, components int }{{1, 1}, {4, 1}, {1, 2}} {
		b.Run(fmt.Sprintf("scores=%d,components=%d", c.scores, c.components), func(b *testing.B) {
			t := newBench(b)
			n := t.ring.N
			c0, c1 := t.residues(lanes, samples), t.residues(lanes, samples)
			chunks := t.addresses(lanes, c0, c1)
			sums, weights := t.zeros(primes*n*c.scores*(c.components+1)*samples), t.residues(lanes*c.scores*c.components, 1)
			t.measure(lanes*samples*n, "genotypes", func() error {
				return t.ring.Weighted(t.stream, sums, chunks, lanes, weights, c.scores, c.components, samples, primes)
			})
		})
	}
}

// BenchmarkEncrypt encrypts 16 full chunks.
func BenchmarkEncrypt(b *testing.B) {
	const chunks, samples, primes = 16, 64, 3
	t := newBench(b)
	n := t.ring.N
	e, err := t.ring.NewEncryptor(t.device, t.stream, slices.Repeat([][]uint32{make([]uint32, n)}, primes), slices.Repeat([]uint32{1}, primes))
	if err != nil {
		b.Fatal(err)
	}
	defer e.Release(t.device, t.stream)
	c0, messages := t.zeros(e.MessagesLen(chunks, samples)), t.zeros(e.MessagesLen(chunks, samples))
	values, seeds, key := t.zeros(chunks*samples*n), t.zeros(8*chunks), t.zeros(8)
	t.measure(chunks*samples*n, "genotypes", func() error {
		return e.Encrypt(t.stream, c0, values, messages, seeds, key, chunks, samples)
	})
}

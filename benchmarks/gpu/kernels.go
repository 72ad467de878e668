//go:build cuda

package main

import (
	"fmt"
	"slices"

	"genoveil/he"
	"genoveil/kernels/cuda"
)

// floors measures the card.
func (b *bench) floors() error {
	words := b.size(1<<28, 1<<12)
	dst, src := b.zeros(words), b.residues(max(words/b.ring.N, 1), 1)
	words = min(words, src.Len())
	seconds, err := b.seconds(func() error {
		return cuda.FloorCopy(b.stream, dst.Slice(0, words), src.Slice(0, words), b.device.Info().Processors)
	})
	if err != nil {
		return err
	}
	b.result.CopyBytes = 8 * float64(words) / seconds

	const chains = 16
	rounds, threads := b.size(1<<12, 4), b.size(b.device.Info().Processors*2048*4, 512)
	out := b.zeros(2 * threads)
	seconds, err = b.seconds(func() error { return cuda.FloorMultiply(b.stream, out, rounds) })
	b.result.Multiplications = chains * float64(rounds) * float64(threads) / seconds
	return err
}

// transfers copies between page-locked memory and the card.
func (b *bench) transfers() error {
	words := b.size(1<<26, 1<<12)
	host, err := b.device.Host(words)
	if err != nil {
		return err
	}
	defer host.Release()
	card := b.zeros(words)
	work := row{Name: "host to device", Size: short(float64(4*words)) + "B", Count: 4 * float64(words), Unit: "B"}
	if err := b.measure(work, func() error { return b.stream.Upload(card, host.Words) }); err != nil {
		return err
	}
	b.result.Upload = b.result.Rows[len(b.result.Rows)-1].Rate
	work.Name = "device to host"
	return b.measure(work, func() error { return b.stream.Download(host.Words, card) })
}

// transforms measures the NTT of many polynomials modulo one prime.
func (b *bench) transforms() error {
	n, rows := b.ring.N, b.size(1<<13, 4)
	a := b.residues(rows, 1)
	work := row{
		Name: "NTT", Size: fmt.Sprintf("N = %d, %d rows", n, rows), Count: float64(rows), Unit: "NTT",
		Bytes: 8 * float64(rows*n), Multiplications: float64(rows) * transformWork(b.chain),
	}
	if err := b.measure(work, func() error { return b.ring.Forward(b.stream, a, 0, 1) }); err != nil {
		return err
	}
	work.Name = "inverse NTT"
	return b.measure(work, func() error { return b.ring.Inverse(b.stream, a, 0, 1) })
}

// transformWork is the multiplications of an NTT: a butterfly has one whose high half is
// kept and two whose low half is.
func transformWork(c he.Chain) float64 { return float64(c.N()/2*c.LogN) * 2 }

// uniform expands the seeds of chunks.
func (b *bench) uniform() error {
	n, chunks, samples, primes := b.ring.N, b.size(32, 2), b.size(he.ChunkSamples, 2), len(b.chain.Sums)
	dst, seeds := b.zeros(chunks*primes*samples*n), b.zeros(8*chunks)
	return b.measure(row{
		Name: "public halves from seeds", Size: fmt.Sprintf("%d × %d × %d", chunks, samples, n), Count: float64(chunks * samples * n), Unit: "genotypes",
		Bytes: 4 * float64(dst.Len()),
	}, func() error { return b.ring.Uniform(b.stream, dst, seeds, chunks, primes, samples) })
}

// accumulate multiplies chunks by the constants of columns.
func (b *bench) accumulate() error {
	n, samples, primes := b.ring.N, b.size(he.ChunkSamples, 2), len(b.chain.Sums)
	targets := map[int]*target{1: {Memory: 0.7}, 12: {Integer: 0.5}}
	for _, k := range []int{1, 4, 12, 64} {
		products := b.size(128, 3)
		c0, c1 := b.residues(products*samples, primes), b.residues(products*samples, primes)
		sums, d := b.zeros(products*k*3*primes*n), b.residues(samples*k*2, primes)
		table := b.addresses(products, c0, c1, sums)
		chosen := make([]uint32, k)
		for i := range chosen {
			chosen[i] = uint32(i)
		}
		columns := b.words(chosen)
		genotypes := float64(products * samples * n)
		err := b.measure(row{
			Name: fmt.Sprintf("multiply-accumulate, K = %d", k), Size: fmt.Sprintf("%d × %d × %d", products, samples, n),
			Count: genotypes, Unit: "genotypes", Target: targets[k],
			// Both halves and the constants once, the sums read and written; three
			// multiplications a prime.
			Bytes:           4 * float64(c0.Len()+c1.Len()+d.Len()+2*sums.Len()),
			Multiplications: genotypes * float64(k*3*primes),
		}, func() error {
			return b.ring.Accumulate(b.stream, table, products, columns, k, d, samples, k, primes)
		})
		if err != nil {
			return err
		}
		if err := b.release(); err != nil {
			return err
		}
	}
	return nil
}

// encrypt encrypts chunks.
func (b *bench) encrypt() error {
	n, chunks, samples, primes := b.ring.N, b.size(16, 1), b.size(he.ChunkSamples, 2), len(b.chain.Sums)
	e, err := b.ring.NewEncryptor(b.device, b.stream, slices.Repeat([][]uint32{make([]uint32, n)}, primes), slices.Repeat([]uint32{1}, primes))
	if err != nil {
		return err
	}
	c0, messages := b.zeros(e.MessagesLen(chunks, samples)), b.zeros(e.MessagesLen(chunks, samples))
	values, seeds, key := b.zeros(chunks*samples*n), b.zeros(8*chunks), b.zeros(8)
	err = b.measure(row{
		Name: "encryption", Size: fmt.Sprintf("%d × %d × %d", chunks, samples, n), Count: float64(chunks * samples * n), Unit: "genotypes",
		Bytes: 4 * float64(values.Len()+c0.Len()), Multiplications: float64(chunks*samples*primes) * transformWork(b.chain),
	}, func() error {
		return e.Encrypt(b.stream, c0, values, messages, seeds, key, chunks, samples)
	})
	if err := e.Release(b.device, b.stream); err != nil {
		return err
	}
	return err
}

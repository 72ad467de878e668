//go:build cuda

package cuda

import (
	"slices"

	"genoveil/gpu"
	kernels "genoveil/kernels/cpu"
)

// An Encryptor encrypts under one secret with one scale: he.Encryptor's loop.
type Encryptor struct {
	ring           *Ring
	primes         int
	scales, secret gpu.Words
}

// NewEncryptor prepares encryption modulo the first primes of the ring. secret[l] is
// the secret transformed modulo prime l, N reduced words, and scales[l] what values
// are multiplied by. The device holds the secret until Release.
func (r *Ring) NewEncryptor(d *gpu.Device, s *gpu.Stream, secret [][]uint32, scales []uint32) (*Encryptor, error) {
	e := &Encryptor{ring: r, primes: len(scales)}
	var factors, montgomery []uint32
	for l, scale := range scales {
		m, err := kernels.NewModulus(r.Primes[l])
		if err != nil {
			return nil, err
		}
		factors = append(factors, scale, m.Shoup(scale))
		montgomery = append(montgomery, montgomeryOne(m))
	}
	rows := slices.Concat(secret[:e.primes]...)
	defer clear(rows)
	var err error
	if e.scales, err = d.Alloc(len(factors)); err != nil {
		return nil, err
	}
	if e.secret, err = d.Alloc(len(rows)); err != nil {
		d.Free(e.scales)
		return nil, err
	}
	if err = s.Write(e.scales, factors); err == nil {
		if err = s.Write(e.secret, rows); err == nil {
			err = r.ScaleRows(s, e.secret, montgomery, 0, e.primes)
		}
	}
	if err != nil {
		e.Release(d, s)
		return nil, err
	}
	return e, nil
}

// Release wipes the secret and frees the memory.
func (e *Encryptor) Release(d *gpu.Device, s *gpu.Stream) error {
	err := s.Zero(e.secret)
	if err == nil {
		err = s.Synchronize()
	}
	d.Free(e.secret)
	d.Free(e.scales)
	return err
}

// MessagesLen is the number of words of scratch that Encrypt takes.
func (e *Encryptor) MessagesLen(chunks, samples int) int {
	return chunks * samples * e.primes * e.ring.N
}

// Encrypt writes c0 = NTT(scale·values + errors) − c1·secret of some chunks, tile-major:
// c0[chunk][prime][tile][sample][TileWidth] of values[chunk][sample][N], signed words of
// any size. c1 is Uniform's of seeds [chunk][8], all different and never used before.
// messages is scratch and holds the plain messages until they are overwritten.
//
// Errors come from a ChaCha20 stream under key, eight words that must be new in every call
// and come from the operating system: two calls with one key share all errors. It is as
// secret as the key of encryption. (An argument of the launch would stay in the driver's
// memory.)
func (e *Encryptor) Encrypt(s *gpu.Stream, c0, values, messages, seeds, key gpu.Words, chunks, samples int) error {
	r, rows, words := e.ring, chunks*samples, e.MessagesLen(chunks, samples)
	r.check(c0, words)
	r.check(values, rows*r.N)
	r.check(messages, words)
	r.check(seeds, 8*chunks)
	r.check(key, 8)
	g := gpu.Grid{Blocks: [3]int{r.N / 1024, rows}, Threads: [3]int{128}}
	if err := s.Launch("encrypt_messages", g, messages, values, e.scales, r.table, uint32(e.primes), key); err != nil {
		return err
	}
	if err := r.Forward(s, messages.Slice(0, words), 0, e.primes); err != nil {
		return err
	}
	return s.Launch("encrypt_mask", r.blocks(e.primes, chunks, samples), c0, messages, e.secret, seeds, r.table, uint32(r.N), uint32(samples))
}

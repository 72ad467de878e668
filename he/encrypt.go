package he

import (
	"crypto/rand"
	"fmt"
	"math"

	"genoveil/kernels/cpu"
	"genoveil/kernels/cpu/sampling"
)

// A ChunkEncryptor encrypts planes. It may be used from several goroutines.
type ChunkEncryptor interface {
	// EncryptChunk encrypts one plane of up to ChunkSamples samples into chunk, under
	// a fresh seed. fill writes the N plane values of one sample. chunk.C0 is reused
	// where it is large enough. |v| ≤ MaxPlane or it fails.
	EncryptChunk(chunk *EncryptedChunk, samples int, fill func(sample int, values []int32)) error
}

// An Encryptor encrypts planes under the secret key, for sums and for scores. It is not
// safe for concurrent use: every goroutine takes its own from Fork.
type Encryptor struct {
	*encryption
	params PlaneParams
	scales []uint32 // Δg modulo each sum prime
	values []int32
}

// NewEncryptor prepares encryption under sk.
func NewEncryptor(params PlaneParams, sk *SecretKey) (*Encryptor, error) {
	encryption, err := newEncryption(params.Chain(), params.Chain().Sums, sk)
	if err != nil {
		return nil, err
	}
	e := &Encryptor{encryption: encryption, params: params, values: make([]int32, params.N())}
	for _, t := range e.ntt {
		e.scales = append(e.scales, residue(t, params.PlaneScale()))
	}
	return e, nil
}

// Fork returns an encryptor of the same key with its own source of errors.
func (e *Encryptor) Fork() (*Encryptor, error) {
	own, err := e.encryptionKey.start()
	if err != nil {
		return nil, err
	}
	return &Encryptor{own, e.params, e.scales, make([]int32, len(e.values))}, nil
}

// ChunkEncryptor encrypts up to `threads` chunks at a time with forks of e; further
// ones wait.
func (e *Encryptor) ChunkEncryptor(threads int) ChunkEncryptor {
	f := &forks{e, make(chan *Encryptor, threads)}
	for range threads {
		f.idle <- nil // not forked yet
	}
	return f
}

type forks struct {
	encryptor *Encryptor
	idle      chan *Encryptor
}

func (f *forks) EncryptChunk(chunk *EncryptedChunk, samples int, fill func(sample int, values []int32)) (err error) {
	e := <-f.idle
	defer func() { f.idle <- e }()
	if e == nil {
		if e, err = f.encryptor.Fork(); err != nil {
			return err
		}
	}
	return e.EncryptChunk(chunk, samples, fill)
}

// PlaneKey is what a ChunkEncryptor elsewhere needs: the secret, transformed, a row for
// each sum prime, and Δg modulo each. It is as secret as the key, and not to be changed.
func (e *Encryptor) PlaneKey() (secret [][]uint32, scales []uint32) { return e.secret, e.scales }

// StartChunk gives a chunk its size and a fresh seed.
func (p PlaneParams) StartChunk(chunk *EncryptedChunk, samples int) error {
	if samples < 1 || samples > ChunkSamples {
		return fmt.Errorf("%d samples do not make a chunk", samples)
	}
	chunk.Samples = samples
	if size := p.Chain().ChunkLen(samples); cap(chunk.C0) < size {
		chunk.C0 = make([]uint32, size)
	} else {
		chunk.C0 = chunk.C0[:size]
	}
	_, err := rand.Read(chunk.Seed[:])
	return err
}

// CheckPlane refuses plane values that the set is not planned for.
func (p PlaneParams) CheckPlane(values []int32) error { return checkRange(values, p.MaxPlane()) }

// EncryptChunk is as in ChunkEncryptor, for one goroutine.
func (e *Encryptor) EncryptChunk(chunk *EncryptedChunk, samples int, fill func(sample int, values []int32)) error {
	if err := e.params.StartChunk(chunk, samples); err != nil {
		return err
	}
	chain := e.params.Chain()
	n := chain.N()
	uniform := sampling.NewUniform(&chunk.Seed)
	rows := n / TileWidth * samples
	for s := range samples {
		fill(s, e.values)
		if err := e.params.CheckPlane(e.values); err != nil {
			return err
		}
		e.errors.Fill(e.noise)
		for l := range chain.Sums {
			c0 := chunk.C0[(l*rows+s)*TileWidth:]
			e.encrypt(c0, samples*TileWidth, e.values, uniform, l, uint32(s), e.scales[l])
		}
	}
	return nil
}

func checkRange(values []int32, limit int64) error {
	if limit <= math.MaxInt32 && !cpu.Within(values, int32(limit)) {
		return fmt.Errorf("a value is outside ±%d, which the parameter set is planned for", limit)
	}
	return nil
}

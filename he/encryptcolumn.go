package he

import (
	"crypto/rand"
	"fmt"

	"genoveil/kernels/cpu/sampling"
)

// A ColumnEncryptor encrypts columns under the secret key. It is not safe for concurrent
// use.
type ColumnEncryptor struct {
	*encryption
	params SumParams
	scales []uint32 // Δr·∏dropped modulo each column prime
	values []int32
}

// NewColumnEncryptor prepares encryption under sk.
func NewColumnEncryptor(params SumParams, sk *SecretKey) (*ColumnEncryptor, error) {
	chain := params.Chain()
	encryption, err := newEncryption(chain, chain.ColumnPrimes(), sk)
	if err != nil {
		return nil, err
	}
	e := &ColumnEncryptor{encryption: encryption, params: params, values: make([]int32, params.N())}
	for _, t := range e.ntt {
		scale := t.Reduce(params.ColumnScale())
		for _, d := range chain.Dropped {
			scale = t.Mul(scale, t.Reduce(uint64(d)))
		}
		e.scales = append(e.scales, scale)
	}
	return e, nil
}

// EncryptColumn packs and encrypts up to N column values, under a fresh seed.
// |ρ| ≤ MaxColumn or it fails.
func (e *ColumnEncryptor) EncryptColumn(values []int32) (SeededCiphertext, error) {
	chain := e.params.Chain()
	n := chain.N()
	if len(values) > n {
		return SeededCiphertext{}, fmt.Errorf("%d values do not fit a packed column of %d", len(values), n)
	}
	if err := checkRange(values, e.params.MaxColumn()); err != nil {
		return SeededCiphertext{}, err
	}
	column := SeededCiphertext{C0: make([]uint32, chain.PackedLen())}
	if _, err := rand.Read(column.Seed[:]); err != nil {
		return SeededCiphertext{}, err
	}
	uniform := sampling.NewUniform(&column.Seed)
	e.errors.Fill(e.noise)
	clear(e.values)
	for i, x := range values {
		e.values[chain.position(i)] = x
	}
	for l := range e.ntt {
		e.encrypt(column.C0[l*n:][:n], TileWidth, e.values, uniform, l, 0, e.scales[l])
	}
	return column, nil
}

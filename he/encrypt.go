package he

import (
	"crypto/rand"
	"fmt"
	"math/bits"

	"genoveil/kernels/cpu"
)

// An Encryptor encrypts planes and columns under the secret key. It is not safe
// for concurrent use: every goroutine takes its own from Fork.
type Encryptor struct {
	*encryptorKey
	errors  *cpu.Errors
	values  []int32
	noise   []int32
	message []uint32
	mask    []uint32
}

// encryptorKey is what all forks share.
type encryptorKey struct {
	params Params
	ntt    []*cpu.NTT // one a trait prime
	secret [][]uint32 // transformed, one row a trait prime
	plane  []uint32   // Δg modulo each sum prime
	column []uint32   // Δr·∏dropped modulo each trait prime
}

// NewEncryptor prepares encryption under sk.
func NewEncryptor(params Params, sk *SecretKey) (*Encryptor, error) {
	chain := params.Chain()
	if sk.N() != chain.N() {
		return nil, fmt.Errorf("secret key has ring degree %d, the parameter set %d", sk.N(), chain.N())
	}
	key := &encryptorKey{params: params}
	for _, q := range chain.Trait() {
		t, err := cpu.NewNTT(chain.N(), q)
		if err != nil {
			return nil, err
		}
		column := t.Reduce(params.ColumnScale())
		for _, d := range chain.Dropped {
			column = t.Mul(column, t.Reduce(uint64(d)))
		}
		key.ntt = append(key.ntt, t)
		key.secret = append(key.secret, sk.transformed(t))
		key.plane = append(key.plane, t.Reduce(params.PlaneScale()))
		key.column = append(key.column, column)
	}
	return (&Encryptor{encryptorKey: key}).Fork()
}

// Fork returns an encryptor of the same key with its own source of errors.
func (e *Encryptor) Fork() (*Encryptor, error) {
	errors, err := cpu.NewErrors()
	if err != nil {
		return nil, err
	}
	n := e.params.N()
	return &Encryptor{
		encryptorKey: e.encryptorKey, errors: errors,
		values: make([]int32, n), noise: make([]int32, n), message: make([]uint32, n), mask: make([]uint32, n),
	}, nil
}

// EncryptChunk encrypts one plane of up to ChunkSamples samples into chunk, under
// a fresh seed. fill writes the N plane values of one sample. chunk.C0 is reused
// where it is large enough. |v| ≤ MaxPlane or it fails.
func (e *Encryptor) EncryptChunk(chunk *Chunk, samples int, fill func(sample int, values []int32)) error {
	chain := e.params.Chain()
	n := chain.N()
	if samples < 1 || samples > ChunkSamples {
		return fmt.Errorf("%d samples do not make a chunk", samples)
	}
	chunk.Samples = samples
	if size := chain.ChunkLen(samples); cap(chunk.C0) < size {
		chunk.C0 = make([]uint32, size)
	} else {
		chunk.C0 = chunk.C0[:size]
	}
	if _, err := rand.Read(chunk.Seed[:]); err != nil {
		return err
	}
	uniform := cpu.NewUniform(&chunk.Seed)
	tiles := n / TileWidth
	for s := range samples {
		fill(s, e.values)
		if err := checkRange(e.values, e.params.MaxPlane()); err != nil {
			return err
		}
		e.errors.Fill(e.noise)
		for l := range chain.Sums {
			t, scale := e.ntt[l], int64(e.plane[l])
			for j, x := range e.values {
				e.message[j] = t.ReduceSigned(int64(x)*scale + int64(e.noise[j]))
			}
			e.finish(uniform, l, uint32(s))
			for tile := range tiles {
				copy(chunk.C0[((l*tiles+tile)*samples+s)*TileWidth:][:TileWidth], e.message[tile*TileWidth:])
			}
		}
	}
	return nil
}

// EncryptColumn packs and encrypts up to N column values, under a fresh seed.
// |ρ| ≤ MaxColumn or it fails.
func (e *Encryptor) EncryptColumn(values []int32) (PackedColumn, error) {
	chain := e.params.Chain()
	n := chain.N()
	if len(values) > n {
		return PackedColumn{}, fmt.Errorf("%d values do not fit a packed column of %d", len(values), n)
	}
	if err := checkRange(values, e.params.MaxColumn()); err != nil {
		return PackedColumn{}, err
	}
	column := PackedColumn{C0: make([]uint32, 0, chain.PackedLen())}
	if _, err := rand.Read(column.Seed[:]); err != nil {
		return PackedColumn{}, err
	}
	uniform := cpu.NewUniform(&column.Seed)
	e.errors.Fill(e.noise)
	for l, t := range e.ntt {
		for j, x := range e.noise {
			e.message[j] = t.ReduceSigned(int64(x))
		}
		for i, x := range values {
			j := bits.Reverse32(uint32(i)) >> (32 - chain.LogN)
			e.message[j] = t.Add(e.message[j], t.Mul(t.ReduceSigned(int64(x)), e.column[l]))
		}
		e.finish(uniform, l, 0)
		column.C0 = append(column.C0, e.message...)
	}
	return column, nil
}

// finish turns the message modulo prime l into c0 = NTT(message) − c1·s.
func (e *Encryptor) finish(uniform *cpu.Uniform, l int, ciphertext uint32) {
	t := e.ntt[l]
	t.Forward(e.message)
	uniform.Fill(e.mask, t.Modulus, ciphertext, uint32(l), 0)
	t.MulVec(e.mask, e.mask, e.secret[l])
	t.SubVec(e.message, e.message, e.mask)
}

func checkRange(values []int32, limit int64) error {
	for _, x := range values {
		if int64(x) > limit || int64(x) < -limit {
			return fmt.Errorf("a value is outside ±%d, which the parameter set is planned for", limit)
		}
	}
	return nil
}

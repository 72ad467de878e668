package he

import (
	"crypto/rand"
	"fmt"
	"math"
	"math/bits"

	"genoveil/kernels/cpu"
	"genoveil/kernels/cpu/sampling"
)

// A ChunkEncryptor encrypts planes. It may be used from several goroutines.
type ChunkEncryptor interface {
	// EncryptChunk encrypts one plane of up to ChunkSamples samples into chunk, under
	// a fresh seed. fill writes the N plane values of one sample. chunk.C0 is reused
	// where it is large enough. |v| ≤ MaxPlane or it fails.
	EncryptChunk(chunk *Chunk, samples int, fill func(sample int, values []int32)) error
}

// An Encryptor encrypts planes and columns under the secret key. It is not safe
// for concurrent use: every goroutine takes its own from Fork.
type Encryptor struct {
	*encryptorKey
	errors  *sampling.Binomial
	values  []int32
	noise   []int32
	message []uint32
	mask    []uint32 // c1
}

// encryptorKey is what all forks share.
type encryptorKey struct {
	params Params
	ntt    []*cpu.NTT // one a trait prime
	secret [][]uint32 // transformed, one row a trait prime
	shoup  [][]uint32 // its companions
	plane  []uint32   // Δg modulo each sum prime
	column []uint32   // Δr·∏dropped modulo each trait prime
}

// NewEncryptor prepares encryption under sk.
func NewEncryptor(params Params, sk *SecretKey) (*Encryptor, error) {
	key, err := newEncryptorKey(params.Chain(), sk)
	if err != nil {
		return nil, err
	}
	key.params = params
	for _, t := range key.ntt {
		column := t.Reduce(params.ColumnScale())
		for _, d := range params.Chain().Dropped {
			column = t.Mul(column, t.Reduce(uint64(d)))
		}
		key.plane = append(key.plane, residue(t, params.PlaneScale()))
		key.column = append(key.column, column)
	}
	return key.newEncryptor()
}

func newEncryptorKey(chain Chain, sk *SecretKey) (*encryptorKey, error) {
	if sk.N() != chain.N() {
		return nil, fmt.Errorf("secret key has ring degree %d, the parameter set %d", sk.N(), chain.N())
	}
	key := &encryptorKey{}
	for _, q := range chain.Trait() {
		t, err := cpu.NewNTT(chain.N(), q)
		if err != nil {
			return nil, err
		}
		key.ntt = append(key.ntt, t)
		secret, shoup := sk.transformed(t), make([]uint32, chain.N())
		t.ShoupVec(shoup, secret)
		key.secret = append(key.secret, secret)
		key.shoup = append(key.shoup, shoup)
	}
	return key, nil
}

// Fork returns an encryptor of the same key with its own source of errors.
func (e *Encryptor) Fork() (*Encryptor, error) { return e.newEncryptor() }

func (key *encryptorKey) newEncryptor() (*Encryptor, error) {
	binomial, err := sampling.NewBinomial()
	if err != nil {
		return nil, err
	}
	n := key.ntt[0].N
	return &Encryptor{
		encryptorKey: key, errors: binomial,
		values: make([]int32, n), noise: make([]int32, n), message: make([]uint32, n), mask: make([]uint32, n),
	}, nil
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

func (f *forks) EncryptChunk(chunk *Chunk, samples int, fill func(sample int, values []int32)) (err error) {
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
func (e *Encryptor) PlaneKey() (secret [][]uint32, scales []uint32) {
	primes := len(e.params.Chain().Sums)
	return e.secret[:primes], e.plane[:primes]
}

// StartChunk gives a chunk its size and a fresh seed.
func (p Params) StartChunk(chunk *Chunk, samples int) error {
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
func (p Params) CheckPlane(values []int32) error { return checkRange(values, p.MaxPlane()) }

// EncryptChunk is as in ChunkEncryptor, for one goroutine.
func (e *Encryptor) EncryptChunk(chunk *Chunk, samples int, fill func(sample int, values []int32)) error {
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
			e.encrypt(c0, samples*TileWidth, uniform, l, uint32(s), e.plane[l])
		}
	}
	return nil
}

// EncryptColumn packs and encrypts up to N column values, under a fresh seed.
// |ρ| ≤ MaxColumn or it fails.
func (e *Encryptor) EncryptColumn(values []int32) (PackedColumn, error) {
	chain := e.params.Chain()
	n := chain.N()
	if e.params.Scoring() {
		return PackedColumn{}, fmt.Errorf("the parameter set is for scores and has no columns")
	}
	if len(values) > n {
		return PackedColumn{}, fmt.Errorf("%d values do not fit a packed column of %d", len(values), n)
	}
	if err := checkRange(values, e.params.MaxColumn()); err != nil {
		return PackedColumn{}, err
	}
	column := PackedColumn{C0: make([]uint32, chain.PackedLen())}
	if _, err := rand.Read(column.Seed[:]); err != nil {
		return PackedColumn{}, err
	}
	uniform := sampling.NewUniform(&column.Seed)
	e.errors.Fill(e.noise)
	clear(e.values)
	for i, x := range values {
		e.values[bits.Reverse32(uint32(i))>>(32-chain.LogN)] = x
	}
	for l := range e.ntt {
		e.encrypt(column.C0[l*n:][:n], TileWidth, uniform, l, 0, e.column[l])
	}
	return column, nil
}

// encrypt writes c0 = NTT(scale·values + noise) − c1·s modulo prime l, each tile
// `stride` words after the one before.
func (e *Encryptor) encrypt(c0 []uint32, stride int, uniform *sampling.Uniform, l int, ciphertext, scale uint32) {
	t := e.ntt[l]
	t.MulAddSigned(e.message, e.values, e.noise, scale)
	t.Forward(e.message)
	uniform.Fill(e.mask, t.Modulus, ciphertext, uint32(l), 0)
	t.MulSubTiles(c0, stride, TileWidth, e.message, e.mask, e.secret[l], e.shoup[l])
}

func checkRange(values []int32, limit int64) error {
	if limit <= math.MaxInt32 && !cpu.Within(values, int32(limit)) {
		return fmt.Errorf("a value is outside ±%d, which the parameter set is planned for", limit)
	}
	return nil
}

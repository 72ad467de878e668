package he

import (
	"crypto/rand"
	"fmt"
	"math/big"

	"genoveil/kernels/cpu"
	"genoveil/kernels/cpu/sampling"
)

// An encryptionKey is the secret modulo some primes.
type encryptionKey struct {
	ntt    []*cpu.NTT
	secret [][]uint32 // transformed, one row a prime
	shoup  [][]uint32 // its companions
}

// An encryption is what one goroutine encrypts with.
type encryption struct {
	*encryptionKey
	errors  *sampling.Binomial
	noise   []int32
	message []uint32
	mask    []uint32 // c1
}

func newEncryption(chain Chain, primes []uint32, sk *SecretKey) (*encryption, error) {
	if sk.N() != chain.N() {
		return nil, fmt.Errorf("secret key has ring degree %d, the parameter set %d", sk.N(), chain.N())
	}
	key := &encryptionKey{}
	for _, q := range primes {
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
	return key.start()
}

// start gives a goroutine its own source of errors.
func (key *encryptionKey) start() (*encryption, error) {
	errors, err := sampling.NewBinomial()
	if err != nil {
		return nil, err
	}
	n := key.ntt[0].N
	return &encryption{key, errors, make([]int32, n), make([]uint32, n), make([]uint32, n)}, nil
}

// encrypt writes c0 = NTT(scale·values + noise) − c1·s modulo prime l, each tile
// `stride` words after the one before.
func (e *encryption) encrypt(c0 []uint32, stride int, values []int32, uniform *sampling.Uniform, l int, ciphertext, scale uint32) {
	t := e.ntt[l]
	t.MulAddSigned(e.message, values, e.noise, scale)
	t.Forward(e.message)
	uniform.Fill(e.mask, t.Modulus, ciphertext, uint32(l), 0)
	t.MulSubTiles(c0, stride, TileWidth, e.message, e.mask, e.secret[l], e.shoup[l])
}

// encryptSeeded encrypts scale·values; coefficients after the last value are zero.
func (e *encryption) encryptSeeded(values []int64, scale *big.Int) (SeededCiphertext, error) {
	n := len(e.message)
	ct := SeededCiphertext{C0: make([]uint32, len(e.ntt)*n)}
	if _, err := rand.Read(ct.Seed[:]); err != nil {
		return SeededCiphertext{}, err
	}
	uniform := sampling.NewUniform(&ct.Seed)
	e.errors.Fill(e.noise)
	for l, t := range e.ntt {
		for i, x := range e.noise {
			e.message[i] = t.ReduceSigned(int64(x))
		}
		factor := residue(t, scale)
		for i, x := range values {
			e.message[i] = t.Add(e.message[i], t.Mul(t.ReduceSigned(x), factor))
		}
		t.Forward(e.message)
		uniform.Fill(e.mask, t.Modulus, 0, uint32(l), 0)
		t.MulSubTiles(ct.C0[l*n:][:n], TileWidth, TileWidth, e.message, e.mask, e.secret[l], e.shoup[l])
	}
	return ct, nil
}

package he

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math/bits"

	"genoveil/kernels/cpu"
	"genoveil/kernels/cpu/sampling"
)

// Flood finishes the packed answers of a tile of 1 to N samples in place: it adds
// the constant to the answers of the samples, and a fresh public-key encryption of
// zero with noise uniform in [−2^f, 2^f), f = FloodBits. After it, c1 is
// pseudorandom, and the error of every coefficient, answer or not, is flooding but
// for a statistical distance of 2^-54. |constant| ≤ MaxAnswer or it fails.
//
// It presumes that the planes, the switching keys and the public key are what
// this package makes of the client's data: then the noise is within ScoreNoise.
func (p ScoreParams) Flood(sum Sum, samples int, constant int64, public SeededCiphertext) error {
	if p.PrivateModel() {
		return fmt.Errorf("the parameter set has no flooding")
	}
	if limit := p.MaxAnswer(); constant > limit || constant < -limit {
		return fmt.Errorf("a constant is outside ±%d, the largest answer", limit)
	}
	if err := p.checkTile(sum, samples, public); err != nil {
		return err
	}
	f, err := newFlooding(p.N(), p.FloodBits())
	if err != nil {
		return err
	}
	return p.eachPrime(func(l int, t *cpu.NTT) {
		c0, c1 := sum.row(p.chain, 0, l), sum.row(p.chain, 1, l)
		u, mask, message := make([]uint32, p.N()), make([]uint32, p.N()), make([]uint32, p.N())
		for j := range u {
			u[j] = t.ReduceSigned(int64(f.ternary[j]))
			mask[j] = t.ReduceSigned(int64(f.errors[1][j]))
		}
		f.noise(message, t)
		answer := t.Mul(t.ReduceSigned(constant), residue(t, p.Scale()))
		for i := range samples {
			j := p.chain.position(i)
			message[j] = t.Add(message[j], answer)
		}
		for _, a := range [][]uint32{u, mask, message} {
			t.Forward(a)
		}
		t.AddVec(c0, c0, message)
		t.AddVec(c1, c1, mask)
		t.MulVec(message, u, public.C0[l*p.N():][:p.N()])
		t.AddVec(c0, c0, message)
		sampling.NewUniform(&public.Seed).Fill(mask, t.Modulus, 0, uint32(l), 0)
		t.MulVec(mask, u, mask)
		t.AddVec(c1, c1, mask)
	})
}

// AddConstant finishes the packed answers of an encrypted model in place: it adds the
// encrypted constant (ModelEncryptor.EncryptConstant) to the answers of the samples.
func (p ScoreParams) AddConstant(sum Sum, samples int, constant SeededCiphertext) error {
	if !p.PrivateModel() {
		return fmt.Errorf("the parameter set is not for encrypted models")
	}
	if err := p.checkTile(sum, samples, constant); err != nil {
		return err
	}
	return p.eachPrime(func(l int, t *cpu.NTT) {
		c0, c1 := sum.row(p.chain, 0, l), sum.row(p.chain, 1, l)
		where, product := make([]uint32, p.N()), make([]uint32, p.N())
		for i := range samples {
			where[p.chain.position(i)] = 1
		}
		t.Forward(where)
		t.MulVec(product, where, constant.C0[l*p.N():][:p.N()])
		t.AddVec(c0, c0, product)
		sampling.NewUniform(&constant.Seed).Fill(product, t.Modulus, 0, uint32(l), 0)
		t.MulVec(product, where, product)
		t.AddVec(c1, c1, product)
	})
}

func (p ScoreParams) checkTile(sum Sum, samples int, other SeededCiphertext) error {
	if samples < 1 || samples > p.N() {
		return fmt.Errorf("%d samples do not make a tile", samples)
	}
	if err := sum.Validate(p.chain); err != nil {
		return err
	}
	if sum.Components != 2 {
		return fmt.Errorf("packed answers of %d components; they have 2", sum.Components)
	}
	return other.Validate(p.chain)
}

func (p ScoreParams) eachPrime(do func(l int, t *cpu.NTT)) error {
	for l, q := range p.chain.Sums {
		t, err := cpu.NewNTT(p.N(), q)
		if err != nil {
			return err
		}
		do(l, t)
	}
	return nil
}

// row is one component modulo one prime.
func (s Sum) row(c Chain, component, l int) []uint32 {
	return s.Residues[(component*len(c.Sums)+l)*c.N():][:c.N()]
}

// flooding is the randomness of one reply, from the operating system's generator.
type flooding struct {
	bits    int
	words   []byte // 16 bytes a coefficient
	ternary []int8
	errors  [2][]int32
}

func newFlooding(n, bits int) (*flooding, error) {
	f := &flooding{bits: bits, words: make([]byte, 16*n), ternary: make([]int8, n)}
	trits := make([]byte, 8*n)
	for _, b := range [][]byte{f.words, trits} {
		if _, err := rand.Read(b); err != nil {
			return nil, fmt.Errorf("no randomness from the operating system: %w", err)
		}
	}
	binomial, err := sampling.NewBinomial()
	if err != nil {
		return nil, err
	}
	for c := range f.errors {
		f.errors[c] = make([]int32, n)
		binomial.Fill(f.errors[c])
	}
	for j := range f.ternary {
		// ⌊3x/2^64⌋: each of three values but for 2^-62, without a branch.
		f.ternary[j] = int8(mulHigh(binary.LittleEndian.Uint64(trits[8*j:]), 3)) - 1
	}
	return f, nil
}

func mulHigh(a, b uint64) uint64 {
	hi, _ := bits.Mul64(a, b)
	return hi
}

// noise writes the errors of c0 and flooding, uniform in [−2^f, 2^f), modulo a prime.
func (f *flooding) noise(dst []uint32, t *cpu.NTT) {
	word, lowest := t.Pow(2, 64), t.Neg(t.Pow(2, uint64(f.bits)))
	for j, e := range f.errors[0] {
		lo, hi := binary.LittleEndian.Uint64(f.words[16*j:]), binary.LittleEndian.Uint64(f.words[16*j+8:])
		// Keep the lowest f+1 of the 128 bits.
		if width := f.bits + 1; width > 64 {
			hi &= 1<<(width-64) - 1
		} else {
			hi, lo = 0, lo&(1<<width-1)
		}
		x := t.Add(t.Mul(t.Reduce(hi), word), t.Reduce(lo))
		dst[j] = t.Add(t.Add(x, lowest), t.ReduceSigned(int64(e)))
	}
}

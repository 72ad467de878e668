package he

import (
	"fmt"
	"math"
	"math/cmplx"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/zeebo/blake3"
	"gonum.org/v1/gonum/dsp/fourier"

	"genoveil/kernels/cpu"
)

// A SecretKey is a polynomial with coefficients −1, 0, 1. It serves every chain
// of its ring degree.
type SecretKey struct{ coeffs []int8 }

// GenerateSecret draws a uniform ternary secret with Lattigo, again and again
// until its Factor is at most MaxKeyFactor.
func GenerateSecret(chain Chain) (*SecretKey, error) {
	params, err := chain.lattigo()
	if err != nil {
		return nil, err
	}
	ring := params.RingQ().AtLevel(0)
	generator := rlwe.NewKeyGenerator(params)
	for {
		poly := generator.GenSecretKeyNew().Value.Q
		ring.IMForm(poly, poly)
		ring.INTT(poly, poly)
		sk := &SecretKey{coeffs: make([]int8, chain.N())}
		for i, x := range poly.Coeffs[0] {
			// x is 0, 1 or q−1, and q is odd: no branch on the secret.
			sk.coeffs[i] = int8(x&1) - int8((1-x)>>63)
		}
		if sk.Factor() <= MaxKeyFactor {
			return sk, nil
		}
	}
}

// SecretKeyFromBytes rebuilds a key from the bytes that Bytes gave.
func SecretKeyFromBytes(b []byte) (*SecretKey, error) {
	sk := &SecretKey{coeffs: make([]int8, len(b))}
	for i, x := range b {
		if x > 2 {
			return nil, fmt.Errorf("coefficient %d of the secret key is damaged", i)
		}
		sk.coeffs[i] = int8(x) - 1
	}
	return sk, nil
}

// Bytes gives the key as one byte a coefficient: 0, 1, 2 for −1, 0, 1.
func (sk *SecretKey) Bytes() []byte {
	b := make([]byte, len(sk.coeffs))
	for i, x := range sk.coeffs {
		b[i] = byte(x + 1)
	}
	return b
}

// N is the ring degree.
func (sk *SecretKey) N() int { return len(sk.coeffs) }

// ID identifies the key in files. It is a one-way function of a secret of more
// than 10,000 bits of entropy and reveals nothing else.
func (sk *SecretKey) ID() [16]byte {
	var id [16]byte
	blake3.DeriveKey("genoveil 2026 secret key identifier", sk.Bytes(), id[:])
	return id
}

// Factor is max_k |s(ζ_k)|² / (2N/3) over the primitive 2N-th roots of unity
// ζ_k: how far one frequency of the secret stands out of the average. It bounds
// C of the error bound in plan.go.
func (sk *SecretKey) Factor() float64 {
	n := len(sk.coeffs)
	twisted := make([]complex128, n)
	for i, x := range sk.coeffs {
		twisted[i] = complex(float64(x), 0) * cmplx.Rect(1, math.Pi*float64(i)/float64(n))
	}
	largest := 0.0
	for _, v := range fourier.NewCmplxFFT(n).Coefficients(nil, twisted) {
		largest = max(largest, real(v)*real(v)+imag(v)*imag(v))
	}
	return largest / (2 * float64(n) / 3)
}

// transformed is the key modulo one prime in the transformed domain.
func (sk *SecretKey) transformed(t *cpu.NTT) []uint32 {
	s := make([]uint32, len(sk.coeffs))
	for i, x := range sk.coeffs {
		s[i] = t.ReduceSigned(int64(x))
	}
	t.Forward(s)
	return s
}

// lattigo is the chain as Lattigo's parameters: the column primes as Q, the
// switch primes as P, a uniform ternary secret and errors of σ = 3.2.
func (c Chain) lattigo() (rlwe.Parameters, error) {
	if err := c.validate(); err != nil {
		return rlwe.Parameters{}, err
	}
	return rlwe.NewParametersFromLiteral(rlwe.ParametersLiteral{
		LogN: c.LogN, Q: widen(c.ColumnPrimes()), P: widen(c.Switches), NTTFlag: true,
	})
}

func widen(a []uint32) []uint64 {
	w := make([]uint64, len(a))
	for i, x := range a {
		w[i] = uint64(x)
	}
	return w
}

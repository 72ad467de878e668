package cpu

import (
	"fmt"
	"math/bits"
)

// An NTT transforms polynomials modulo X^N+1 and one prime. Order of the output
// and choice of the root are Lattigo's (natural order in, bit-reversed order
// out; the smallest primitive root from 3 up), so that transformed polynomials
// can be exchanged with it.
type NTT struct {
	Modulus
	N int

	forward, inverse twiddles // powers of the 2N-th root ψ, of its inverse
	nInv, nInvShoup  uint32   // 1/N
	wInv, wInvShoup  uint32   // 1/N times the twiddle of the last stage of Inverse
}

// twiddles are powers in bit-reversed order and their Shoup companions.
type twiddles struct{ w, shoup []uint32 }

func newTwiddles(m Modulus, n int, root uint32) twiddles {
	t := twiddles{make([]uint32, n), make([]uint32, n)}
	power := uint32(1)
	for i := range n {
		r := reverseBits(i, n)
		t.w[r], t.shoup[r] = power, m.Shoup(power)
		power = m.Mul(power, root)
	}
	return t
}

// reverseBits reverses the bits of i < n, a power of two.
func reverseBits(i, n int) int {
	return int(bits.Reverse64(uint64(i)) >> (64 - (bits.Len(uint(n)) - 1)))
}

// NewNTT prepares the transform of size n, a power of two, modulo q ≡ 1 mod 2n.
func NewNTT(n int, q uint32) (*NTT, error) {
	m, err := NewModulus(q)
	if err != nil {
		return nil, err
	}
	if n < 16 || n&(n-1) != 0 {
		return nil, fmt.Errorf("ring degree %d is not a power of two of at least 16", n)
	}
	if int(q)%(2*n) != 1 {
		return nil, fmt.Errorf("prime %d is not 1 modulo %d", q, 2*n)
	}
	psi := m.Pow(primitiveRoot(m), uint64(int(q-1)/(2*n)))
	t := &NTT{
		Modulus: m, N: n,
		forward: newTwiddles(m, n, psi), inverse: newTwiddles(m, n, m.Inv(psi)),
		nInv: m.Inv(uint32(n)),
	}
	t.nInvShoup = m.Shoup(t.nInv)
	t.wInv = m.Mul(t.nInv, t.inverse.w[1])
	t.wInvShoup = m.Shoup(t.wInv)
	return t, nil
}

// primitiveRoot is the smallest generator of the multiplicative group that is
// at least 3.
func primitiveRoot(m Modulus) uint32 {
	var factors []uint64
	rest := uint64(m.Q - 1)
	for f := uint64(2); f*f <= rest; f++ {
		if rest%f == 0 {
			factors = append(factors, f)
			for rest%f == 0 {
				rest /= f
			}
		}
	}
	if rest > 1 {
		factors = append(factors, rest)
	}
search:
	for g := uint32(3); ; g++ {
		for _, f := range factors {
			if m.Pow(g, uint64(m.Q-1)/f) == 1 {
				continue search
			}
		}
		return g
	}
}

// forwardGeneric is Forward in portable Go.
//
// Butterflies are Harvey's (J. Symb. Comput. 60, 2014): values stay in [0, 4q)
// between stages and are reduced once at the end.
func (t *NTT) forwardGeneric(a []uint32) {
	a = a[:t.N]
	q := t.Q
	q2 := 2 * q
	half := t.N
	for m := 1; m < t.N; m *= 2 {
		half /= 2
		for i, w := range t.forward.w[m : 2*m] {
			shoup := t.forward.shoup[m+i]
			x := a[2*i*half:][:half]
			y := a[(2*i+1)*half:][:half]
			for j, u := range x {
				u = min(u, u-q2)
				v := mulShoupLazy(y[j], w, shoup, q)
				x[j] = u + v
				y[j] = u - v + q2
			}
		}
	}
	for i, x := range a {
		x = min(x, x-q2)
		a[i] = min(x, x-q)
	}
}

// inverseGeneric is Inverse in portable Go.
func (t *NTT) inverseGeneric(a []uint32) {
	a = a[:t.N]
	q := t.Q
	q2 := 2 * q
	half := 1
	for m := t.N / 2; m >= 1; m /= 2 {
		for i, w := range t.inverse.w[m : 2*m] {
			shoup := t.inverse.shoup[m+i]
			x := a[2*i*half:][:half]
			y := a[(2*i+1)*half:][:half]
			for j, u := range x {
				v := y[j]
				s := u + v
				x[j] = min(s, s-q2)
				y[j] = mulShoupLazy(u-v+q2, w, shoup, q)
			}
		}
		half *= 2
	}
	for i, x := range a {
		x = mulShoupLazy(x, t.nInv, t.nInvShoup, q)
		a[i] = min(x, x-q)
	}
}

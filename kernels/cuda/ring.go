//go:build cuda

package cuda

import (
	"fmt"
	"math/bits"
	"slices"

	"genoveil/gpu"
	kernels "genoveil/kernels/cpu"
)

// Degrees of a Ring. Key-switching, Split and Divide take rings of up to 2^15.
const (
	MinLogN = 10
	MaxLogN = 17
)

// LogDegree is the logarithm of a ring's degree.
func LogDegree(n int) (int, error) {
	logN := bits.Len(uint(n)) - 1
	if n != 1<<logN || logN < MinLogN || logN > MaxLogN {
		return 0, fmt.Errorf("ring degree %d is not a power of two from 2^%d to 2^%d", n, MinLogN, MaxLogN)
	}
	return logN, nil
}

// A Ring is the residues of polynomials modulo X^N+1 and some primes below 2^28, with
// its tables on one device. The last prime is the one of key-switching.
type Ring struct {
	N, LogN int
	Primes  []uint32

	moduli []kernels.Modulus
	table  gpu.Words // struct Prime of prime.cuh
}

// primeWords is the size of struct Prime.
const primeWords = 16

// NewRing makes the tables of a ring: 16·N bytes a prime.
func NewRing(d *gpu.Device, n int, primes []uint32) (*Ring, error) {
	logN, err := LogDegree(n)
	if err != nil {
		return nil, err
	}
	r := &Ring{N: n, LogN: logN, Primes: slices.Clone(primes)}
	s, err := d.NewStream()
	if err != nil {
		return nil, err
	}
	powers, err := d.Alloc(4 * n * len(primes))
	if err != nil {
		return nil, err
	}
	if r.table, err = d.Alloc(primeWords * len(primes)); err != nil {
		return nil, err
	}
	var table []uint32
	for l, q := range primes {
		t, err := kernels.NewNTT(n, q)
		if err != nil {
			return nil, err
		}
		m := t.Modulus
		r.moduli = append(r.moduli, m)
		x := make([]uint32, n)
		x[1] = 1
		t.Forward(x) // the first word is the root
		forward := powers.Slice(4*n*l, 4*n*l+2*n)
		inverse := powers.Slice(4*n*l+2*n, 4*n*(l+1))
		if err := s.Write(forward, powersOf(m, logN, x[0])); err != nil {
			return nil, err
		}
		if err := s.Write(inverse, powersOf(m, logN, m.Inv(x[0]))); err != nil {
			return nil, err
		}
		negInv := q // modulo 8; Newton's iteration doubles the bits
		for range 4 {
			negInv *= 2 - q*negInv
		}
		table = append(table, q, -negInv)
		table = append64(table, ^uint64(0)/uint64(q))
		table = append(table, factor(m, m.Inv(uint32(n)))...)
		table = append(table, factor(m, montgomeryOne(m))...)
		table = append64(table, forward.Address())
		table = append64(table, inverse.Address())
		table = append(table, 2*q, 4*q, 8*q, 0)
	}
	return r, s.Write(r.table, table)
}

// powersOf are the factors root^i, 0 ≤ i < 2^logN, in bit-reversed order.
func powersOf(m kernels.Modulus, logN int, root uint32) []uint32 {
	table := make([]uint32, 2<<logN)
	w := uint32(1)
	for i := range 1 << logN {
		j := bits.Reverse32(uint32(i)) >> (32 - logN)
		table[2*j], table[2*j+1] = w, m.Shoup(w)
		w = m.Mul(w, root)
	}
	return table
}

// factor is struct Factor of prime.cuh.
func factor(m kernels.Modulus, w uint32) []uint32 { return []uint32{w, m.Shoup(w)} }

func append64(words []uint32, x uint64) []uint32 { return append(words, uint32(x), uint32(x>>32)) }

// primesFrom are the tables of primes from number `first` on.
func (r *Ring) primesFrom(first int) gpu.Words {
	return r.table.Slice(first*primeWords, r.table.Len())
}

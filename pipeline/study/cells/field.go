package cells

import (
	"math"
	"math/big"
	"math/bits"
)

// A field is that of the integers modulo a prime below 2^61 and above 2^60.
type field struct {
	p       uint64
	inverse uint64 // of p, modulo 2^64
}

// firstPrime is 2^61 − 1.
const firstPrime = 1<<61 - 1

func newField(p uint64) field {
	inverse := p // right in three bits; each step doubles them
	for range 5 {
		inverse *= 2 - p*inverse
	}
	return field{p, inverse}
}

// next is the field of the prime below.
func (f field) next() field {
	p := f.p - 2
	for !new(big.Int).SetUint64(p).ProbablyPrime(0) { // without error below 2^64
		p -= 2
	}
	return newField(p)
}

// cross is (a·b − c·d)/2^64. The factor stays, as Montgomery's product leaves it: whatever
// is made here counts up to a factor only.
func (f field) cross(a, b, c, d uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	hi2, lo2 := bits.Mul64(f.p-c, d)
	lo, carry := bits.Add64(lo, lo2, 0)
	hi += hi2 + carry // below 2^59
	m, _ := bits.Mul64(lo*f.inverse, f.p)
	if hi < m {
		return hi + f.p - m
	}
	return hi - m
}

// eliminate takes from row the multiple of pivot that makes row zero at column i, and
// multiplies it with something that is not 0. Columns before from are zero in both.
func (f field) eliminate(row, pivot []uint64, i, from int) {
	a, b := pivot[i], row[i]
	if b == 0 {
		return
	}
	pivot = pivot[:len(row)]
	for k := from; k < len(row); k++ {
		row[k] = f.cross(row[k], a, pivot[k], b)
	}
}

// rank is the number of independent rows. It overwrites them.
func (f field) rank(rows [][]uint64) int {
	rank := 0
	for i, row := range rows {
		k := firstNonzero(row, 0)
		if k < 0 {
			continue
		}
		rank++
		for _, other := range rows[i+1:] {
			f.eliminate(other, row, k, 0)
		}
	}
	return rank
}

// firstNonzero is the first column, not before from, at which a row is not zero; −1 if it is
// zero.
func firstNonzero(row []uint64, from int) int {
	for k := from; k < len(row); k++ {
		if row[k] != 0 {
			return k
		}
	}
	return -1
}

// primesFor is a number of primes above 2^60 of which one does not divide a minor, other
// than 0, of a 0/1 matrix. Hadamard: a minor of order k is at most (k+1)^((k+1)/2) / 2^k.
// So one prime does up to order 35.
func primesFor(order int) int {
	k := float64(order)
	return int(((k+1)/2*math.Log2(k+1)-k)/60) + 1
}

// pointsFor is a number of points, each of random factors modulo another prime above 2^60,
// at all of which a minor of an order k, of entries that are 0, 1 or a factor, is 0 with a
// probability below (k/2^60)², unless it is 0 for all factors.
//
// Such a minor is a polynomial in the factors. On the complex numbers of absolute value 1 it
// is at most k^(k/2), by Hadamard, and so are its coefficients, which are means of it times
// such numbers. They are integers. So no more than divide primes divide one that is not 0.
// Modulo each other prime, of which there are two at least, the polynomial is of degree k at
// most, and not 0. So it is 0 for at most k of 2^60 random factors (Schwartz and Zippel).
func pointsFor(order int) int {
	k := float64(max(order, 1))
	divide := int(k / 2 * math.Log2(k) / 60)
	return divide + 2
}

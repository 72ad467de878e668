//go:build cuda

package word64

import (
	"math/big"
	"slices"
)

// basis is what struct Basis of switch.cu takes to lift numbers below the product of
// some primes to others. Every one has room for `room` primes. Halves are added and taken
// off, so that representatives are around zero, where `centred`.
func basis(primes []uint64, room int, others []uint64, centred bool) []uint64 {
	product := big.NewInt(1)
	for _, p := range primes {
		product.Mul(product, new(big.Int).SetUint64(p))
	}
	half := new(big.Int)
	if centred {
		half.Rsh(product, 1)
	}
	modulo := func(x *big.Int, q uint64) uint64 {
		return new(big.Int).Mod(x, new(big.Int).SetUint64(q)).Uint64()
	}
	// The product of all but prime j.
	rest := func(j int, q uint64) uint64 {
		return modulo(new(big.Int).Div(product, new(big.Int).SetUint64(primes[j])), q)
	}
	var words []uint64
	for j, p := range primes {
		words = append(words, modulo(half, p), p)
		words = append(words, factor(inverseMod(rest(j, p), p), p)...)
	}
	unused := make([]uint64, 2*(room-len(primes)))
	words = slices.Concat(words, unused, unused)
	for _, q := range others {
		words = append(words, modulo(new(big.Int).Neg(half), q), q)
		words = append(words, factor(modulo(new(big.Int).Neg(product), q), q)...)
		for j := range primes {
			words = append(words, factor(rest(j, q), q)...)
		}
		words = append(words, unused...)
	}
	return words
}

// basisWords is the length of a basis.
func basisWords(room, others int) int { return 4*room + 2*others*(room+2) }

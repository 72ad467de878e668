//go:build cuda

package word64

import (
	"math/bits"

	"genoveil/gpu"
)

// A 64-bit word is two words of device memory, the low one first.

// halves are 64-bit words as a device has them.
func halves(x []uint64) []uint32 {
	words := make([]uint32, 0, 2*len(x))
	for _, v := range x {
		words = append(words, uint32(v), uint32(v>>32))
	}
	return words
}

// write puts 64-bit words into new memory of the device.
func write(s *gpu.Stream, x []uint64) (gpu.Words, error) { return s.Put(halves(x)) }

// slice are 64-bit words from … to−1.
func slice(w gpu.Words, from, to int) gpu.Words { return w.Slice(2*from, 2*to) }

// mulMod is a·b mod q.
func mulMod(a, b, q uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return bits.Rem64(high, low, q)
}

// powMod is a^e mod q.
func powMod(a, e, q uint64) uint64 {
	r := uint64(1)
	for a %= q; e > 0; e >>= 1 {
		if e&1 == 1 {
			r = mulMod(r, a, q)
		}
		a = mulMod(a, a, q)
	}
	return r
}

// inverseMod is 1/a modulo a prime.
func inverseMod(a, q uint64) uint64 { return powMod(a, q-2, q) }

// factor is struct Factor64 of word.cuh, w < q.
func factor(w, q uint64) []uint64 {
	shoup, _ := bits.Div64(w, 0, q)
	return []uint64{w, shoup}
}

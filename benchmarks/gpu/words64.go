//go:build cuda

package main

import (
	"fmt"

	"github.com/tuneinsight/lattigo/v5/ring"

	"genoveil/gpu"
	"genoveil/kernels/cuda/word64"
)

// words64 measures what is done with ciphertexts of Lattigo's: transforms and key-switches of
// 64-bit words, with 8 primes of 55 bits and 2 special ones, N = 16384.
func (b *bench) words64() error {
	const level, special = 7, 2
	n, count := b.size(1<<14, 1<<10), b.size(64, 3)
	r, err := b.ring64(n, level+1+special)
	if err != nil {
		return err
	}
	a := b.residues64(count*2*(level+1), n)
	err = b.measure(row{
		Name: "NTT, 64-bit", Size: fmt.Sprintf("N = %d, %d rows", n, count*2*(level+1)), Count: float64(count * 2 * (level + 1)), Unit: "NTT",
		Bytes: 16 * float64(count*2*(level+1)*n), Multiplications: float64(count*2*(level+1)) * transformWork64(n, r.LogN),
	}, func() error { return r.Forward(b.stream, a, 0, level+1) })
	if err != nil {
		return err
	}

	v, err := r.NewSwitcher(b.stream, special)
	if err != nil {
		return err
	}
	digits, primes := (level+special)/special, level+1+special
	key, err := v.WriteKey(b.stream, make([]uint64, digits*2*primes*n))
	if err != nil {
		return err
	}
	defer key.Free(b.device)
	out, scratch := b.zeros(4*count*(level+1)*n), b.zeros(v.ScratchWords(count, level))
	// Of the polynomial, of its lifted digits, of the remainders and of their lifts.
	transforms := level + 1 + digits*(level+1) + 2*special + 2*(level+1)
	// A product of 128 bits is four multiplications, one with a constant modulo a prime eight.
	products := 4*2*digits*primes + 8*(digits*(level+1)+2*(level+1))*(special+1)
	return b.measure(row{
		Name: "key-switch, 64-bit", Size: fmt.Sprintf("N = %d, %d + %d primes, %d", n, level+1, special, count), Count: float64(count), Unit: "key-switches",
		Bytes:           8 * float64(count*3*(level+1)*n+digits*2*primes*n),
		Multiplications: float64(count) * (float64(transforms)*transformWork64(n, r.LogN) + float64(products*n)),
	}, func() error {
		return v.Switch(b.stream, out, a, (level+1)*n, key, scratch, count, level)
	})
}

// transformWork64 is the multiplications of an NTT: eight a butterfly, halves counted half.
func transformWork64(n, logN int) float64 { return float64(n/2*logN) * 8 }

func (b *bench) ring64(n, primes int) (*word64.Ring, error) {
	generator := ring.NewNTTFriendlyPrimesGenerator(55, uint64(2*n))
	moduli, err := generator.NextDownstreamPrimes(primes)
	if err != nil {
		return nil, err
	}
	lattigo, err := ring.NewRing(n, moduli)
	if err != nil {
		return nil, err
	}
	var roots []uint64
	for _, s := range lattigo.SubRings {
		roots = append(roots, ring.IMForm(s.RootsForward[n/2], s.Modulus, s.MRedConstant))
	}
	return word64.NewRing(b.device, n, moduli, roots)
}

// residues64 are rows of n words below 2^54.
func (b *bench) residues64(rows, n int) gpu.Words {
	words := make([]uint32, 2*rows*n)
	x := uint64(1)
	for i := range words {
		x = x*6364136223846793005 + 1442695040888963407
		words[i] = uint32(x >> 32)
		if i%2 == 1 {
			words[i] >>= 10
		}
	}
	return b.words(words)
}

//go:build cuda

package main

import (
	"fmt"

	"genoveil/kernels/cuda"
)

// keySwitches switches polynomials modulo the column primes, as the relinearisation and
// the joins of packing do: digits, their lifts, the inner product with the key, and the
// division by the special prime.
func (b *bench) keySwitches() error {
	r, n, count := b.ring, b.ring.N, b.size(256, 4)
	digits := len(b.chain.ColumnPrimes())
	targets := digits + 1
	polys := b.residues(count, digits)
	inverse, lifted, product, quotient := b.zeros(count*digits*n), b.zeros(count*targets*digits*n), b.zeros(count*2*targets*n), b.zeros(count*2*digits*n)
	key, err := r.PrepareKey(b.stream, make([]uint32, digits*2*targets*n), digits)
	if err != nil {
		return err
	}
	defer b.device.Free(key)
	rows := make([]int, targets)
	for i := range rows {
		rows[i] = i
	}
	divisor, err := r.NewDivisor(b.stream, rows, digits, digits)
	if err != nil {
		return err
	}
	scratch := b.zeros(divisor.ScratchLen(2 * count))
	transforms := digits + digits*digits + 2 + 2*digits // of the digits, of their lifts, and of the division
	return b.measure(row{
		Name: "key-switch", Size: fmt.Sprintf("N = %d, %d + 1 primes, %d", n, digits, count), Count: float64(count), Unit: "key-switches",
		Bytes:           4 * float64(polys.Len()+quotient.Len()+key.Len()),
		Multiplications: float64(count) * (float64(transforms)*transformWork(b.chain) + float64(2*digits*targets*n)),
		Target:          &target{Integer: 0.5, Rate: 8e5},
	}, func() error {
		if err := r.Decompose(b.stream, inverse, polys, digits*n, count, digits); err != nil {
			return err
		}
		if err := r.Lift(b.stream, lifted, inverse, polys, digits*n, count, digits); err != nil {
			return err
		}
		if err := r.InnerProduct(b.stream, product, lifted, key, count, digits); err != nil {
			return err
		}
		layout := cuda.Layout{Pair: 2 * digits * n, Component: digits * n, Row: n, Tile: cuda.TileWidth}
		return divisor.Divide(b.stream, quotient, layout, product, targets*n, 2*count, scratch)
	})
}

//go:build cuda

package cuda

import "genoveil/gpu"

// A Ring is ℤ[X]/(X^N+1) modulo some primes, with its tables on one device.
type Ring struct {
	N, LogN int
	Primes  []uint32
	table   gpu.Words // struct Prime of prime.cuh, one a prime
}

// NewRing prepares the tables.
func NewRing(d *gpu.Device, n int, primes []uint32) (*Ring, error) { panic("not yet") }

func (r *Ring) Forward(s *gpu.Stream, rows gpu.Words, first, count int) error { panic("not yet") }

func (r *Ring) ScaleRows(s *gpu.Stream, rows gpu.Words, factors []uint32, first, count int) error {
	panic("not yet")
}

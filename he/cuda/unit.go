//go:build cuda

package cuda

import (
	"fmt"
	"sync"

	"genoveil/gpu"
	"genoveil/he"
	kernels "genoveil/kernels/cuda"
)

// A unit is what engines keep on one device: a ring, two streams, key-switching.
type unit struct {
	chain   he.Chain
	n       int
	special int // index of the switch prime
	device  *gpu.Device
	ring    *kernels.Ring

	// mu is held while work is queued that belongs together. Memory is freed in the order
	// of the compute stream, and only taken for work on it.
	mu      sync.Mutex
	compute *gpu.Stream
	upload  uploader

	sumsByP     *kernels.Divisor // by the switch prime, for the sum primes
	relinearize gpu.Words
}

// maxLogN is what the kernels of key-switching, division and expansion take.
const maxLogN = 15

func newUnit(chain he.Chain, relinearize he.SwitchKey, d *gpu.Device) (*unit, error) {
	if chain.LogN > maxLogN {
		return nil, fmt.Errorf("ring degree 2^%d is more than GPUs support, 2^%d; processors support it", chain.LogN, maxLogN)
	}
	u := &unit{chain: chain, n: chain.N(), special: len(chain.ColumnPrimes()), device: d}
	var err error
	if u.ring, err = kernels.NewRing(d, u.n, append(chain.ColumnPrimes(), chain.Switches...)); err != nil {
		return nil, err
	}
	if u.compute, err = d.NewStream(); err != nil {
		return nil, err
	}
	if u.upload.stream, err = d.NewStream(); err != nil {
		return nil, err
	}
	sums := len(chain.Sums)
	if u.sumsByP, err = u.ring.NewDivisor(u.compute, append(upTo(sums), u.special), sums, u.special); err != nil {
		return nil, err
	}
	u.relinearize, err = u.ring.PrepareKey(u.compute, relinearize, sums)
	return u, err
}

// scratch allocates arrays, and returns what frees them.
func (u *unit) scratch(sizes ...int) (arrays []gpu.Words, free func(), err error) {
	free = func() {
		for _, a := range arrays {
			u.device.Free(a)
		}
	}
	for _, n := range sizes {
		a, err := u.device.Alloc(n)
		if err != nil {
			free()
			return nil, nil, err
		}
		arrays = append(arrays, a)
	}
	return arrays, free, nil
}

// keySwitch writes, modulo the sum primes, the two polynomials that re-encrypt each of
// `count` polynomials times the secret of the key: dst[p][2][prime][N]. Row l of polynomial
// p is polys[p·stride + l·N:].
func (u *unit) keySwitch(dst, polys gpu.Words, stride, count int, key gpu.Words) error {
	s, n, sums := u.compute, u.n, len(u.chain.Sums)
	targets := sums + 1
	a, free, err := u.scratch(count*sums*n, count*targets*sums*n, count*2*targets*n, u.sumsByP.ScratchLen(2*count))
	if err != nil {
		return err
	}
	defer free()
	digits, lifted, out, rest := a[0], a[1], a[2], a[3]
	if err := u.ring.Decompose(s, digits, polys, stride, count, sums); err != nil {
		return err
	}
	if err := u.ring.Lift(s, lifted, digits, polys, stride, count, sums); err != nil {
		return err
	}
	if err := u.ring.InnerProduct(s, out, lifted, key, count, sums); err != nil {
		return err
	}
	return u.sumsByP.Divide(s, dst, u.rows(sums), out, targets*n, 2*count, rest)
}

// rows is the layout of pairs of polynomials with so many rows, one after the other.
func (u *unit) rows(count int) kernels.Layout {
	return kernels.Layout{Pair: 2 * count * u.n, Component: count * u.n, Row: u.n, Tile: kernels.TileWidth}
}

func upTo(n int) []int {
	a := make([]int, n, n+1)
	for i := range a {
		a[i] = i
	}
	return a
}

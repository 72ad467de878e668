//go:build cuda

package cuda

import (
	"fmt"
	"math/bits"

	"genoveil/gpu"
	kernels "genoveil/kernels/cpu"
)

// Ring degrees that the kernels take: one block of threads transforms a row in shared
// memory.
const (
	MinLogN = 10
	MaxLogN = 14
)

// A Ring is what launches need to know of a ring and its primes on one device. All its
// methods queue work on a stream of that device and return at once.
type Ring struct {
	N, LogN int
	Primes  []uint32

	device *gpu.Device
	ntt    []*kernels.NTT
	table  gpu.Words // Prime of prime.cuh, one a prime
}

// NewRing puts the tables of a ring of degree n, 2^MinLogN to 2^MaxLogN, on a device: 16
// bytes a prime and coefficient.
func NewRing(d *gpu.Device, n int, primes []uint32) (*Ring, error) {
	r := &Ring{N: n, LogN: bits.Len(uint(n)) - 1, Primes: primes, device: d}
	if n != 1<<r.LogN || r.LogN < MinLogN || r.LogN > MaxLogN {
		return nil, fmt.Errorf("the GPU engine takes ring degrees 2^%d to 2^%d, not %d", MinLogN, MaxLogN, n)
	}
	s, err := d.NewStream()
	if err != nil {
		return nil, err
	}
	var table []uint32
	for _, q := range primes {
		t, err := kernels.NewNTT(n, q)
		if err != nil {
			return nil, err
		}
		forward, inverse, err := twiddles(d, s, t)
		if err != nil {
			return nil, err
		}
		negInv := q // modulo 8; Newton's iteration doubles the bits
		for range 4 {
			negInv *= 2 - q*negInv
		}
		nInv, montgomery := t.Inv(uint32(n)), t.Reduce(1<<32)
		table = append(table, q, -negInv)
		table = append(table, halves(^uint64(0)/uint64(q))...)
		table = append(table, nInv, t.Shoup(nInv), montgomery, t.Shoup(montgomery))
		table = append(append(table, halves(forward.Address())...), halves(inverse.Address())...)
		r.ntt = append(r.ntt, t)
	}
	r.table, err = put(d, s, table)
	return r, err
}

// twiddles puts the powers of the root and of its inverse on the device, in bit-reversed
// order and with their companions.
func twiddles(d *gpu.Device, s *gpu.Stream, t *kernels.NTT) (forward, inverse gpu.Words, err error) {
	// Transformed, X begins with the root itself.
	x := make([]uint32, t.N)
	x[1] = 1
	t.Forward(x)
	var tables [2]gpu.Words
	for i, root := range []uint32{x[0], t.Inv(x[0])} {
		powers := make([]uint32, 2*t.N)
		power := uint32(1)
		for k := range t.N {
			at := bits.Reverse64(uint64(k)) >> (65 - bits.Len(uint(t.N)))
			powers[2*at], powers[2*at+1] = power, t.Shoup(power)
			power = t.Mul(power, root)
		}
		if tables[i], err = put(d, s, powers); err != nil {
			return forward, inverse, err
		}
	}
	return tables[0], tables[1], nil
}

// put allocates memory for words and writes them.
func put(d *gpu.Device, s *gpu.Stream, words []uint32) (gpu.Words, error) {
	w, err := d.Alloc(len(words))
	if err != nil {
		return w, err
	}
	return w, s.Write(w, words)
}

// halves are the two words of a 64-bit one, the low one first.
func halves(x uint64) []uint32 { return []uint32{uint32(x), uint32(x >> 32)} }

// special is the number of the switch prime, the last.
func (r *Ring) special() int { return len(r.Primes) - 1 }

// transform is the grid of kernels that transform a row a block, and their name.
func (r *Ring) transform(name string, blocks ...int) (string, gpu.Grid) {
	g := gpu.Grid{Threads: [3]int{r.N / 32}, Shared: 4 * (r.N + r.N/16)}
	copy(g.Blocks[:], blocks)
	return fmt.Sprintf("%s_%d", name, r.LogN), g
}

// words is the grid of kernels with a word a thread and the same number of rows.
func (r *Ring) words(blocks ...int) gpu.Grid {
	g := gpu.Grid{Blocks: [3]int{r.N / 256}, Threads: [3]int{256}}
	copy(g.Blocks[1:], blocks)
	return g
}

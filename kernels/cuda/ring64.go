//go:build cuda

package cuda

import (
	"fmt"
	"math/big"
	"math/bits"
	"slices"

	"genoveil/gpu"
)

// A Ring64 is the residues of polynomials modulo X^N+1 and some primes below 2^61, with its
// tables on one device.
type Ring64 struct {
	N, LogN int
	Primes  []uint64

	primes []uint32  // struct Prime64 of word64.cuh, of each
	table  gpu.Words // the same on the device
}

// prime64Words is the size of struct Prime64.
const prime64Words = 16

// NewRing64 makes the tables of a ring: 32·N bytes a prime. roots are primitive 2N-th ones.
func NewRing64(d *gpu.Device, n int, primes, roots []uint64) (*Ring64, error) {
	logN := bits.Len(uint(n)) - 1
	if n != 1<<logN || logN < minLogN || logN > maxLogN {
		return nil, fmt.Errorf("ring degree %d is not a power of two from 2^%d to 2^%d", n, minLogN, maxLogN)
	}
	r := &Ring64{N: n, LogN: logN, Primes: slices.Clone(primes)}
	s, err := d.NewStream()
	if err != nil {
		return nil, err
	}
	for l, q := range primes {
		prime := new(big.Int).SetUint64(q).ProbablyPrime(0) // is sure below 2^64
		if !prime || q >= 1<<61 || q%uint64(2*n) != 1 || powMod(roots[l], uint64(n), q) != q-1 {
			return nil, fmt.Errorf("%d is not a prime below 2^61 with %d as a primitive %d-th root of unity", q, roots[l], 2*n)
		}
		forward, err := write64(d, s, powers64(roots[l], q, logN))
		if err != nil {
			return nil, err
		}
		backward, err := write64(d, s, powers64(inverseMod(roots[l], q), q, logN))
		if err != nil {
			return nil, err
		}
		high := ^uint64(0)%q + 1 // 2^64, and below 2^62
		inverse := q             // modulo 8; Newton's iteration doubles the bits
		for range 5 {
			inverse *= 2 - q*inverse
		}
		p := append([]uint64{q, inverse, ^uint64(0) / q, mulMod(high, high, q)}, factor64(inverseMod(uint64(n), q), q)...)
		r.primes = append(r.primes, words64(append(p, forward.Address(), backward.Address()))...)
	}
	r.table, err = write(d, s, r.primes)
	return r, err
}

// powers64 are the factors root^i, 0 ≤ i < 2^logN, in bit-reversed order.
func powers64(root, q uint64, logN int) []uint64 {
	table := make([]uint64, 2<<logN)
	w := uint64(1)
	for i := range 1 << logN {
		j := bits.Reverse64(uint64(i)) >> (64 - logN)
		copy(table[2*j:], factor64(w, q))
		w = mulMod(w, root, q)
	}
	return table
}

// rows64 are the primes of rows: row i is modulo the (i % count)-th of them.
type rows64 struct {
	primes gpu.Words // struct Prime64
	count  int
}

// rowsFrom are primes first … first + count − 1.
func (r *Ring64) rowsFrom(first, count int) rows64 {
	return rows64{r.table.Slice(prime64Words*first, prime64Words*(first+count)), count}
}

// newRows are the primes of these numbers.
func (r *Ring64) newRows(d *gpu.Device, s *gpu.Stream, numbers []int) (rows64, error) {
	var table []uint32
	for _, l := range numbers {
		table = append(table, r.primes[prime64Words*l:][:prime64Words]...)
	}
	words, err := write(d, s, table)
	return rows64{words, len(numbers)}, err
}

// Forward transforms the polynomials of rows in place: N 64-bit words each, row i modulo
// prime first + i%count. The order is Lattigo's. Residues are reduced before and after.
func (r *Ring64) Forward(s *gpu.Stream, rows gpu.Words, first, count int) error {
	return r.forwardRows(s, rows, r.rowsFrom(first, count))
}

func (r *Ring64) forwardRows(s *gpu.Stream, rows gpu.Words, of rows64) error {
	g := r.rowsGrid(rows)
	for left := r.LogN; left > logBlock64; {
		stages := (left-1)%4 + 1
		left -= stages
		if err := s.Launch("forward_pass64", g, rows, of.primes, of.count, min(left, r.LogN-4), stages, r.LogN); err != nil {
			return err
		}
	}
	return s.Launch("forward_block64", r.blockGrid(g), rows, of.primes, of.count, r.LogN)
}

// Inverse undoes Forward.
func (r *Ring64) Inverse(s *gpu.Stream, rows gpu.Words, first, count int) error {
	return r.inverseRows(s, rows, rows, count*r.N, first, count)
}

// inverseRows transforms `count` rows of each polynomial, which begin stride words apart in src,
// to dst[polynomial][count][N].
func (r *Ring64) inverseRows(s *gpu.Stream, dst, src gpu.Words, stride, first, count int) error {
	g, of := r.rowsGrid(dst), r.rowsFrom(first, count)
	if err := s.Launch("inverse_block64", r.blockGrid(g), dst, src, stride, of.primes, count, r.LogN); err != nil {
		return err
	}
	for done := logBlock64; done < r.LogN; done += 4 {
		stages := min(4, r.LogN-done)
		if err := s.Launch("inverse_pass64", g, dst, of.primes, count, min(done, r.LogN-4), stages, r.LogN); err != nil {
			return err
		}
	}
	return nil
}

// logBlock64 is the number of stages that a block does in shared memory.
const logBlock64 = 12

// rowsGrid is 16 words a thread.
func (r *Ring64) rowsGrid(rows gpu.Words) gpu.Grid {
	threads := min(r.N/16, 256)
	return gpu.Grid{Blocks: [3]int{rows.Len() / 32 / threads}, Threads: [3]int{threads}}
}

// blockGrid is the same, with a place in shared memory for every word, and the gaps.
func (r *Ring64) blockGrid(g gpu.Grid) gpu.Grid {
	g.Shared = g.Threads[0] * 17 * 8
	return g
}

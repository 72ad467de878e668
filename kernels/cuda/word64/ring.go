//go:build cuda

package word64

import (
	"fmt"
	"math/big"
	"math/bits"
	"slices"

	"genoveil/gpu"
	"genoveil/kernels/cuda"
)

// A Ring is the residues of polynomials modulo X^N+1 and some primes below 2^61, with its
// tables on one device.
type Ring struct {
	N, LogN int
	Primes  []uint64

	primes []uint32  // struct Prime64 of word.cuh, of each
	table  gpu.Words // the same on the device
}

// primeWords is the size of struct Prime64.
const primeWords = 16

// NewRing makes the tables of a ring: 32·N bytes a prime. roots are primitive 2N-th ones.
func NewRing(d *gpu.Device, n int, primes, roots []uint64) (*Ring, error) {
	logN, err := cuda.LogDegree(n)
	if err != nil {
		return nil, err
	}
	r := &Ring{N: n, LogN: logN, Primes: slices.Clone(primes)}
	s, err := d.NewStream()
	if err != nil {
		return nil, err
	}
	for l, q := range primes {
		prime := new(big.Int).SetUint64(q).ProbablyPrime(0) // is sure below 2^64
		if !prime || q >= 1<<61 || q%uint64(2*n) != 1 || powMod(roots[l], uint64(n), q) != q-1 {
			return nil, fmt.Errorf("%d is not a prime below 2^61 with %d as a primitive %d-th root of unity", q, roots[l], 2*n)
		}
		forward, err := write(s, powers(roots[l], q, logN))
		if err != nil {
			return nil, err
		}
		backward, err := write(s, powers(inverseMod(roots[l], q), q, logN))
		if err != nil {
			return nil, err
		}
		high := ^uint64(0)%q + 1 // 2^64, and below 2^62
		inverse := q             // modulo 8; Newton's iteration doubles the bits
		for range 5 {
			inverse *= 2 - q*inverse
		}
		p := append([]uint64{q, inverse, ^uint64(0) / q, mulMod(high, high, q)}, factor(inverseMod(uint64(n), q), q)...)
		r.primes = append(r.primes, halves(append(p, forward.Address(), backward.Address()))...)
	}
	r.table, err = s.Put(r.primes)
	return r, err
}

// powers are the factors root^i, 0 ≤ i < 2^logN, in bit-reversed order.
func powers(root, q uint64, logN int) []uint64 {
	table := make([]uint64, 2<<logN)
	w := uint64(1)
	for i := range 1 << logN {
		j := bits.Reverse64(uint64(i)) >> (64 - logN)
		copy(table[2*j:], factor(w, q))
		w = mulMod(w, root, q)
	}
	return table
}

// moduli are the primes of rows: row i is modulo the (i % count)-th of them.
type moduli struct {
	primes gpu.Words // struct Prime64
	count  int
}

// rowsFrom are primes first … first + count − 1.
func (r *Ring) rowsFrom(first, count int) moduli {
	return moduli{r.table.Slice(primeWords*first, primeWords*(first+count)), count}
}

// newRows are the primes of these numbers.
func (r *Ring) newRows(s *gpu.Stream, numbers []int) (moduli, error) {
	var table []uint32
	for _, l := range numbers {
		table = append(table, r.primes[primeWords*l:][:primeWords]...)
	}
	words, err := s.Put(table)
	return moduli{words, len(numbers)}, err
}

// Forward transforms the polynomials of rows in place: N 64-bit words each, row i modulo
// prime first + i%count. The order is Lattigo's. Residues are reduced before and after.
func (r *Ring) Forward(s *gpu.Stream, rows gpu.Words, first, count int) error {
	return r.forwardRows(s, rows, r.rowsFrom(first, count))
}

func (r *Ring) forwardRows(s *gpu.Stream, rows gpu.Words, of moduli) error {
	g := r.rowsGrid(rows)
	for left := r.LogN; left > logBlock; {
		stages := (left-1)%4 + 1
		left -= stages
		if err := s.Launch("forward_pass64", g, rows, of.primes, of.count, min(left, r.LogN-4), stages, r.LogN); err != nil {
			return err
		}
	}
	return s.Launch("forward_block64", r.blockGrid(g), rows, of.primes, of.count, r.LogN)
}

// Inverse undoes Forward.
func (r *Ring) Inverse(s *gpu.Stream, rows gpu.Words, first, count int) error {
	return r.inverseRows(s, rows, rows, count*r.N, first, count)
}

// inverseRows transforms `count` rows of each polynomial, which begin stride words apart in src,
// to dst[polynomial][count][N].
func (r *Ring) inverseRows(s *gpu.Stream, dst, src gpu.Words, stride, first, count int) error {
	g, of := r.rowsGrid(dst), r.rowsFrom(first, count)
	if err := s.Launch("inverse_block64", r.blockGrid(g), dst, src, stride, of.primes, count, r.LogN); err != nil {
		return err
	}
	for done := logBlock; done < r.LogN; done += 4 {
		stages := min(4, r.LogN-done)
		if err := s.Launch("inverse_pass64", g, dst, of.primes, count, min(done, r.LogN-4), stages, r.LogN); err != nil {
			return err
		}
	}
	return nil
}

// logBlock is the number of stages that a block does in shared memory.
const logBlock = 12

// rowsGrid is 16 words a thread.
func (r *Ring) rowsGrid(rows gpu.Words) gpu.Grid {
	threads := min(r.N/16, 256)
	return gpu.Grid{Blocks: [3]int{rows.Len() / 32 / threads}, Threads: [3]int{threads}}
}

// blockGrid is the same, with a place in shared memory for every word, and the gaps.
func (r *Ring) blockGrid(g gpu.Grid) gpu.Grid {
	g.Shared = g.Threads[0] * 17 * 8
	return g
}

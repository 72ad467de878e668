//go:build cuda

package cuda

import (
	"fmt"

	"genoveil/gpu"
)

// Bounds of switch64.cu.
const (
	maxSpecial64 = 8
	maxDigits64  = 63
)

// A Switcher64 switches keys of, and rescales, polynomials of a ring of 64-bit words, which are
// transformed and have rows modulo the ring's first primes: level + 1 of them. The last primes of the ring are those
// of key-switching. All results are Lattigo v5.0.7's to the residue; a Lattigo ciphertext of some
// level is [component][row][N], a batch is many of them.
//
// Lengths and strides are in 64-bit words, which are two gpu.Words each, the low one first.
type Switcher64 struct {
	ring       *Ring64
	q, special int // numbers of primes

	moduli   gpu.Words // [prime]
	digits   gpu.Words // [digit][its primes − 1]: bases
	rest     gpu.Words // basis of the special primes
	inverses gpu.Words // [prime of Q]: 1/P
	targets  []rows64  // [level]: the primes of lifted digits
	last     gpu.Words // [level][row]: 1/prime number `level`, for Rescale
}

// NewSwitcher prepares key-switching with the last `special` primes of the ring.
func (r *Ring64) NewSwitcher(d *gpu.Device, s *gpu.Stream, special int) (*Switcher64, error) {
	q := len(r.Primes) - special
	if special < 1 || special > maxSpecial64 || q < 1 {
		return nil, fmt.Errorf("%d of %d primes for key-switching: 1 to %d and not all are possible", special, len(r.Primes), maxSpecial64)
	}
	if ceil(q, special) > maxDigits64 {
		return nil, fmt.Errorf("%d primes are more than %d digits of %d", q, maxDigits64, special)
	}
	v := &Switcher64{ring: r, q: q, special: special}
	var moduli, digits, inverses, last []uint64
	for _, p := range r.Primes {
		moduli = append(moduli, modulus64(p)...)
	}
	for first := 0; first < q; first += special {
		for n := 1; n <= special; n++ {
			own := r.Primes[first:min(first+n, q)]
			digits = append(digits, basis64(own, special, r.Primes, len(own) > 1)...)
		}
	}
	rest := basis64(r.Primes[q:], special, r.Primes, true)
	for i, p := range r.Primes[:q] {
		product := uint64(1)
		for _, x := range r.Primes[q:] {
			product = mulMod(product, x%p, p)
		}
		inverses = append(inverses, factor64(inverseMod(product, p), p)...)
		for _, row := range r.Primes[:q] {
			w := uint64(0)
			if row != p {
				w = inverseMod(r.Primes[i]%row, row)
			}
			last = append(last, factor64(w, row)...)
		}
	}
	var err error
	for keep := 1; keep <= q; keep++ {
		var numbers []int
		for first := 0; first < keep; first += special {
			for t := range r.Primes {
				if t < first || min(first+special, keep) <= t && t < keep || t >= q {
					numbers = append(numbers, t)
				}
			}
		}
		rows, err := r.newRows(d, s, numbers)
		if err != nil {
			return nil, err
		}
		v.targets = append(v.targets, rows)
	}
	for _, table := range []struct {
		to   *gpu.Words
		from []uint64
	}{{&v.moduli, moduli}, {&v.digits, digits}, {&v.rest, rest}, {&v.inverses, inverses}, {&v.last, last}} {
		if *table.to, err = write64(d, s, table.from); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// A Key64 is an evaluation key on a device.
type Key64 struct{ words gpu.Words }

// WriteKey puts a key on the device: [digit][component][prime][N] in Montgomery form, transformed, which is how Lattigo has it
// (GadgetCiphertext.Value[digit][0].Value[component], Q and then P).
func (v *Switcher64) WriteKey(d *gpu.Device, s *gpu.Stream, words []uint64) (Key64, error) {
	if len(words) != ceil(v.q, v.special)*2*len(v.ring.Primes)*v.ring.N {
		panic("cuda: not a key of this ring")
	}
	w, err := write64(d, s, words)
	return Key64{w}, err
}

// Free gives the key's memory back.
func (k Key64) Free(d *gpu.Device) { d.Free(k.words) }

// ScratchWords is the length, in gpu.Words, of scratch that a batch of `count` needs at a level.
func (v *Switcher64) ScratchWords(count, level int) int {
	keep := level + 1
	all := keep + v.special
	return 2 * count * v.ring.N * (keep + v.targets[level].count + 2*all + 4*keep)
}

// Switch multiplies each polynomial with a key and divides by the special primes (Lattigo's GadgetProduct):
//
//	out[p][component][row][N] of polys[p·stride + row·N], rows 0 … level
func (v *Switcher64) Switch(s *gpu.Stream, out, polys gpu.Words, stride int, key Key64, scratch gpu.Words, count, level int) error {
	return v.switchAndAdd(s, out, polys, stride, key, scratch, count, level, gpu.Words{}, 0, 0)
}

// Relinearize takes ciphertexts of degree 2, triples[p][3][row][N], to out[p][2][row][N].
func (v *Switcher64) Relinearize(s *gpu.Stream, out, triples gpu.Words, key Key64, scratch gpu.Words, count, level int) error {
	row := (level + 1) * v.ring.N
	v.ring.check64(triples, 3*count*row)
	return v.switchAndAdd(s, out, slice64(triples, 2*row, 3*count*row), 3*row, key, scratch, count, level, triples, 3*row, 2)
}

// Automorphism applies X → X^galois, odd, to ciphertexts: out[p][2][row][N] of pairs[p][2][row][N]. The key is Lattigo's GaloisKey of
// that element.
func (v *Switcher64) Automorphism(s *gpu.Stream, out, pairs gpu.Words, galois uint64, key Key64, scratch gpu.Words, count, level int) error {
	row := (level + 1) * v.ring.N
	v.ring.check64(pairs, 2*count*row)
	used := v.ScratchWords(count, level) - 4*count*row
	v.ring.check64(scratch, used/2+2*count*row)
	sums := scratch.Slice(used, used+4*count*row)
	err := v.switchAndAdd(s, sums, slice64(pairs, row, 2*count*row), 2*row, key, scratch, count, level, pairs, 2*row, 1)
	if err != nil {
		return err
	}
	return v.ring.Permute(s, out, sums, galois)
}

// switchAndAdd is Switch, with addend[p·addStride + c·rows·N …] added to component c < addends.
func (v *Switcher64) switchAndAdd(s *gpu.Stream, out, polys gpu.Words, stride int, key Key64, scratch gpu.Words, count, level int,
	addend gpu.Words, addStride, addends int) error {
	r, n, keep := v.ring, v.ring.N, level+1
	if level < 0 || keep > v.q || count < 1 {
		panic("cuda: a level that the ring does not have, or nothing to switch")
	}
	digits, total := ceil(keep, v.special), len(r.Primes)
	r.check64(out, 2*count*keep*n)
	r.check64(polys, (count-1)*stride+keep*n)
	take := func(words int) gpu.Words {
		part := slice64(scratch, 0, words)
		scratch = scratch.Slice(2*words, scratch.Len())
		return part
	}
	targets := v.targets[level]
	coefficients, lifted := take(count*keep*n), take(count*targets.count*n)
	sums, rest, remainders := take(2*count*keep*n), take(2*count*v.special*n), take(2*count*keep*n)

	for p := range count {
		if err := s.Copy(slice64(coefficients, p*keep*n, (p+1)*keep*n), slice64(polys, p*stride, p*stride+keep*n)); err != nil {
			return err
		}
	}
	if err := r.Inverse(s, coefficients, 0, keep); err != nil {
		return err
	}
	err := s.Launch("lift_digits64", r.grid64(digits, count), lifted, coefficients, v.digits, basisWords(v.special, total)/2, keep,
		v.special, total, targets.count, n)
	if err != nil {
		return err
	}
	if err := r.forwardRows(s, lifted, targets); err != nil {
		return err
	}
	err = s.Launch("inner_product64", r.grid64(keep+v.special, ceil(count, 2)), sums, rest, lifted, polys, stride, key.words, v.moduli,
		keep, v.special, total, targets.count, digits, count, n)
	if err != nil {
		return err
	}
	if err := r.Inverse(s, rest, v.q, v.special); err != nil {
		return err
	}
	if err := s.Launch("lift_remainder64", r.grid64(2*count), remainders, rest, v.rest, keep, v.special, n); err != nil {
		return err
	}
	if err := r.Forward(s, remainders, 0, keep); err != nil {
		return err
	}
	return s.Launch("quotient64", r.grid64(keep, 2*count), out, sums, keep*n, remainders, v.inverses, v.moduli, addend, addStride, addends, n)
}

// grid64 is a word a thread, and blocks in the other dimensions.
func (r *Ring64) grid64(blocks ...int) gpu.Grid {
	g := gpu.Grid{Blocks: [3]int{r.N / 256}, Threads: [3]int{256}}
	copy(g.Blocks[1:], blocks)
	return g
}

// check64 panics at an array of fewer 64-bit words.
func (r *Ring64) check64(words gpu.Words, n int) {
	if words.Len() < 2*n {
		panic("cuda: an array is shorter than the launch needs")
	}
}

//go:build cuda

package word64

import (
	"fmt"

	"genoveil/gpu"
)

// Bounds of switch.cu.
const (
	maxSpecial = 8
	maxDigits  = 63
)

// A Switcher does with ciphertexts of a ring of 64-bit words what Lattigo v5.0.7 does, to the
// residue. The ring's last primes are P, those of key-switching, the others are Q. A ciphertext
// of a level is [component][row][N], transformed, rows being modulo primes 0 … level; a batch
// is many of them.
//
// Strides are in 64-bit words, which are two gpu.Words each, the low one first.
type Switcher struct {
	ring       *Ring
	q, special int // numbers of primes

	digits   gpu.Words // [digit][its primes − 1]: bases
	rest     gpu.Words // the basis P
	inverses gpu.Words // [row]: 1/P
	last     gpu.Words // [level][row]: 1/prime number `level`
	targets  []moduli  // [level]: the primes of lifted digits
}

// NewSwitcher prepares key-switching with the last `special` primes of the ring.
func (r *Ring) NewSwitcher(s *gpu.Stream, special int) (*Switcher, error) {
	q := len(r.Primes) - special
	if special < 1 || special > maxSpecial || q < 1 {
		return nil, fmt.Errorf("%d of %d primes for key-switching: 1 to %d and not all are possible", special, len(r.Primes), maxSpecial)
	}
	if digitCount(q, special) > maxDigits {
		return nil, fmt.Errorf("%d primes are more than %d digits of %d", q, maxDigits, special)
	}
	v := &Switcher{ring: r, q: q, special: special}
	var digits, inverses, last []uint64
	for first := 0; first < q; first += special {
		for n := 1; n <= special; n++ {
			own := r.Primes[first:min(first+n, q)]
			digits = append(digits, basis(own, special, r.Primes, len(own) > 1)...)
		}
	}
	for _, p := range r.Primes[:q] {
		product := uint64(1)
		for _, x := range r.Primes[q:] {
			product = mulMod(product, x%p, p)
		}
		inverses = append(inverses, factor(inverseMod(product, p), p)...)
		for _, row := range r.Primes[:q] {
			last = append(last, factor(inverseMod(p%row, row), row)...) // 0 where they are one
		}
	}
	var err error
	for _, table := range []struct {
		to   *gpu.Words
		from []uint64
	}{
		{&v.digits, digits}, {&v.rest, basis(r.Primes[q:], special, r.Primes, true)},
		{&v.inverses, inverses}, {&v.last, last},
	} {
		if *table.to, err = write(s, table.from); err != nil {
			return nil, err
		}
	}
	for level := range q {
		rows, err := r.newRows(s, v.targetPrimes(level))
		if err != nil {
			return nil, err
		}
		v.targets = append(v.targets, rows)
	}
	return v, nil
}

// targetPrimes are the primes of the lifted digits of a polynomial: for each digit those that
// are not its own.
func (v *Switcher) targetPrimes(level int) []int {
	var primes []int
	for first := 0; first <= level; first += v.special {
		for l := range v.ring.Primes {
			own := first <= l && l < first+v.special
			if l <= level && !own || l >= v.q {
				primes = append(primes, l)
			}
		}
	}
	return primes
}

// digitCount is the number of digits of so many primes.
func digitCount(primes, special int) int { return (primes + special - 1) / special }

// A Key is an evaluation key on a device.
type Key struct{ words gpu.Words }

// WriteKey puts a key on the device: [digit][component][prime][N], transformed and in Montgomery
// form (times 2^64), as Lattigo has it in GadgetCiphertext.Value[digit][0][component], Q before P.
func (v *Switcher) WriteKey(s *gpu.Stream, words []uint64) (Key, error) {
	if len(words) != digitCount(v.q, v.special)*2*len(v.ring.Primes)*v.ring.N {
		panic("word64: not a key of this ring")
	}
	w, err := write(s, words)
	return Key{w}, err
}

// Free gives the key's memory back.
func (k Key) Free(d *gpu.Device) { d.Free(k.words) }

// ScratchWords is the length, in gpu.Words, of scratch that a batch of `count` needs at a level.
func (v *Switcher) ScratchWords(count, level int) int {
	keep := level + 1
	all := keep + v.special
	return 2 * count * v.ring.N * (keep + v.targets[level].count + 2*all + 4*keep)
}

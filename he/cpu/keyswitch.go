package cpu

import (
	"slices"

	"genoveil/he"
	kernels "genoveil/kernels/cpu"
)

// A switcher does key-switching and division by primes for one chain. It is
// read-only and shared by all goroutines; each brings its own scratch.
type switcher struct {
	n       int
	chain   he.Chain
	ntt     []*kernels.NTT // trait primes, then the switch prime
	special int            // index of the switch prime in ntt
	zeros   []uint32       // [N]
}

func newSwitcher(chain he.Chain) (*switcher, error) {
	s := &switcher{n: chain.N(), chain: chain, special: len(chain.Trait()), zeros: make([]uint32, chain.N())}
	for _, q := range slices.Concat(chain.Trait(), chain.Switches) {
		t, err := kernels.NewNTT(s.n, q)
		if err != nil {
			return nil, err
		}
		s.ntt = append(s.ntt, t)
	}
	return s, nil
}

// A switchKey is a he.SwitchKey laid out for kernels.InnerProduct, one piece a
// prime.
type switchKey [][]uint32

// prepare lays out the first `digits` digits of a key.
func (s *switcher) prepare(key he.SwitchKey, digits int) switchKey {
	prepared := make(switchKey, len(s.ntt))
	for l, t := range s.ntt {
		rows := make([][2][]uint32, digits)
		for i := range rows {
			for c := range 2 {
				rows[i][c] = key[((i*2+c)*len(s.ntt)+l)*s.n:][:s.n]
			}
		}
		prepared[l] = t.InterleaveKey(rows)
	}
	return prepared
}

// scratch is the working memory of one goroutine. Rows have N words.
type scratch struct {
	digits []uint32   // [digit], in coefficients
	lifted []uint32   // [digit], lifted to one prime and transformed
	rest   [][]uint32 // remainders of a division, in coefficients
	row    []uint32
	out    [2][]uint32 // [prime], the switch prime last

	product  [2][]uint32 // an inner product
	images   [2][]uint32 // [automorphism], of one prime
	children []uint32    // of one node, not yet divided by P
	node     []uint32    // [component][trait prime]

	seeded []uint32 // [sample][TileWidth]: the seeded half of a tile
}

func (s *switcher) newScratch() *scratch {
	rows := func(n int) []uint32 { return make([]uint32, n*s.n) }
	primes := len(s.ntt)
	w := &scratch{
		digits: rows(s.special), lifted: rows(s.special), row: rows(1),
		seeded:   make([]uint32, he.ChunkSamples*he.TileWidth),
		children: rows(maxChildren * 2 * primes), node: rows(2 * s.special),
	}
	for range primes - len(s.chain.Sums) {
		w.rest = append(w.rest, rows(1))
	}
	for c := range 2 {
		w.out[c], w.product[c], w.images[c] = rows(primes), rows(1), rows(maxChildren)
	}
	return w
}

// decompose takes the digits of a polynomial of `primes` rows: its residues, in
// coefficients.
func (s *switcher) decompose(w *scratch, poly []uint32, primes int) {
	for i := range primes {
		digit := w.digits[i*s.n:][:s.n]
		copy(digit, poly[i*s.n:])
		s.ntt[i].Inverse(digit)
	}
}

// lift returns the digits of poly modulo prime number l, transformed. Digits are
// lifted to the representative closest to zero, as Lattigo's are.
func (s *switcher) lift(w *scratch, poly []uint32, primes, l int) []uint32 {
	n, t := s.n, s.ntt[l]
	for i := range primes {
		lifted := w.lifted[i*n:][:n]
		if i == l {
			copy(lifted, poly[i*n:]) // the lift is the identity modulo its own prime
			continue
		}
		kernels.Lift(lifted, w.digits[i*n:][:n], s.ntt[i].Modulus, t.Modulus, true)
		t.Forward(lifted)
	}
	return w.lifted[:primes*n]
}

// keySwitch computes, modulo the sum primes, the two polynomials that re-encrypt
// `poly` times the secret of the key (hybrid key-switching with one prime a digit:
// Han and Ki, CT-RSA 2020). poly holds a row for each sum prime in the transformed
// domain; the result stands in w.out. Residues equal Lattigo's GadgetProduct.
func (s *switcher) keySwitch(w *scratch, poly []uint32, key switchKey) {
	n, primes := s.n, len(s.chain.Sums)
	s.decompose(w, poly, primes)
	for _, l := range append(upTo(primes), s.special) {
		s.ntt[l].InnerProduct(w.out[0][l*n:][:n], w.out[1][l*n:][:n], s.zeros, s.lift(w, poly, primes, l), key[l])
	}
	d := s.divisor(primes, s.special)
	for c := range w.out {
		d.divide(w, w.out[c], s.rows(), w.out[c])
	}
}

func upTo(n int) []int {
	a := make([]int, n, n+1)
	for i := range a {
		a[i] = i
	}
	return a
}

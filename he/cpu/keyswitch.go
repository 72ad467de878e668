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

// A switchKey is a he.SwitchKey laid out for kernels.InnerProduct: one piece a
// component and prime.
type switchKey [2][][]uint32

// keySize is the number of words of a switchKey.
func (s *switcher) keySize(digits int) int { return 2 * len(s.ntt) * digits * s.n }

// prepare lays out the first `digits` digits of a key in memory of keySize words.
func (s *switcher) prepare(key he.SwitchKey, digits int, memory []uint32) switchKey {
	var prepared switchKey
	size := digits * s.n
	for c := range prepared {
		for l, t := range s.ntt {
			var rows [][]uint32
			for i := range digits {
				rows = append(rows, key[((i*2+c)*len(s.ntt)+l)*s.n:][:s.n])
			}
			t.InterleaveKey(memory, rows)
			prepared[c] = append(prepared[c], memory[:size])
			memory = memory[size:]
		}
	}
	return prepared
}

// pad is the number of words between rows and arrays that are used together. Without
// it the same place in all of them competes for one set of the first cache; an inner
// product then takes up to twice as long.
const pad = 16

// scratch is the working memory of one goroutine. Rows have N words; padded rows
// begin N + pad words apart.
type scratch struct {
	digits [together][]uint32 // [digit], in coefficients
	lifted [together][]uint32 // [digit], padded: lifted to one prime and transformed
	rest   [][]uint32         // remainders of a division, in coefficients
	row    []uint32
	out    [2][]uint32 // [component][prime], the switch prime last

	product  [together][]uint32 // an inner product, of one component and prime
	images   [together][]uint32 // [automorphism], padded, of one component and prime
	children [together][]uint32 // of one node, not yet divided by P
	nodes    [together][]uint32 // [component][trait prime]
}

func (s *switcher) newScratch() *scratch {
	primes, removed := len(s.ntt), len(s.ntt)-len(s.chain.Sums)
	padded := s.n + pad
	words := (1+removed+2*primes)*padded + together*((2*s.special+1+maxChildren+2*s.special+5)*padded+maxChildren*s.childSize())
	memory := kernels.Words(words)
	take := func(n int) (a []uint32) {
		a, memory = memory[:n], memory[n+pad:]
		return a
	}
	rows := func(n int) []uint32 { return take(n * s.n) }
	w := &scratch{row: rows(1)}
	for range removed {
		w.rest = append(w.rest, rows(1))
	}
	for c := range w.out {
		w.out[c] = rows(primes)
	}
	for x := range together {
		w.digits[x], w.lifted[x] = rows(s.special), take(s.special*padded)
		w.product[x], w.images[x] = rows(1), take(maxChildren*padded)
		w.children[x], w.nodes[x] = take(maxChildren*s.childSize()), rows(2*s.special)
	}
	return w
}

// decompose takes the digits of a polynomial of `primes` rows: its residues, in
// coefficients.
func (s *switcher) decompose(digits, poly []uint32, primes int) {
	for i := range primes {
		digit := digits[i*s.n:][:s.n]
		copy(digit, poly[i*s.n:])
		s.ntt[i].Inverse(digit)
	}
}

// lift returns the digits of poly modulo prime number l, transformed, in `lifted`.
// Digits are lifted to the representative closest to zero, as Lattigo's are.
func (s *switcher) lift(lifted, digits, poly []uint32, primes, l int) []uint32 {
	n, t := s.n, s.ntt[l]
	for i := range primes {
		row := lifted[i*(n+pad):][:n]
		if i == l {
			copy(row, poly[i*n:]) // the lift is the identity modulo its own prime
			continue
		}
		kernels.Lift(row, digits[i*n:][:n], s.ntt[i].Modulus, t.Modulus, true)
		t.Forward(row)
	}
	return lifted[:primes*(n+pad)]
}

// keySwitch computes, modulo the sum primes, the two polynomials that re-encrypt
// `poly` times the secret of the key (hybrid key-switching with one prime a digit:
// Han and Ki, CT-RSA 2020). poly holds a row for each sum prime in the transformed
// domain; the result stands in w.out. Residues equal Lattigo's GadgetProduct.
func (s *switcher) keySwitch(w *scratch, poly []uint32, key switchKey) {
	n, primes := s.n, len(s.chain.Sums)
	s.decompose(w.digits[0], poly, primes)
	for _, l := range append(upTo(primes), s.special) {
		lifted := s.lift(w.lifted[0], w.digits[0], poly, primes, l)
		s.ntt[l].InnerProduct(w.out[0][l*n:][:n], w.out[1][l*n:][:n], s.zeros, s.zeros, lifted, lifted, key[0][l], key[1][l])
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

package cpu

import (
	"slices"

	"genoveil/he"
	kernels "genoveil/kernels/cpu"
	"genoveil/kernels/hugepage"
)

// A switcher does key-switching and division by primes for one chain. It is
// read-only and shared by all goroutines; each brings its own scratch.
type switcher struct {
	n       int
	chain   he.Chain
	ntt     []*kernels.NTT // column primes, then the switch prime
	special int            // index of the switch prime in ntt
	zeros   []uint32       // [N]
	sumsByP *divisor       // by the switch prime, for the sum primes
}

func newSwitcher(chain he.Chain) (*switcher, error) {
	s := &switcher{n: chain.N(), chain: chain, special: len(chain.ColumnPrimes()), zeros: make([]uint32, chain.N())}
	for _, q := range slices.Concat(chain.ColumnPrimes(), chain.Switches) {
		t, err := kernels.NewNTT(s.n, q)
		if err != nil {
			return nil, err
		}
		s.ntt = append(s.ntt, t)
	}
	s.sumsByP = s.divisor(len(chain.Sums), s.special)
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
	nodes    [together][]uint32 // [component][column prime]
}

func (s *switcher) newScratch() *scratch {
	// All arrays lie in one piece of memory, pad words apart.
	type reservation struct {
		array *[]uint32
		words int
	}
	var reserved []reservation
	total := 0
	reserve := func(array *[]uint32, words int) {
		reserved = append(reserved, reservation{array, words})
		total += words + pad
	}
	n, padded, primes := s.n, s.n+pad, len(s.ntt)
	w := &scratch{rest: make([][]uint32, primes-len(s.chain.Sums))}
	reserve(&w.row, n)
	for i := range w.rest {
		reserve(&w.rest[i], n)
	}
	for c := range w.out {
		reserve(&w.out[c], primes*n)
	}
	for x := range together {
		reserve(&w.digits[x], s.special*n)
		reserve(&w.lifted[x], s.special*padded)
		reserve(&w.product[x], n)
		reserve(&w.images[x], maxChildren*padded)
		reserve(&w.children[x], maxChildren*s.childSize())
		reserve(&w.nodes[x], 2*s.special*n)
	}
	memory := hugepage.Words(total)
	for _, r := range reserved {
		*r.array = memory[:r.words:r.words]
		memory = memory[r.words+pad:]
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
	for c := range w.out {
		s.sumsByP.divide(w, w.out[c], s.rows(), w.out[c])
	}
}

func upTo(n int) []int {
	a := make([]int, n, n+1)
	for i := range a {
		a[i] = i
	}
	return a
}

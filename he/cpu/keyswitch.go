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
}

func newSwitcher(chain he.Chain) (*switcher, error) {
	s := &switcher{n: chain.N(), chain: chain, special: len(chain.Trait())}
	for _, q := range slices.Concat(chain.Trait(), chain.Switches) {
		t, err := kernels.NewNTT(s.n, q)
		if err != nil {
			return nil, err
		}
		s.ntt = append(s.ntt, t)
	}
	return s, nil
}

// scratch is the working memory of one key-switch.
type scratch struct {
	digits []uint32 // [digit][N], in coefficients
	lifted []uint32 // [N]
	acc    [2][]uint64
	out    [2][]uint32 // [prime][N]; the switch prime last
}

func (s *switcher) newScratch() *scratch {
	w := &scratch{digits: make([]uint32, s.special*s.n), lifted: make([]uint32, s.n)}
	for c := range w.out {
		w.acc[c] = make([]uint64, s.n)
		w.out[c] = make([]uint32, len(s.ntt)*s.n)
	}
	return w
}

// keySwitch computes, modulo the first `primes` trait primes, the two
// polynomials that re-encrypt `poly` times the secret of the key (hybrid
// key-switching with one prime a digit: Han and Ki, CT-RSA 2020). poly holds
// `primes` rows in the transformed domain; the result stands in w.out.
//
// Residues equal Lattigo's GadgetProduct: digits are lifted to the
// representative closest to zero, and the division by P rounds.
func (s *switcher) keySwitch(w *scratch, poly []uint32, primes int, key he.SwitchKey) {
	n := s.n
	for i := range primes {
		digit := w.digits[i*n : (i+1)*n]
		copy(digit, poly[i*n:])
		s.ntt[i].Inverse(digit)
	}
	rows := len(s.ntt)
	for _, l := range append(upTo(primes), s.special) {
		t := s.ntt[l]
		clear(w.acc[0])
		clear(w.acc[1])
		for i := range primes {
			lifted := w.lifted
			if i == l {
				lifted = poly[i*n : (i+1)*n] // the lift is the identity modulo its own prime
			} else {
				kernels.Lift(lifted, w.digits[i*n:(i+1)*n], s.ntt[i].Modulus, t.Modulus, true)
				t.Forward(lifted)
			}
			k0 := key[((i*2+0)*rows+l)*n:][:n]
			k1 := key[((i*2+1)*rows+l)*n:][:n]
			kernels.MultiplyAdd2(w.acc[0], w.acc[1], lifted, k0, k1)
		}
		for c := range w.out {
			t.ReduceVec(w.out[c][l*n:(l+1)*n], w.acc[c])
		}
	}
	for c := range w.out {
		s.divide(w, w.out[c], primes, s.special)
	}
}

// divide divides rows 0 … primes−1 of poly by prime number d, whose residues
// are row d, rounding to nearest.
func (s *switcher) divide(w *scratch, poly []uint32, primes, d int) {
	n, from := s.n, s.ntt[d]
	rest := poly[d*n : (d+1)*n]
	from.Inverse(rest)
	for l, t := range s.ntt[:primes] {
		kernels.Lift(w.lifted, rest, from.Modulus, t.Modulus, false)
		t.Forward(w.lifted)
		row := poly[l*n : (l+1)*n]
		t.DivideOut(row, row, w.lifted, t.Inv(t.Reduce(uint64(from.Q))))
	}
}

func upTo(n int) []int {
	a := make([]int, n, n+1)
	for i := range a {
		a[i] = i
	}
	return a
}

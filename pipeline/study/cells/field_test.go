package cells

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestCross(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	f := newField(firstPrime)
	for range 3 {
		p := new(big.Int).SetUint64(f.p)
		if !p.ProbablyPrime(20) || p.BitLen() != 61 {
			t.Fatal(f.p)
		}
		inverse := new(big.Int).ModInverse(new(big.Int).Lsh(big.NewInt(1), 64), p)
		for i := range 1000 {
			var x [4]uint64
			for k := range x {
				x[k] = []uint64{random.Uint64N(f.p), 0, 1, f.p - 1}[random.IntN(4)%(1+i%4)]
			}
			ab := new(big.Int).Mul(new(big.Int).SetUint64(x[0]), new(big.Int).SetUint64(x[1]))
			cd := new(big.Int).Mul(new(big.Int).SetUint64(x[2]), new(big.Int).SetUint64(x[3]))
			want := ab.Sub(ab, cd)
			want.Mod(want.Mul(want, inverse), p)
			if got := f.cross(x[0], x[1], x[2], x[3]); got != want.Uint64() {
				t.Fatalf("%d modulo %d: %d, want %d", x, f.p, got, want)
			}
		}
		f = f.next()
	}
}

// TestPrimesFor: 60 bits are enough for minors of order 35, and not for 36.
func TestPrimesFor(t *testing.T) {
	for order, want := range map[int]int{0: 1, 1: 1, 35: 1, 36: 2, 64: 3, 200: 10} {
		if got := primesFor(order); got != want {
			t.Errorf("%d primes for order %d, want %d", got, order, want)
		}
	}
}

// doubling has 183 rosters of as many sites. The only numbers of sites that add up to 0 in
// each of them are doubled 61 times on the way round: a and b are x, c is −x, and the next c
// is −2x. So there are none but 0, and every site is exposed; but there are modulo 2^61 − 1.
func doubling() []Roster {
	unit := func(name string, k int) Unit { return Unit{Site: fmt.Sprintf("%s%02d", name, k%61)} }
	var all []Roster
	for k := range 61 {
		a, b, c := unit("a", k), unit("b", k), unit("c", k)
		all = append(all, Roster{a, c}, Roster{b, c}, Roster{a, b, unit("c", k+1)})
	}
	return all
}

// TestOnePrimeIsNotEnough has rosters that are made for the first prime.
func TestOnePrimeIsNotEnough(t *testing.T) {
	all := doubling()
	table := newTable(nil, all, 2)
	if rank := newField(firstPrime).rank(newTable(nil, all, 2).rows); rank != 182 {
		t.Fatalf("the rank is %d", rank)
	}
	if rank := newField(firstPrime).next().rank(table.rows); rank != 183 {
		t.Fatalf("the rank is %d", rank)
	}
	if got := Exposed(nil, all, 2); len(got) != 183 {
		t.Errorf("%d sites are exposed", len(got))
	}

	// With a site z in the first roster, the first prime has all of the rank, and z exposed
	// before it is.
	before := doubling()
	before[0] = append(before[0], Unit{Site: "z"})
	if rank := newField(firstPrime).rank(newTable(nil, before, 2).rows); rank != 183 {
		t.Fatalf("the rank is %d", rank)
	}
	got := Exposed(before, all[:1], 2)
	if len(got) != 184 || got[183][0] != "z" {
		t.Errorf("%d sites are exposed: %q", len(got), got)
	}
}

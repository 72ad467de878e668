package cells

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// TestPointsFor: two primes at least divide no coefficient of a minor. Up to order 25, one
// prime of 60 bits is too much for a coefficient.
func TestPointsFor(t *testing.T) {
	for order, want := range map[int]int{0: 2, 1: 2, 25: 2, 26: 3, 36: 3, 64: 5, 200: 14} {
		if got := pointsFor(order); got != want {
			t.Errorf("%d points for order %d, want %d", got, order, want)
		}
	}
}

// TestPoints: of one name, the rows are the same at all points. Of several, columns of
// several names have other factors at each, the same for all of a site, and not 0.
func TestPoints(t *testing.T) {
	table := newTable(nil, of("a:ABC", "a:CD", "a:AC"), 1)
	for f, rows := range table.points {
		if diff := cmp.Diff(table.rows, rows); diff != "" {
			t.Error(diff)
		}
		if f.p < firstPrime {
			break
		}
	}

	b := Total{[]Unit{{Site: "A"}, {Site: "A", Sex: "male"}, {Site: "B"}}, "b"}
	table = newTable(nil, append(of("a:ABCD"), b, Total{[]Unit{{Site: "A", Sex: "male"}, {Site: "E"}}, "a"}), 1)
	var all []uint64
	for f, rows := range table.points {
		site := map[int]uint64{}
		for c := range table.cells {
			for r := range rows {
				x := rows[r][c]
				switch {
				case table.rows[r][c] == 0 || r != 1:
					if x != table.rows[r][c] {
						t.Errorf("row %d, cell %d: %d", r, c, x)
					}
				case x < 2 || x >= f.p || site[table.cells[c][0]] > 0 && x != site[table.cells[c][0]]:
					t.Errorf("row %d, cell %d: %d", r, c, x)
				default:
					site[table.cells[c][0]] = x
				}
			}
		}
		if len(site) != 2 || site[0] == site[1] {
			t.Errorf("factors %d", site)
		}
		all = append(all, site[0], site[1])
		if len(all) == 6 {
			break
		}
	}
	slices.Sort(all)
	for i, x := range all[1:] {
		if x-all[i] < 1<<40 {
			t.Errorf("factors %d", all)
		}
	}

	// The name of a total of nothing does not count: answers stay exact.
	if names := newTable(nil, of("a:ABC", "b:", "a:AB"), 1).names; names != 1 {
		t.Errorf("%d names", names)
	}
}

// doubling has 183 rosters of as many sites. The only numbers of sites that add up to 0 in
// each of them are doubled 61 times on the way round: a and b are x, c is −x, and the next c
// is −2x. So there are none but 0, and every site is exposed; but there are modulo 2^61 − 1.
func doubling() []Total {
	unit := func(name string, k int) Unit { return Unit{Site: fmt.Sprintf("%s%02d", name, k%61)} }
	var all []Total
	for k := range 61 {
		a, b, c := unit("a", k), unit("b", k), unit("c", k)
		all = append(all, Total{Units: []Unit{a, c}}, Total{Units: []Unit{b, c}}, Total{Units: []Unit{a, b, unit("c", k+1)}})
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
	before[0].Units = append(before[0].Units, Unit{Site: "z"})
	if rank := newField(firstPrime).rank(newTable(nil, before, 2).rows); rank != 183 {
		t.Fatalf("the rank is %d", rank)
	}
	got := Exposed(before, all[:1], 2)
	if len(got) != 184 || got[183][0] != "z" {
		t.Errorf("%d sites are exposed: %q", len(got), got)
	}

	// Other sites' totals of two names change nothing about these.
	got = Exposed(nil, append(all, of("plain:xy", "gc:xy")...), 2)
	if len(got) != 185 || got[183][0] != "x" || got[184][0] != "y" {
		t.Errorf("%d sites are exposed: %q", len(got), got)
	}
}

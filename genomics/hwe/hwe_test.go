package hwe_test

import (
	"bufio"
	"fmt"
	"math"
	"math/big"
	"os"
	"strconv"
	"testing"

	"genoveil/genomics/hwe"
)

// slowMidP is the mid-p value by its definition, in exact numbers. A weight is a
// multinomial coefficient of the females' genotypes, times 2 for each heterozygote, times
// a binomial coefficient of the males' alleles.
func slowMidP(homRef, het, homAlt, maleRef, maleAlt int) float64 {
	females, males := homRef+het+homAlt, maleRef+maleAlt
	alts := het + 2*homAlt + maleAlt
	weight := func(het, maleAlt int) *big.Int {
		homAlt := (alts - maleAlt - het) / 2
		w := new(big.Int).Binomial(int64(females), int64(het))
		w.Mul(w, new(big.Int).Binomial(int64(females-het), int64(homAlt)))
		w.Mul(w, new(big.Int).Binomial(int64(males), int64(maleAlt)))
		return w.Lsh(w, uint(het))
	}
	observed := weight(het, maleAlt)
	twice, all := new(big.Int), new(big.Int)
	for m := range males + 1 {
		for h := range females + 1 {
			if rest := alts - m - h; rest < 0 || rest%2 != 0 || h+rest/2 > females {
				continue
			}
			w := weight(h, m)
			all.Add(all, w)
			switch w.Cmp(observed) {
			case -1:
				twice.Add(twice, w.Lsh(w, 1))
			case 0:
				twice.Add(twice, w)
			}
		}
	}
	p, _ := new(big.Rat).SetFrac(twice, all.Lsh(all, 1)).Float64()
	return p
}

func near(got, want, relative float64) bool { return math.Abs(got-want) <= relative*want }

// TestAllSmallCounts compares with the definition for all counts that a few samples can
// have.
func TestAllSmallCounts(t *testing.T) {
	for n := range 61 {
		for homRef := range n + 1 {
			for het := range n - homRef + 1 {
				homAlt := n - homRef - het
				if n > 20 && (homRef+2*het)%7 != n%7 {
					continue // a seventh is enough
				}
				if got, want := hwe.MidP(homRef, het, homAlt), slowMidP(homRef, het, homAlt, 0, 0); !near(got, want, 1e-13) {
					t.Fatalf("%d %d %d: %v, expected %v", homRef, het, homAlt, got, want)
				}
			}
		}
	}
	for females := range 11 {
		for males := range 9 {
			for homRef := range females + 1 {
				for het := range females - homRef + 1 {
					for maleRef := range males + 1 {
						homAlt, maleAlt := females-homRef-het, males-maleRef
						got, want := hwe.MidPX(homRef, het, homAlt, maleRef, maleAlt), slowMidP(homRef, het, homAlt, maleRef, maleAlt)
						if !near(got, want, 1e-13) {
							t.Fatalf("%d %d %d, males %d %d: %v, expected %v", homRef, het, homAlt, maleRef, maleAlt, got, want)
						}
					}
				}
			}
		}
	}
}

// TestLargerCounts compares with the definition where weights differ by more than float64
// can hold.
func TestLargerCounts(t *testing.T) {
	for _, c := range [][5]int{
		{500, 0, 500, 0, 0}, {0, 1000, 0, 0, 0}, {700, 1, 299, 0, 0}, {250, 500, 250, 0, 0}, {999, 0, 1, 0, 0}, {1999, 1, 0, 0, 0},
		{60, 0, 60, 0, 100}, {0, 120, 0, 100, 0}, {30, 60, 30, 50, 50}, {100, 19, 1, 119, 1}, {119, 1, 0, 0, 120}, {0, 0, 120, 120, 0},
		{0, 0, 0, 30, 70}, {40, 41, 39, 100, 0},
	} {
		got, want := hwe.MidPX(c[0], c[1], c[2], c[3], c[4]), slowMidP(c[0], c[1], c[2], c[3], c[4])
		if !near(got, want, 1e-11) {
			t.Errorf("%v: %v, expected %v", c, got, want)
		}
	}
}

// TestSymmetry: it does not matter which allele is REF, to the last bit or nearly.
func TestSymmetry(t *testing.T) {
	for _, c := range [][5]int{{3, 4, 9, 2, 8}, {100, 20, 5, 100, 13}, {20000, 9000, 1000, 25000, 5100}} {
		p, q := hwe.MidPX(c[0], c[1], c[2], c[3], c[4]), hwe.MidPX(c[2], c[1], c[0], c[4], c[3])
		if !near(p, q, 1e-11) || p <= 0 || p > 1 {
			t.Errorf("%v: %v, and %v with the alleles exchanged", c, p, q)
		}
	}
}

// TestOneOutcome: half of the only outcome.
func TestOneOutcome(t *testing.T) {
	for _, c := range [][5]int{{}, {1, 0, 0, 0, 0}, {0, 0, 500000, 0, 0}, {0, 1, 0, 0, 0}, {0, 0, 0, 7, 9}, {5, 0, 0, 5, 0}} {
		if p := hwe.MidPX(c[0], c[1], c[2], c[3], c[4]); p != 0.5 {
			t.Errorf("%v: %v", c, p)
		}
		if !hwe.AtLeastX(0.5, c[0], c[1], c[2], c[3], c[4]) || hwe.AtLeastX(0.51, c[0], c[1], c[2], c[3], c[4]) {
			t.Errorf("%v: not 0.5", c)
		}
	}
}

// TestAgainstPLINK compares with what PLINK 2 printed, up to 500,000 samples. Each line of
// plink2.txt has the counts of females' (or everybody's) genotypes, of males' alleles (0 0
// on autosomes) and the mid-p value that it wrote:
//
//	plink2 … --hardy midp cols=gcounts,ax,p
func TestAgainstPLINK(t *testing.T) {
	file, err := os.Open("testdata/plink2.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	autosomal, x, large, tiny := 0, 0, 0, 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var c [5]int
		var text string
		if _, err := fmt.Sscan(lines.Text(), &c[0], &c[1], &c[2], &c[3], &c[4], &text); err != nil {
			t.Fatal(lines.Text(), err)
		}
		got := hwe.MidPX(c[0], c[1], c[2], c[3], c[4])
		if c[3]+c[4] == 0 {
			autosomal++
			got = hwe.MidP(c[0], c[1], c[2])
		} else {
			x++
		}
		want, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		// PLINK prints six digits.
		if !near(got, want, 5.1e-6) {
			t.Errorf("%s: %v", lines.Text(), got)
		}
		factors := []float64{1e-300, 1e-6, 0.999999, 1.000001, 1e6}
		if c[0]+c[1]+c[2] > 100000 && c[3]+c[4] > 0 {
			factors = factors[:2] // the others would take as long as the value
		}
		for _, factor := range factors {
			bound := factor * got
			if hwe.AtLeastX(bound, c[0], c[1], c[2], c[3], c[4]) != (factor < 1) && bound > 0 {
				t.Errorf("%s: at least %v is not %v", lines.Text(), bound, factor < 1)
			}
		}
		if c[0]+c[1]+c[2] > 100000 {
			large++
		}
		if want < 1e-100 {
			tiny++
		}
	}
	if autosomal < 100 || x < 150 || large < 70 || tiny < 5 {
		t.Errorf("%d autosomal, %d of X, %d large, %d tiny", autosomal, x, large, tiny)
	}
}

// TestBeyondFloat64: what no float64 can hold is 0, without a long search.
func TestBeyondFloat64(t *testing.T) {
	for _, c := range [][5]int{{250000, 0, 250000, 0, 0}, {0, 500000, 0, 0, 0}, {250000, 0, 0, 0, 250000}} {
		if p := hwe.MidPX(c[0], c[1], c[2], c[3], c[4]); p != 0 {
			t.Errorf("%v: %v", c, p)
		}
	}
}

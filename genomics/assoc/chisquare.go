package assoc

import (
	"math"

	"genoveil/genomics"
)

// ChiSquare is a χ² statistic with DF degrees of freedom, held as an exact
// fraction. Where the table admits no test DF is 0 and there is no statistic.
type ChiSquare struct {
	DF    int
	value ratio
}

// Value is the statistic, NaN where DF is 0.
func (c ChiSquare) Value() float64 {
	if c.DF == 0 {
		return math.NaN()
	}
	return c.value.float()
}

// P is the probability of a larger statistic under the null hypothesis, NaN
// where DF is 0. Down to 1e-300 its relative error is below 1e-11. As in PLINK,
// it is 0 where it underflows: with one degree of freedom below 4.8e-310.
func (c ChiSquare) P() float64 {
	if c.DF == 0 {
		return math.NaN()
	}
	return upperTail(c.value.float(), c.DF)
}

// erfcLimit is the square beyond which PLINK's error function, that of the
// Fortran library DCDFLIB, is 0: 0.99999 times the logarithm of the smallest
// normal number, 2⁻¹⁰²².
const erfcLimit = 0.99999 * 1022 * math.Ln2

// upperTail is the probability that a χ² variable of one or two degrees of
// freedom exceeds x.
func upperTail(x float64, df int) float64 {
	if df == 2 {
		return math.Exp(-x / 2)
	}
	if x/2 > erfcLimit {
		return 0
	}
	return math.Erfc(math.Sqrt(x / 2))
}

// Allelic is Pearson's test of allele against status: 2 × 2 alleles, one degree
// of freedom. There is none if a group or an allele is absent.
func (t AlleleTable) Allelic() ChiSquare {
	return pearson2x2(t.Cases.Alt, t.Cases.Ref, t.Controls.Alt, t.Controls.Ref)
}

// Dominant is Pearson's test of carriers of ALT against the rest, one degree of
// freedom. There is none if a group or a class is absent.
func (t Table) Dominant() ChiSquare {
	return pearson2x2(
		t.Cases[genomics.HomAlt]+t.Cases[genomics.Het], t.Cases[genomics.HomRef],
		t.Controls[genomics.HomAlt]+t.Controls[genomics.Het], t.Controls[genomics.HomRef])
}

// Recessive is Pearson's test of ALT homozygotes against the rest, one degree of
// freedom. There is none if a group or a class is absent.
func (t Table) Recessive() ChiSquare {
	return pearson2x2(
		t.Cases[genomics.HomAlt], t.Cases[genomics.Het]+t.Cases[genomics.HomRef],
		t.Controls[genomics.HomAlt], t.Controls[genomics.Het]+t.Controls[genomics.HomRef])
}

// pearson2x2 is N(ad − bc)² over the product of the margins.
// It is Σ (O − E)²/E of the four cells in closed form.
func pearson2x2(a, b, c, d int) ChiSquare {
	rows := uint64(a+b) * uint64(c+d)
	columns := uint64(a+c) * uint64(b+d)
	if rows == 0 || columns == 0 {
		return ChiSquare{}
	}
	diff := distance(a*d, b*c)
	return ChiSquare{1, ratio{product(diff, diff).times(uint64(a + b + c + d)), product(rows, columns)}}
}

// Genotypic is Pearson's test of genotype against status, with one degree of
// freedom less than there are genotypes seen. There is none if a group is absent
// or only one genotype is seen.
//
// With r cases of n samples, and aⱼ cases of cⱼ samples of genotype j, both rows
// of column j together contribute (aⱼn − rcⱼ)² / (cⱼ·r·(n − r)).
func (t Table) Genotypic() ChiSquare {
	cases, controls := t.Cases.Called(), t.Controls.Called()
	n := cases + controls
	seen, columns := 0, uint64(1)
	for g := range genomics.Missing {
		if c := t.Cases[g] + t.Controls[g]; c > 0 {
			seen++
			columns *= uint64(c)
		}
	}
	if cases == 0 || controls == 0 || seen < 2 {
		return ChiSquare{}
	}
	var num wide
	for g := range genomics.Missing {
		if c := t.Cases[g] + t.Controls[g]; c > 0 {
			diff := distance(t.Cases[g]*n, cases*c)
			num = num.plus(product(diff, diff).times(columns / uint64(c)))
		}
	}
	return ChiSquare{seen - 1, ratio{num, product(uint64(cases)*uint64(controls), columns)}}
}

// Trend is the Cochran–Armitage test for a trend with the number of ALT alleles,
// one degree of freedom. There is none if a group is absent or only one genotype
// is seen.
//
// With r cases of n samples, s ALT alleles in the cases, d in all, and q the sum
// of the squared ALT counts, it is n(sn − dr)² / ((nq − d²)·r·(n − r)).
// Source: Armitage, Biometrics 11 (1955), 375.
func (t Table) Trend() ChiSquare {
	cases, controls := t.Cases.Called(), t.Controls.Called()
	n := cases + controls
	s := t.Cases.AltAlleles()
	d := s + t.Controls.AltAlleles()
	q := d + 2*(t.Cases[genomics.HomAlt]+t.Controls[genomics.HomAlt])
	spread := uint64(n*q - d*d)
	if cases == 0 || controls == 0 || spread == 0 {
		return ChiSquare{}
	}
	diff := distance(s*n, d*cases)
	return ChiSquare{1, ratio{product(diff, diff).times(uint64(n)), product(spread, uint64(cases)*uint64(controls))}}
}

// distance returns |x − y|.
func distance(x, y int) uint64 { return uint64(max(x, y) - min(x, y)) }

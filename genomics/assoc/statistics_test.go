package assoc

import (
	"math"
	"math/big"
	"strconv"
	"testing"

	"genoveil/genomics"
	"pgregory.net/rapid"
)

// genCounts draws genotype counts, small ones and zeros often.
var genCounts = rapid.Custom(func(t *rapid.T) genomics.Counts {
	most := rapid.SampledFrom([]int{1, 3, 20, 1000, MaxSamples / 6}).Draw(t, "most")
	count := rapid.IntRange(0, most)
	return genomics.Counts{count.Draw(t, "ref"), count.Draw(t, "het"), count.Draw(t, "alt"), count.Draw(t, "missing")}
})

var genTable = rapid.Custom(func(t *rapid.T) Table {
	return Table{genCounts.Draw(t, "cases"), genCounts.Draw(t, "controls")}
})

func integer(n int) *big.Rat { return new(big.Rat).SetInt64(int64(n)) }

// textbookPearson is Σ (O − E)²/E over the cells, empty columns left out, with
// its degrees of freedom; nil where there is no test.
func textbookPearson(cases, controls []int) (*big.Rat, int) {
	rows := [2]int{}
	columns := make([]int, len(cases))
	df := -1
	for j := range cases {
		rows[0] += cases[j]
		rows[1] += controls[j]
		columns[j] = cases[j] + controls[j]
		if columns[j] > 0 {
			df++
		}
	}
	if rows[0] == 0 || rows[1] == 0 || df < 1 {
		return nil, 0
	}
	sum := new(big.Rat)
	for i, observed := range [][]int{cases, controls} {
		for j, column := range columns {
			if column == 0 {
				continue
			}
			expected := new(big.Rat).Mul(integer(rows[i]), big.NewRat(int64(column), int64(rows[0]+rows[1])))
			d := new(big.Rat).Sub(integer(observed[j]), expected)
			sum.Add(sum, d.Mul(d, d).Quo(d, expected))
		}
	}
	return sum, df
}

// textbookTrend is T²/Var T of the Cochran–Armitage test with weights 0, 1, 2.
func textbookTrend(table Table) (*big.Rat, int) {
	r1, r2 := table.Cases.Called(), table.Controls.Called()
	n := r1 + r2
	statistic, variance := new(big.Rat), new(big.Rat)
	for g := range 3 {
		column := table.Cases[g] + table.Controls[g]
		statistic.Add(statistic, integer(g*(table.Cases[g]*r2-table.Controls[g]*r1)))
		variance.Add(variance, integer(g*g*column*(n-column)))
		for k := range g {
			variance.Sub(variance, integer(2*g*k*column*(table.Cases[k]+table.Controls[k])))
		}
	}
	if n == 0 {
		return nil, 0
	}
	variance.Mul(variance, integer(r1)).Mul(variance, integer(r2)).Quo(variance, integer(n))
	if variance.Sign() == 0 {
		return nil, 0
	}
	return statistic.Mul(statistic, statistic).Quo(statistic, variance), 1
}

// textbook is the statistic of the given row of models.
func textbook(row int, table Table) (*big.Rat, int) {
	if row == 1 {
		return textbookTrend(table)
	}
	cases, controls := models[row].counts(table.Cases), models[row].counts(table.Controls)
	width := 3
	if cases[2] < 0 {
		width = 2
	}
	return textbookPearson(cases[:width], controls[:width])
}

func TestStatisticsEqualTextbook(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := genTable.Draw(t, "table")
		for i, model := range models {
			want, df := textbook(i, table)
			got := model.test(table)
			if got.DF != df {
				t.Fatalf("%s: %d degrees of freedom, want %d", model.name, got.DF, df)
			}
			if df == 0 {
				if !math.IsNaN(got.Value()) || !math.IsNaN(got.P()) {
					t.Fatalf("%s: χ² %v, P %v without a test", model.name, got.Value(), got.P())
				}
				continue
			}
			if exact := new(big.Rat).SetFrac(got.value.num.big(), got.value.den.big()); exact.Cmp(want) != 0 {
				t.Fatalf("%s: %v, want %v", model.name, exact, want)
			}
			if float, _ := want.Float64(); math.Abs(got.Value()-float) > 1e-15*float {
				t.Fatalf("%s: %v, want %v", model.name, got.Value(), float)
			}
		}
	})
}

// The largest cohort, split so that the statistics' numerators are greatest.
func TestStatisticsDoNotOverflow(t *testing.T) {
	third := MaxSamples / 3
	for _, table := range []Table{
		{genomics.Counts{MaxSamples / 2, 0, 0}, genomics.Counts{0, 0, MaxSamples / 2}},
		{genomics.Counts{third, third / 2, 0}, genomics.Counts{0, third / 2, third}},
		{genomics.Counts{third, 0, third / 2}, genomics.Counts{0, third, third / 2}},
		{genomics.Counts{third, 0, 0}, genomics.Counts{0, third, third}},
	} {
		for i, model := range models {
			want, df := textbook(i, table)
			got := model.test(table)
			if got.DF != df {
				t.Fatalf("%s %v: %d degrees of freedom, want %d", model.name, table, got.DF, df)
			}
			if df > 0 && new(big.Rat).SetFrac(got.value.num.big(), got.value.den.big()).Cmp(want) != 0 {
				t.Errorf("%s %v: %v, want %v", model.name, table, got.Value(), want)
			}
		}
	}
}

func TestOddsRatioEqualsTextbook(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := genTable.Draw(t, "table")
		a, b := float64(table.Cases.AltAlleles()), float64(2*table.Cases.Called()-table.Cases.AltAlleles())
		c, d := float64(table.Controls.AltAlleles()), float64(2*table.Controls.Called()-table.Controls.AltAlleles())
		o := table.Alleles().OddsRatio()
		low, high := o.Interval(0.95)
		if b*c == 0 {
			if o.Defined() || !math.IsNaN(o.Value()) || !math.IsNaN(o.StandardError()) || !math.IsNaN(low) || !math.IsNaN(high) {
				t.Fatalf("odds ratio %v, SE %v, interval %v to %v, want none", o.Value(), o.StandardError(), low, high)
			}
			return
		}
		if want := (a / b) / (c / d); math.Abs(o.Value()-want) > 1e-14*want {
			t.Fatalf("odds ratio %v, want %v", o.Value(), want)
		}
		if a*d == 0 {
			if !math.IsInf(o.StandardError(), 1) || low != 0 || !math.IsNaN(high) {
				t.Fatalf("SE %v, interval %v to %v, want +Inf, 0, NaN", o.StandardError(), low, high)
			}
			return
		}
		variance := (b+a)/(a*b) + (c+d)/(c*d)
		if se := o.StandardError(); math.Abs(se*se-variance) > 1e-14*variance {
			t.Fatalf("SE² %v, want %v", se*se, variance)
		}
		const z = 1.9599639845400542355
		wantLow, wantHigh := o.Value()/math.Exp(z*math.Sqrt(variance)), o.Value()*math.Exp(z*math.Sqrt(variance))
		if math.Abs(low-wantLow) > 1e-8*wantLow || math.Abs(high-wantHigh) > 1e-8*wantHigh {
			t.Fatalf("interval %v to %v, want %v to %v", low, high, wantLow, wantHigh)
		}
	})
}

func TestSwapTurnsTheAlleles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := genTable.Draw(t, "table")
		swapped := table.Swap()
		if swapped.Swap() != table {
			t.Fatalf("%v swapped twice is %v", table, swapped.Swap())
		}
		if swapped.Cases.AltAlleles() != 2*table.Cases.Called()-table.Cases.AltAlleles() || swapped.Cases.Called() != table.Cases.Called() {
			t.Fatalf("%v swapped is %v", table, swapped)
		}
		if swapped.Alleles() != table.Alleles().Swap() {
			t.Fatalf("the alleles of %v swapped are %v", table, swapped.Alleles())
		}
		if a, b := table.Alleles().Allelic(), swapped.Alleles().Allelic(); a != b {
			t.Fatalf("allelic χ² %v, %v after swapping", a.Value(), b.Value())
		}
		if a, b := table.Genotypic(), swapped.Genotypic(); a != b {
			t.Fatalf("genotypic χ² %v, %v after swapping", a.Value(), b.Value())
		}
		if a, b := table.Trend(), swapped.Trend(); a != b {
			t.Fatalf("trend χ² %v, %v after swapping", a.Value(), b.Value())
		}
		if a, b := table.Dominant().DF, swapped.Recessive().DF; a != b {
			t.Fatalf("%d degrees of freedom dominant, %d recessive after swapping", a, b)
		}
	})
}

func TestA1IsAlt(t *testing.T) {
	for _, test := range []struct {
		whole genomics.Counts
		want  bool
	}{
		{genomics.Counts{}, true},
		{genomics.Counts{3: 9}, true},
		{genomics.Counts{2, 0, 2, 5}, true},
		{genomics.Counts{0, 7, 0, 1}, true},
		{genomics.Counts{2, 1, 2, 0}, true},
		{genomics.Counts{2, 0, 3, 0}, false},
		{genomics.Counts{0, 1, 1, 9}, false},
	} {
		if got := A1IsAlt(AllelesOf(test.whole)); got != test.want {
			t.Errorf("A1IsAlt(%v) = %v", test.whole, got)
		}
	}
}

// The reference values were computed with mpmath in 40 digits.
func TestUpperTail(t *testing.T) {
	for _, test := range []struct {
		x        float64
		one, two string // with one and two degrees of freedom
	}{
		{0.0, "1.0", "1.0"},
		{1e-300, "1.0", "1.0"},
		{1e-12, "0.99999920211543919727", "0.9999999999995"},
		{1e-06, "0.99920211557217787485", "0.99999950000012499998"},
		{0.001, "0.97477287936996038828", "0.99950012497916927056"},
		{0.0642, "0.79997675304657778516", "0.96840973626336116473"},
		{0.5, "0.47950012218695346232", "0.77880078307140486825"},
		{1.0, "0.31731050786291410283", "0.6065306597126334236"},
		{2.0, "0.15729920705028513066", "0.3678794411714423216"},
		{2.706, "0.099971378125259318479", "0.25846370527941998289"},
		{3.841, "0.050013683763956699076", "0.14653367697210128436"},
		{7.5, "0.0061698993205441622136", "0.023517745856009108236"},
		{10.83, "0.00099868637918025874488", "0.0044493378127513942473"},
		{15.0, "0.00010751117672950056338", "0.0005530843701478335831"},
		{25.5, "4.4238291767172617807e-7", "2.9023204086504038856e-6"},
		{29.72, "4.9917159010056857504e-8", "3.5187142428287642606e-7"},
		{40.0, "2.5396285894708649707e-10", "2.061153622438557828e-9"},
		{61.9, "3.6134954711513070439e-15", "3.6189766840705997548e-14"},
		{62.1, "3.2645141389032281854e-15", "3.2745855187467754153e-14"},
		{100.0, "1.5239706048321052132e-23", "1.928749847963917783e-22"},
		{200.25, "1.841944195798188186e-45", "3.2829555262177533387e-44"},
		{333.3, "1.8367650780701694952e-74", "4.2152621689780086943e-73"},
		{500.0, "9.5053977665540916752e-111", "2.6691902155412763935e-109"},
		{750.5, "3.1238028769617133441e-165", "1.0739786941378729475e-163"},
		{1000.0, "1.7958327848007261946e-219", "7.1245764067412855315e-218"},
		{1200.0, "6.099568814808433693e-263", "2.6503965530043108163e-261"},
		{1300.0, "1.1303728441492742445e-284", "5.1119519486511562468e-283"},
		{1370.0, "6.9429373646432677358e-300", "3.2231453908506467322e-298"},
		{1373.5, "1.2049656331009639165e-300", "5.6009868488224314064e-299"},
	} {
		for df, text := range map[int]string{1: test.one, 2: test.two} {
			want, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			if got := upperTail(test.x, df); math.Abs(got-want) > 1e-12*want {
				t.Errorf("P(χ² > %v) with %d degrees of freedom = %v, want %v", test.x, df, got, want)
			}
		}
	}
	if p := upperTail(2*erfcLimit, 1); !(p > 4.7e-310 && p < 4.8e-310) {
		t.Errorf("the smallest P is %v, want 4.75e-310", p)
	}
	if p := upperTail(math.Nextafter(2*erfcLimit, 2000), 1); p != 0 {
		t.Errorf("P beyond the limit is %v, want 0", p)
	}
}

// The reference values were computed with mpmath in 40 digits.
func TestUpperNormalQuantile(t *testing.T) {
	for _, test := range []struct{ p, want float64 }{
		{0.5 - 0.005, 0.012533469508069263161}, {0.25, 0.6744897501960817432}, {0.025, 1.9599639845400542355},
		{0.005, 2.575829303548900761}, {0.00005, 3.890591886413093967},
	} {
		if got := upperNormalQuantile(test.p); math.Abs(got-test.want) > 1.2e-9*test.want {
			t.Errorf("quantile at %v is %v, want %v", test.p, got, test.want)
		}
	}
}

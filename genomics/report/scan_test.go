package report

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"genoveil/genomics/chrom"
	"genoveil/genomics/shareddata"
)

// directLambda is λ straight from its definition.
func directLambda(p []float64) float64 {
	var chi []float64
	for _, p := range p {
		z := math.Sqrt2 * math.Erfcinv(p)
		chi = append(chi, z*z)
	}
	slices.Sort(chi)
	n := len(chi)
	return (chi[(n-1)/2] + chi[n/2]) / 2 / 0.45493642311957283
}

func TestLambdaIsMedianRatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ps := rapid.SliceOfN(rapid.Float64Range(1e-9, 0.999), 1, 50).Draw(t, "p")
		var s Scan
		for i, p := range ps {
			s.Add(Result{Chrom: "1", Pos: i, LogP: -math.Log10(p)})
		}
		want := directLambda(ps)
		if got := s.Lambda(); math.Abs(got-want) > 1e-6*want {
			t.Fatalf("λ = %v, directly %v", got, want)
		}
	})
}

func TestLambdaAtExtremes(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		logP []float64
		want float64
	}{
		{nil, math.NaN()},
		{[]float64{math.NaN()}, math.NaN()},
		{[]float64{0, 0, 0}, 0},
		{[]float64{inf, inf, 0}, inf},
		{[]float64{inf, math.Log10(2), 0}, 1},
	} {
		var s Scan
		for _, logP := range c.logP {
			s.Add(Result{Chrom: "1", LogP: logP})
		}
		if got := s.Lambda(); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%v: λ = %v, want %v", c.logP, got, c.want)
		}
	}
}

func TestFarChiSquare(t *testing.T) {
	// By the continued fraction of erfc, with 40 digits.
	for logP, want := range map[float32]float64{400: 1834.1010929470287, 5000: 23015.355343450320} {
		if got := chiSquare(logP); math.Abs(got-want) > 1e-12*want {
			t.Errorf("χ² of p = 1e-%v is %v, want %v", logP, got, want)
		}
	}
	var s Scan
	s.Add(Result{Chrom: "1", LogP: 400})
	if math.IsInf(s.Lambda(), 0) {
		t.Error("λ of a p below the smallest float64 is infinite")
	}
}

// TestHapMap3 reads what PLINK wrote. λ was computed apart from this program
// from the p-values in the files.
func TestHapMap3(t *testing.T) {
	dir := shareddata.Dir(t, "hapmap3")
	for _, c := range []struct {
		file                   string
		lambda                 float64
		genomeWide, suggestive int
		lead                   string
	}{
		{"plink19.CASE.assoc.gz", 1.3577914025837254, 2, 8, "rs4930026"},
		{"plink2.CASE.glm.logistic.gz", 1.0422390454669275, 2, 5, "rs4930026"},
		{"plink2.QT.glm.linear.gz", 1.0446118711951998, 5, 6, "rs7022811"},
	} {
		var s Scan
		if err := s.AddFile(filepath.Join(dir, c.file)); err != nil {
			t.Fatal(err)
		}
		if s.Len() != 14079 || len(s.skipped) != 0 {
			t.Errorf("%s: %d results, skipped %v", c.file, s.Len(), s.skipped)
		}
		if got := s.Lambda(); math.Abs(got-c.lambda) > 1e-6 {
			t.Errorf("%s: λ = %v, want %v", c.file, got, c.lambda)
		}
		if a, b := s.reaching(genomeWide), s.reaching(suggestive); a != c.genomeWide || b != c.suggestive {
			t.Errorf("%s: %d and %d hits, want %d and %d", c.file, a, b, c.genomeWide, c.suggestive)
		}
		if lead := s.Loci(1)[0].ID; lead != c.lead {
			t.Errorf("%s: %s leads, want %s", c.file, lead, c.lead)
		}
	}
}

func TestChromosomeOrder(t *testing.T) {
	for _, want := range [][]string{
		{"1", "2", "10", "22", "X", "Y", "MT"},
		{"chr1", "chr2", "chr10", "chrX", "chrM"},
		{"1A", "1B", "1D", "2A", "7D", "Un"},
		{"I", "II", "III", "IV", "IX", "V", "Mito"},
		{"2L", "2R", "3L", "3R", "4", "X"},
		{"NC_003070.9", "NC_003071.7", "NC_003075.7"},
		{"4", "X", "LG2", "LG12", "scaffold_2", "scaffold_0010"},
		{"1", "01x"},
	} {
		for seed := range uint64(20) {
			shuffled := slices.Clone(want)
			r := rand.New(rand.NewPCG(seed, 0))
			r.Shuffle(len(shuffled), func(i, j int) {
				// Names without a number stay in their order of appearance.
				if nameRank(chrom.Bare(shuffled[i])) != 1 && nameRank(chrom.Bare(shuffled[j])) != 1 {
					shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
				}
			})
			var s Scan
			for _, name := range shuffled {
				s.Add(Result{Chrom: name})
			}
			var got []string
			for _, c := range s.ordered() {
				got = append(got, c.name)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v is ordered %v", shuffled, got)
			}
		}
	}
}

// TestLociAreThoseOfAllResults compares with the same rule applied to all
// results. There are enough to make the scan forget weak ones several times,
// and many ties.
func TestLociAreThoseOfAllResults(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var s Scan
	var all []Result
	for i := range 5 * keptResults {
		result := Result{
			Chrom: fmt.Sprint(1 + r.IntN(3)),
			Pos:   r.IntN(50_000_000),
			ID:    fmt.Sprint("rs", i),
			LogP:  math.Round(100*r.ExpFloat64()) / 100,
		}
		s.Add(result)
		all = append(all, result)
	}
	slices.SortStableFunc(all, func(a, b Result) int { return cmp.Compare(b.LogP, a.LogP) })
	var want []Result
	for _, candidate := range all {
		near := false
		for _, lead := range want {
			near = near || lead.Chrom == candidate.Chrom && math.Abs(float64(lead.Pos-candidate.Pos)) <= 500_000
		}
		if !near && len(want) < 60 {
			want = append(want, candidate)
		}
	}
	if got := s.Loci(60); !slices.Equal(got, want) {
		t.Errorf("loci differ:\n%v\n%v", got, want)
	}
	if !slices.Equal(s.top.results, all[:keptResults]) {
		t.Error("the kept results are not the strongest")
	}
}

func TestAddCountsResultsWithoutP(t *testing.T) {
	var s Scan
	s.Add(Result{Chrom: "1", LogP: math.NaN()})
	s.Add(Result{Chrom: "1", LogP: 2})
	s.Add(Result{Chrom: "2", LogP: 5})
	if s.Len() != 2 || s.skipped["no p-value"] != 1 || s.reaching(suggestive) != 1 {
		t.Errorf("%d results, skipped %v", s.Len(), s.skipped)
	}
	s.Add(Result{Chrom: "3", LogP: 6})
	if s.reaching(suggestive) != 2 {
		t.Error("a result added after the first ranking is not ranked")
	}
}

func TestColoursAlternate(t *testing.T) {
	colours := func(contigs, length int) (even []bool) {
		var s Scan
		for i := range contigs {
			s.Add(Result{Chrom: fmt.Sprint(i), Pos: 1})
			s.Add(Result{Chrom: fmt.Sprint(i), Pos: length})
		}
		for _, span := range s.genome().spans {
			even = append(even, span.even)
		}
		return even
	}
	if got := colours(5, 1000); !slices.Equal(got, []bool{false, true, false, true, false}) {
		t.Errorf("five chromosomes: %v", got)
	}
	if got := slices.Compact(colours(5000, 1000)); len(got) < 90 || len(got) > 100 {
		t.Errorf("5000 contigs make %d stripes", len(got))
	}
}

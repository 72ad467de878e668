package simulate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mathext"

	"genoveil/genomics"
	"genoveil/genomics/pheno"
)

var _ genomics.Source = (*Cohort)(nil)

// small is a cohort for tests that need no more than some cohort.
var small = Options{Samples: 61, Variants: 200, Missing: 0.02, Causal: 3, Heritability: 0.5, Covariates: 4, CaseFraction: 0.4, Seed: 7}

func newCohort(t *testing.T, o Options) *Cohort {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A record is a variant as a test keeps it.
type record struct {
	genomics.Variant

	row    genomics.Row
	truth  float64 // frequency of ALT in the population
	causal bool
}

func readAll(t *testing.T, c *Cohort) []record {
	t.Helper()
	var out []record
	for {
		r := record{row: make(genomics.Row, genomics.RowLen(len(c.Samples())))}
		err := c.Next(&r.Variant, r.row)
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		r.truth = float64(c.at.alt) / frequencyUnit
		r.causal = c.at.causal
		out = append(out, r)
	}
}

// checkBinomial fails unless k of n is plausible at probability p: either tail
// of the exact binomial distribution has to weigh more than 1e-7.
func checkBinomial(t *testing.T, what string, k, n int, p float64) {
	t.Helper()
	atMost, atLeast := 1.0, 1.0
	if k < n {
		atMost = mathext.RegIncBeta(float64(n-k), float64(k+1), 1-p)
	}
	if k > 0 {
		atLeast = mathext.RegIncBeta(float64(k), float64(n-k+1), p)
	}
	if min(atMost, atLeast) < 1e-7 {
		t.Errorf("%s: %d of %d at probability %v", what, k, n, p)
	}
}

// The hashes are those of the first version. A difference means that somebody's
// simulated cohort can no longer be made again.
func TestSameBytesForEver(t *testing.T) {
	c := newCohort(t, small)
	var vcf, phenotypes, covariates, causal bytes.Buffer
	if err := WriteVCF(&vcf, c, c.Meta()); err != nil {
		t.Fatal(err)
	}
	traits, err := c.Traits()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(traits.WritePhenotypes(&phenotypes), traits.WriteCovariates(&covariates), traits.WriteCausal(&causal)); err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct {
		name string
		text []byte
		want string
	}{
		{"VCF", vcf.Bytes(), "23834907ac08c939"},
		{"phenotypes", phenotypes.Bytes(), "79d23aaec14f111d"},
		{"covariates", covariates.Bytes(), "df1baeb273a32853"},
		{"causal variants", causal.Bytes(), "fced73adadd53728"},
	} {
		sum := sha256.Sum256(f.text)
		if got := hex.EncodeToString(sum[:8]); got != f.want {
			t.Errorf("%s: hash %s, want %s; begins\n%.300s", f.name, got, f.want, f.text)
		}
	}
}

func TestSeedAndMissingness(t *testing.T) {
	first := readAll(t, newCohort(t, small))
	o := small
	o.Missing = 0
	for i, r := range readAll(t, newCohort(t, o)) {
		if r.Variant != first[i].Variant {
			t.Fatalf("variant %d: %v and %v", i, r.Variant, first[i].Variant)
		}
		for s := range o.Samples {
			if g := first[i].row.At(s); r.row.At(s) == genomics.Missing || g != genomics.Missing && g != r.row.At(s) {
				t.Fatalf("variant %d, sample %d: %d, with missing calls %d", i, s, r.row.At(s), g)
			}
		}
	}
	o = small
	o.Seed++
	different := 0
	for i, r := range readAll(t, newCohort(t, o)) {
		if !bytes.Equal(r.row, first[i].row) {
			different++
		}
	}
	if different < small.Variants*9/10 {
		t.Errorf("another seed changed %d of %d variants", different, small.Variants)
	}
}

func TestSites(t *testing.T) {
	for _, variants := range []int{1, 5, 22, 30, 2000, 3000000} {
		s := newSites(Options{Variants: variants, Causal: 1, Seed: 3})
		var at site
		last := genomics.Variant{Chrom: "0"}
		n, causal, perChrom := 0, 0, map[string]int{}
		for n < 5000 && s.read(&at) {
			n++
			var chrom, lastChrom int
			fmt.Sscan(at.Chrom, &chrom)
			fmt.Sscan(last.Chrom, &lastChrom)
			if chrom < lastChrom || chrom == lastChrom && at.Pos <= last.Pos || chrom > 22 {
				t.Fatalf("%d variants: %v after %v", variants, at.Variant, last)
			}
			if at.Pos < 1 || at.Pos > chromosomes[chrom-1] {
				t.Fatalf("%d variants: %v is not on the chromosome", variants, at.Variant)
			}
			if !strings.Contains("ACGT", at.Ref) || !strings.Contains("ACGT", at.Alt) || at.Ref == at.Alt || len(at.Ref+at.Alt) != 2 {
				t.Fatalf("%d variants: alleles of %v", variants, at.Variant)
			}
			if at.ID != fmt.Sprintf("rs%d", n) {
				t.Fatalf("%d variants: ID of %v", variants, at.Variant)
			}
			if at.causal {
				causal++
			}
			last = at.Variant
			perChrom[at.Chrom]++
		}
		if variants > 5000 {
			continue
		}
		if n != variants || causal != 1 {
			t.Errorf("%d sites of %d, %d causal", n, variants, causal)
		}
		// A chromosome's share is exact but for rounding at both ends.
		for i, length := range chromosomes {
			exact := float64(variants) * float64(length) / genomeLength
			if got := perChrom[fmt.Sprint(i+1)]; math.Abs(float64(got)-exact) > 1 {
				t.Errorf("%d variants: %d on chromosome %d, want %.1f", variants, got, i+1, exact)
			}
		}
	}
}

func TestSpectrum(t *testing.T) {
	const n = 20000
	s := newSites(Options{Variants: n, Seed: 5})
	var at site
	var minors []int
	flipped := 0
	for s.read(&at) {
		if at.alt > frequencyUnit/2 {
			flipped++
		}
		minors = append(minors, int(min(at.alt, frequencyUnit-at.alt)))
	}
	checkBinomial(t, "ALT is major", flipped, n, 1.0/altMajorOneOf)
	// The integral of 1/(x(1−x)) is ln(x/(1−x)).
	logit := func(x float64) float64 { return math.Log(x / (1 - x)) }
	low := logit(leastMinor / float64(frequencyUnit))
	for _, f := range []float64{0.0051, 0.006, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.499} {
		below := 0
		for _, m := range minors {
			if float64(m)/frequencyUnit < f {
				below++
			}
		}
		checkBinomial(t, fmt.Sprintf("MAF below %v", f), below, n, (logit(f)-low)/-low)
	}
	if got := slices.Min(minors); got < leastMinor {
		t.Errorf("least minor frequency %d", got)
	}
	for range 2000 {
		if m := s.minor(leastCausal); m < leastCausal || m > frequencyUnit/2 {
			t.Fatalf("frequency %d of a causal variant", m)
		}
	}
}

func TestFrequenciesAndMissingness(t *testing.T) {
	o := Options{Samples: 1003, Variants: 1500, Missing: 0.03, CaseFraction: 0.5, Seed: 11}
	lost, inSample := 0, make([]int, o.Samples)
	het, hetExpected := 0, 0.0
	for _, r := range readAll(t, newCohort(t, o)) {
		count := r.row.Count(o.Samples)
		checkBinomial(t, "ALT alleles of "+r.ID, count.AltAlleles(), 2*count.Called(), r.truth)
		checkBinomial(t, "missing calls of "+r.ID, count[genomics.Missing], o.Samples, o.Missing)
		lost += count[genomics.Missing]
		for i := range inSample {
			if r.row.At(i) == genomics.Missing {
				inSample[i]++
			}
		}
		het += count[genomics.Het]
		hetExpected += 2 * r.truth * (1 - r.truth) * float64(count.Called())
		if last := r.row[len(r.row)-1]; last>>6 != 0 {
			t.Fatalf("unused bits of %s are set", r.ID)
		}
	}
	checkBinomial(t, "missing calls", lost, o.Samples*o.Variants, o.Missing)
	for i, n := range inSample {
		checkBinomial(t, fmt.Sprintf("missing calls of sample %d", i), n, o.Variants, o.Missing)
	}
	// Hardy–Weinberg proportions: the two haplotypes are independent.
	if ratio := float64(het) / hetExpected; math.Abs(ratio-1) > 0.01 {
		t.Errorf("heterozygotes are %.4f of what Hardy–Weinberg expects", ratio)
	}
}

// r2 is the squared correlation of two rows without missing calls.
func r2(a, b genomics.Row, n int) float64 {
	var sa, sb, saa, sbb, sab float64
	for i := range n {
		x, y := float64(a.At(i)), float64(b.At(i))
		sa, sb, saa, sbb, sab = sa+x, sb+y, saa+x*x, sbb+y*y, sab+x*y
	}
	m := float64(n)
	cov, va, vb := sab-sa*sb/m, saa-sa*sa/m, sbb-sb*sb/m
	if va == 0 || vb == 0 {
		return 0
	}
	return cov * cov / (va * vb)
}

func TestLinkageDecays(t *testing.T) {
	o := Options{Samples: 1000, Variants: 3000, CaseFraction: 0.5, Seed: 13}
	rows := readAll(t, newCohort(t, o))
	mean := func(distance int) float64 {
		sum, n := 0.0, 0
		for i := range rows[:len(rows)-distance] {
			a, b := rows[i], rows[i+distance]
			if a.Chrom == b.Chrom && min(a.truth, 1-a.truth, b.truth, 1-b.truth) > 0.1 {
				sum += r2(a.row, b.row, o.Samples)
				n++
			}
		}
		return sum / float64(n)
	}
	// One recombination in ten sites: r² falls to e^(−2/10) of what it was per
	// site, and in the end to the 1/n of independent variants.
	near, middle, far := mean(1), mean(5), mean(40)
	if near < 0.1 || near > 0.25 || middle > 0.6*near || middle < 0.25*near || far > 2.0/float64(o.Samples) {
		t.Errorf("mean r² %.4f between neighbours, %.4f over 5 sites, %.4f over 40", near, middle, far)
	}
	sum, n := 0.0, 0
	for i := range rows[1:] {
		if rows[i].Chrom != rows[i+1].Chrom {
			sum += r2(rows[i].row, rows[i+1].row, o.Samples)
			n++
		}
	}
	if n != 21 || sum/float64(n) > 5.0/float64(o.Samples) {
		t.Errorf("mean r² %.4f between neighbours on %d different chromosomes", sum/float64(n), n)
	}
}

// allelicChi2 is the χ² of the 2 × 2 table of alleles by status.
func allelicChi2(row genomics.Row, status []pheno.Status) float64 {
	var n [2][2]float64 // by status, then by allele
	for i, s := range status {
		if g := row.At(i); s != pheno.Absent && g != genomics.Missing {
			n[s-pheno.Control][1] += float64(g)
			n[s-pheno.Control][0] += 2 - float64(g)
		}
	}
	a, b, c, d := n[0][0], n[0][1], n[1][0], n[1][1]
	if (a+c)*(b+d) == 0 {
		return 0
	}
	return (a + b + c + d) * (a*d - b*c) * (a*d - b*c) / ((a + b) * (c + d) * (a + c) * (b + d))
}

// The causal variants come out on top of all variants that are not near one.
func TestCausalVariantsAssociated(t *testing.T) {
	o := Options{Samples: 2000, Variants: 2200, Missing: 0.01, Causal: 5, Heritability: 0.5, Covariates: 6, CaseFraction: 0.4, Seed: 17}
	c := newCohort(t, o)
	if _, err := c.Traits(); err == nil {
		t.Error("traits before the genotypes")
	}
	rows := readAll(t, c)
	traits, err := c.Traits()
	if err != nil {
		t.Fatal(err)
	}
	causal := map[string]Effect{}
	var onChrom []string // with a causal variant
	for _, e := range traits.Causal {
		causal[e.ID] = e
	}
	for _, r := range rows {
		if r.causal {
			onChrom = append(onChrom, r.Chrom)
			if e, ok := causal[r.ID]; !ok || e.A1 != r.Alt {
				t.Errorf("%v has effect %+v", r.Variant, e)
			}
			if r.truth < 0.05 || r.truth > 0.95 {
				t.Errorf("%v has frequency %v", r.Variant, r.truth)
			}
			want := o.Heritability / float64(o.Causal)
			if got := causal[r.ID].Beta * causal[r.ID].Beta * 2 * r.truth * (1 - r.truth); math.Abs(got-want) > 1e-12 {
				t.Errorf("%v explains %v, want %v", r.Variant, got, want)
			}
		}
	}
	if len(causal) != o.Causal || len(onChrom) != o.Causal {
		t.Fatalf("%d causal variants at %d sites, want %d", len(causal), len(onChrom), o.Causal)
	}
	weakest, strongest := math.Inf(1), 0.0
	for _, r := range rows {
		x := allelicChi2(r.row, traits.Case)
		if r.causal {
			weakest = min(weakest, x)
		} else if !slices.Contains(onChrom, r.Chrom) {
			strongest = max(strongest, x)
		}
	}
	// 30 is p = 4e-8. Some 1,700 variants without effect reach about 12.
	if weakest < 30 || strongest > 20 {
		t.Errorf("χ² of causal variants from %.1f, of others to %.1f", weakest, strongest)
	}
}

// The quantitative trait and the liability have mean 0 and variance 1, of which
// genes and covariates explain their shares.
func TestVariance(t *testing.T) {
	o := Options{Samples: 20000, Variants: 40, Causal: 4, Heritability: 0.4, Covariates: 3, CaseFraction: 0.2, Seed: 19}
	c := newCohort(t, o)
	readAll(t, c)
	traits, err := c.Traits()
	if err != nil {
		t.Fatal(err)
	}
	moments := func(xs []float64) (mean, variance float64) {
		n := 0.0
		for _, x := range xs {
			if !math.IsNaN(x) {
				n++
				mean += x
				variance += x * x
			}
		}
		mean /= n
		return mean, variance/n - mean*mean
	}
	check := func(what string, got, want, within float64) {
		if math.Abs(got-want) > within {
			t.Errorf("%s: %.4f, want %.4f", what, got, want)
		}
	}
	// The standard errors are √(1/n) = 0.007 and √(2/n) = 0.01.
	mean, variance := moments(traits.Quantitative)
	check("mean of QT", mean, 0, 0.03)
	check("variance of QT", variance, 1, 0.04)
	_, variance = moments(c.genetic)
	check("variance explained by genes", variance, o.Heritability, 0.03)
	for k, want := range []struct{ mean, variance float64 }{{0.5, 0.25}, {49.95, 600 * 600 / 12.0 / 100}, {0, 1}} {
		mean, variance := moments(traits.Covariates[k])
		check("mean of "+traits.CovariateNames[k], mean, want.mean, 4*math.Sqrt(want.variance/20000))
		check("variance of "+traits.CovariateNames[k], variance/want.variance, 1, 0.05)
		// Regression of QT on the covariate.
		cov, n := 0.0, 0.0
		for i, x := range traits.Covariates[k] {
			if y := traits.Quantitative[i]; !math.IsNaN(y) {
				cov += (x - want.mean) * y
				n++
			}
		}
		check("r² of "+traits.CovariateNames[k], cov*cov/(n*n*want.variance), covariateVariance/3, 0.012)
	}
	var count [3]int
	for _, s := range traits.Case {
		count[s]++
	}
	checkBinomial(t, "missing status", count[pheno.Absent], o.Samples, 1.0/traitMissingOneOf)
	if cases := 4000; count[pheno.Case] > cases || count[pheno.Case] < cases*97/100 {
		t.Errorf("%d cases, want %d less some that are missing", count[pheno.Case], cases)
	}
}

func TestRoundTrip(t *testing.T) {
	c := newCohort(t, small)
	readAll(t, c)
	traits, err := c.Traits()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	table := func(name string, write func(io.Writer) error) *pheno.Table {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		table, err := pheno.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	phenotypes, covariates := table("pheno.txt", traits.WritePhenotypes), table("covar.txt", traits.WriteCovariates)
	status, sum, err := phenotypes.CaseControl("CASE", c.Samples())
	if err != nil || !slices.Equal(status, traits.Case) || sum.Unused != 0 || sum.ZeroOne {
		t.Errorf("CASE %v %+v, error %v, want %v", status, sum, err, traits.Case)
	}
	equal := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
	if qt, err := phenotypes.Quantitative("QT", c.Samples()); err != nil || !slices.EqualFunc(qt, traits.Quantitative, equal) {
		t.Errorf("QT %v, error %v, want %v", qt, err, traits.Quantitative)
	}
	if got := strings.Join(covariates.Columns(), " "); got != "MALE AGE PC1 PC2" {
		t.Errorf("covariates %s", got)
	}
	for k, name := range traits.CovariateNames {
		if x, err := covariates.Quantitative(name, c.Samples()); err != nil || !slices.Equal(x, traits.Covariates[k]) {
			t.Errorf("%s %v, error %v, want %v", name, x, err, traits.Covariates[k])
		}
	}
}

func TestNoCovariates(t *testing.T) {
	o := small
	o.Covariates, o.Causal, o.Heritability = 0, 0, 0
	c := newCohort(t, o)
	readAll(t, c)
	traits, err := c.Traits()
	if err != nil {
		t.Fatal(err)
	}
	if err := traits.WriteCovariates(io.Discard); err == nil {
		t.Error("wrote no covariates without an error")
	}
	var causal bytes.Buffer
	if err := traits.WriteCausal(&causal); err != nil || causal.String() != "ID\tA1\tBETA\n" {
		t.Errorf("causal variants %q, error %v", causal.String(), err)
	}
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		change func(*Options)
		want   string // beginning of the error
	}{
		{func(o *Options) { o.Samples = 1 }, "simulate: 1 samples"},
		{func(o *Options) { o.Samples = -5 }, "simulate: -5 samples"},
		{func(o *Options) { o.Samples = math.MaxInt }, "simulate: 9223372036854775807 samples"},
		{func(o *Options) { o.Variants = 0 }, "simulate: 0 variants"},
		{func(o *Options) { o.Variants = maxVariants + 1 }, "simulate: 100000001 variants"},
		{func(o *Options) { o.Causal = -1 }, "simulate: -1 causal variants"},
		{func(o *Options) { o.Causal = 201 }, "simulate: 201 causal variants"},
		{func(o *Options) { o.Causal = 0 }, "simulate: a heritability of 0.5 without causal variants"},
		{func(o *Options) { o.Heritability = 0 }, "simulate: a heritability of 0 with causal variants"},
		{func(o *Options) { o.Heritability = 0.91 }, "simulate: a heritability of 0.91"},
		{func(o *Options) { o.Heritability = math.NaN() }, "simulate: a heritability of NaN"},
		{func(o *Options) { o.Covariates = -1 }, "simulate: -1 covariates"},
		{func(o *Options) { o.Covariates = 101 }, "simulate: 101 covariates"},
		{func(o *Options) { o.Missing = -0.1 }, "simulate: a share -0.1 of missing calls"},
		{func(o *Options) { o.Missing = 1 }, "simulate: a share 1 of missing calls"},
		{func(o *Options) { o.Missing = math.NaN() }, "simulate: a share NaN of missing calls"},
		{func(o *Options) { o.CaseFraction = 0 }, "simulate: a share 0 of cases"},
		{func(o *Options) { o.CaseFraction = 1 }, "simulate: a share 1 of cases"},
		{func(o *Options) { o.CaseFraction = math.NaN() }, "simulate: a share NaN of cases"},
		{func(o *Options) { o.CaseFraction = 0.008 }, "simulate: a share 0.008 of cases makes 0 cases among 61"},
		{func(o *Options) { o.CaseFraction = 0.995 }, "simulate: a share 0.995 of cases makes 61 cases among 61"},
	} {
		o := small
		c.change(&o)
		if _, err := New(o); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%+v: got error %v, want %q", o, err, c.want)
		}
	}
}

func TestSource(t *testing.T) {
	c := newCohort(t, small)
	var v genomics.Variant
	if err := c.Next(&v, make(genomics.Row, 1)); err == nil {
		t.Error("accepted a row of the wrong length")
	}
	if got := c.Samples(); len(got) != 61 || got[0] != "S01" || got[60] != "S61" {
		t.Errorf("samples %q", got)
	}
	if n := len(readAll(t, c)); n != small.Variants {
		t.Errorf("%d variants", n)
	}
	if err := c.Next(&v, make(genomics.Row, genomics.RowLen(61))); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
	if len(c.Skipped()) != 0 || c.Close() != nil {
		t.Error("Skipped or Close")
	}
}

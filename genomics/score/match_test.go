package score

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"genoveil/genomics"
)

// listed has a plain variant, one whose alleles do not tell the strand, an insertion,
// and a site of two ALT alleles.
var listed = []genomics.Variant{
	{Chrom: "1", Pos: 1000, ID: "rs1", Ref: "A", Alt: "G"},
	{Chrom: "1", Pos: 2000, ID: "rs2", Ref: "A", Alt: "T"},
	{Chrom: "1", Pos: 3000, ID: ".", Ref: "C", Alt: "CAT"},
	{Chrom: "chrX", Pos: 4000, ID: "rs4", Ref: "G", Alt: "A"},
	{Chrom: "chrX", Pos: 4000, ID: "rs4", Ref: "G", Alt: "T"},
}

func TestMatch(t *testing.T) {
	type outcome struct {
		Variant int
		Alt     float64 // weight of ALT for a weight of one
		Report
	}
	none := func(r Report) outcome { return outcome{-1, 0, r} }
	for _, test := range []struct {
		name              string
		chrom             string
		pos               int
		id, effect, other string
		want              outcome
	}{
		{"ALT", "1", 1000, "", "G", "A", outcome{0, 1, Report{Matched: 1}}},
		{"REF", "chr1", 1000, "", "A", "G", outcome{0, -1, Report{Matched: 1}}},
		{"ALT alone", "1", 1000, "", "G", "", outcome{0, 1, Report{Matched: 1}}},
		{"REF alone", "1", 1000, "", "A", "", outcome{0, -1, Report{Matched: 1}}},
		{"other strand, ALT", "1", 1000, "", "C", "T", outcome{0, 1, Report{Matched: 1, Flipped: 1}}},
		{"other strand, REF alone", "1", 1000, "", "T", "", outcome{0, -1, Report{Matched: 1, Flipped: 1}}},
		{"by ID", "", 0, "rs1", "A", "", outcome{0, -1, Report{Matched: 1}}},
		{"position before ID", "1", 1001, "rs1", "A", "", none(Report{Missing: 1})},
		{"strand unknown", "1", 2000, "", "T", "A", outcome{1, 1, Report{Matched: 1, Strand: 1}}},
		{"strand unknown, REF", "1", 2000, "", "A", "", outcome{1, -1, Report{Matched: 1, Strand: 1}}},
		{"insertion", "1", 3000, "", "CAT", "C", outcome{2, 1, Report{Matched: 1}}},
		{"insertion, other strand", "1", 3000, "", "ATG", "G", outcome{2, 1, Report{Matched: 1, Flipped: 1}}},
		{"one of two ALT", "23", 4000, "", "T", "G", outcome{4, 1, Report{Matched: 1}}},
		{"one of two ALT, by itself", "x", 4000, "", "A", "", outcome{3, 1, Report{Matched: 1}}},
		{"REF of two", "X", 4000, "", "G", "", none(Report{Undecided: 1})},
		{"other alleles", "1", 1000, "", "G", "C", none(Report{OtherAlleles: 1})},
		{"no such position", "2", 1000, "", "G", "A", none(Report{Missing: 1})},
		{"no such ID", "", 0, "rs9", "G", "A", none(Report{Missing: 1})},
		{"nameless", "", 0, "", "G", "A", none(Report{Missing: 1})},
	} {
		w := Weight{Chrom: test.chrom, Pos: test.pos, ID: test.id, Effect: test.effect, Other: test.other}
		var got outcome
		hit := newIndex(listed).find(&w, &got.Report)
		if got.Variant = hit.variant; hit.variant >= 0 {
			got.Alt = -1
			if hit.effectIsAlt {
				got.Alt = 1
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// TestPalindromes reads weights of A/T variants as the others of their file are read.
func TestPalindromes(t *testing.T) {
	variants := []genomics.Variant{
		{Chrom: "1", Pos: 1, ID: "p", Ref: "A", Alt: "T"},
		{Chrom: "1", Pos: 2, ID: "a", Ref: "A", Alt: "G"},
		{Chrom: "1", Pos: 3, ID: "b", Ref: "C", Alt: "T"},
	}
	weight := func(pos int, effect, other string) Weight {
		return Weight{Chrom: "1", Pos: pos, Effect: effect, Other: other, Values: []float64{1}}
	}
	p, a, aTurned, b, bTurned := weight(1, "T", "A"), weight(2, "G", "A"), weight(2, "C", "T"), weight(3, "T", "C"), weight(3, "A", "G")
	for _, test := range []struct {
		weights []Weight
		alt     []float64
		want    Report
	}{
		{[]Weight{p, a, b}, []float64{1, 1, 1}, Report{Matched: 3, Strand: 1}},
		{[]Weight{p, aTurned, bTurned}, []float64{-1, 1, 1}, Report{Matched: 3, Flipped: 3, Strand: 1}},
		{[]Weight{aTurned, b, p}, []float64{0, 1, 1}, Report{Matched: 2, Flipped: 1, Doubtful: 1}},
		{[]Weight{p}, []float64{1, 0, 0}, Report{Matched: 1, Strand: 1}},
		{[]Weight{p, aTurned}, []float64{-1, 1, 0}, Report{Matched: 2, Flipped: 2, Strand: 1}},
	} {
		model, reports, err := Match([]*File{{Path: "w", Names: []string{"S"}, Weights: test.weights}}, variants, MeanImputation{Off: true})
		if err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(model.Alt[0], test.alt) || reports[0] != test.want {
			t.Errorf("%v: %v, %+v", test.weights, model.Alt[0], reports[0])
		}
	}
}

func TestMatchFrequencies(t *testing.T) {
	frequencies := Frequencies{{"rs1", "G", "A"}: 0.75} // that of A; G is ALT in the list
	file := func(effect string, f float64) []*File {
		return []*File{{Path: "w", Names: []string{"S"}, Weights: []Weight{{Chrom: "1", Pos: 1000, ID: "rs1", Effect: effect, Frequency: f, Values: []float64{8}}}}}
	}
	nan := math.NaN()
	for _, test := range []struct {
		name       string
		files      []*File
		imputation MeanImputation
		want       float64
	}{
		{"table, ALT", file("G", 0.5), MeanImputation{Frequencies: frequencies}, 8 * (2*0.25 - 1)},
		{"table, REF", file("A", 0.5), MeanImputation{Frequencies: frequencies}, 8 * (2*0.75 - 1)},
		{"file", file("A", 0.125), MeanImputation{}, 8 * (2*0.125 - 1)},
		{"unknown", file("A", nan), MeanImputation{}, nan},
		{"off", file("A", nan), MeanImputation{Off: true, Frequencies: frequencies}, -8},
	} {
		model, _, err := Match(test.files, listed, test.imputation)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]float64{test.want, 0, 0, 0, 0}, model.Missing[0], cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestMatchRefuses(t *testing.T) {
	weight := func(line int, effect, other string) Weight {
		return Weight{Line: line, Chrom: "1", Pos: 1000, Effect: effect, Other: other, Values: []float64{1}}
	}
	named := func(id string) Weight { return Weight{Line: 1, ID: id, Effect: "A", Values: []float64{1}} }
	elsewhere := Weight{Line: 1, Chrom: "7", Pos: 1, Effect: "A", Values: []float64{1}}
	for _, test := range []struct {
		files []*File
		want  string
	}{
		{[]*File{{Path: "w", Names: []string{"S"}, Weights: []Weight{weight(3, "A", "G"), weight(5, "G", "A")}}},
			"w, line 5: the variant 1:1000 A G has a weight in line 3 already; remove one"},
		{[]*File{{Path: "w", Names: []string{"S"}, Weights: []Weight{elsewhere, weight(2, "G", "C")}}},
			"w: no weight fits a variant of the list (1 of 2 are for other variants, 1 have different alleles); is it the same genome build?"},
		{[]*File{{Path: "w", Names: []string{"S"}, Weights: []Weight{named("1:1000"), named("rs9")}}},
			"w: no weight fits a variant of the list (2 of 2 are for other variants, 0 have different alleles); the file has no positions, so variants are found by ID; does it spell IDs as the list does? For example, the file has \"1:1000\", and the list \"rs1\""},
		{[]*File{{Path: "w", Names: []string{"S"}, Weights: []Weight{weight(1, "A", "")}}, {Path: "x", Names: []string{"S"}, Weights: []Weight{weight(1, "A", "")}}},
			"two scores are called S; rename one in its file"},
	} {
		if _, _, err := Match(test.files, listed, MeanImputation{}); err == nil || err.Error() != test.want {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

// calls is a source of random genotypes.
type calls struct {
	samples  []string
	variants []genomics.Variant
	rows     []genomics.Row
	at       int
}

func randomCalls(r *rand.Rand, samples int, variants []genomics.Variant) *calls {
	c := &calls{samples: make([]string, samples), variants: variants}
	for range variants {
		row := make(genomics.Row, genomics.RowLen(samples))
		for i := range samples {
			row.Set(i, genomics.Genotype(r.IntN(4)))
		}
		c.rows = append(c.rows, row)
	}
	return c
}

func (c *calls) Samples() []string       { return c.samples }
func (c *calls) Skipped() map[string]int { return nil }
func (c *calls) Close() error            { return nil }

func (c *calls) Next(v *genomics.Variant, row genomics.Row) error {
	if c.at == len(c.variants) {
		return io.EOF
	}
	*v = c.variants[c.at]
	copy(row, c.rows[c.at])
	c.at++
	return nil
}

// TestFixedCountsEffectAlleles has weights and frequencies that are exact in binary,
// and counts effect alleles directly.
func TestFixedCountsEffectAlleles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var variants []genomics.Variant
		var weights []Weight
		for j := range 40 {
			v := genomics.Variant{Chrom: "1", Pos: 100 + j, ID: fmt.Sprint("v", j), Ref: "A", Alt: "C"}
			variants = append(variants, v)
			if j%3 > 0 {
				effect := []string{"A", "C"}[r.IntN(2)]
				weights = append(weights, Weight{Chrom: "1", Pos: v.Pos, Effect: effect, Frequency: float64(r.IntN(5)) / 4, Values: []float64{float64(r.IntN(4001)-2000) / 64}})
			}
		}
		intercept := float64(r.IntN(100)-50) / 8
		model, _, err := Match([]*File{{Path: "w", Names: []string{"S"}, Weights: weights}}, variants, MeanImputation{})
		if err != nil {
			t.Fatal(err)
		}
		fixed, err := model.Fix(0, intercept, Limits{Answer: 1 << 46, Norm: 1 << 33, Steps: 1}, func(int) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		src := randomCalls(r, 13, variants)
		answers, err := fixed.Answers(src)
		if err != nil {
			t.Fatal(err)
		}
		for i := range answers {
			want := intercept
			for _, w := range weights {
				g := src.rows[w.Pos-100].At(i)
				copies := float64(g)
				switch {
				case g == genomics.Missing:
					copies = 2 * w.Frequency
				case w.Effect == "A":
					copies = 2 - copies
				}
				want += w.Values[0] * copies
			}
			if got := fixed.Value(answers[i]); got != want {
				t.Fatalf("sample %d: %v, want %v", i, got, want)
			}
		}
	}
}

// checkLimits demands that no genotypes can break the limits.
func checkLimits(t *testing.T, f *Fixed, limits Limits) {
	t.Helper()
	largest, square := math.Abs(float64(f.Constant)), 0.0
	for j := range f.Alt {
		a, m := math.Abs(float64(f.Alt[j])), math.Abs(float64(f.Missing[j]))
		largest += a*float64(limits.Steps) + m
		square += a*a + m*m
		if a >= largestWeight || m >= largestWeight {
			t.Fatalf("weights %d and %d", f.Alt[j], f.Missing[j])
		}
	}
	if largest > float64(limits.Answer) || math.Sqrt(square) > float64(limits.Norm) {
		t.Fatalf("answers up to %v, norm %v, limits %+v", largest, math.Sqrt(square), limits)
	}
}

// TestFixIsFinest asks for the largest exponent within the limits, for weights of all
// sizes.
func TestFixIsFinest(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	all := func(int) bool { return true }
	for _, limits := range []Limits{{1 << 46, 1 << 33, 1}, {1 << 20, 1 << 33, 1}, {1 << 46, 100, 1}, {1 << 50, 1 << 33, 1000}, {1 << 30, 1 << 33, 1000}} {
		for _, size := range []float64{1, 1e-12, 1e12, 1e-290, 1e290} {
			m := &Model{Names: []string{"S"}, Alt: [][]float64{make([]float64, 100)}, Missing: [][]float64{make([]float64, 100)}, Constant: []float64{size}}
			for j := range 100 {
				m.Alt[0][j], m.Missing[0][j] = size*r.NormFloat64(), size*r.NormFloat64()
			}
			fixed, err := m.Fix(0, 0, limits, all)
			if size > 1e200 || size < 1e-200 {
				// Squares leave the range of floats: refused, or rounded within the limits.
				if err == nil {
					checkLimits(t, fixed, limits)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			checkLimits(t, fixed, limits)
			finer := &Fixed{Exponent: fixed.Exponent + 1, Steps: limits.Steps}
			scaled := make([]float64, 100)
			for j := range scaled {
				scaled[j] = m.Missing[0][j] * float64(limits.Steps)
			}
			if finer.round(m.Alt[0], scaled, size, limits) {
				t.Errorf("%+v, size %v: 2^-%d would do, too", limits, size, finer.Exponent)
			}
		}
	}
}

func TestFixRefuses(t *testing.T) {
	m := &Model{Names: []string{"S"}, Alt: [][]float64{{1, 1}}, Missing: [][]float64{{math.NaN(), 0}}, Constant: []float64{0}}
	limits := Limits{1 << 46, 1 << 33, 1}
	if _, err := m.Fix(0, 0, limits, func(int) bool { return true }); err == nil ||
		err.Error() != "S: no allele frequency for 1 weights of variants that may have missing calls; give --read-freq, or --no-mean-imputation to count no effect allele" {
		t.Error(err)
	}
	if _, err := m.Fix(0, 0, limits, func(j int) bool { return j > 0 }); err != nil {
		t.Errorf("no call of the variant is missing: %v", err)
	}
	m.Alt[0][1] = 1e300
	if _, err := m.Fix(0, 0, limits, func(int) bool { return false }); err == nil || !strings.HasPrefix(err.Error(), "S: the weights are too large") {
		t.Error(err)
	}
}

func TestDosageAnswersEqualCalls(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	src := randomCalls(r, 9, listed)
	f := &Fixed{Exponent: 3, Steps: 1, Constant: 77}
	d := &Fixed{Exponent: 3, Steps: 1000, Constant: 77000}
	for range listed {
		w, u := r.Int64N(1000)-500, r.Int64N(1000)-500
		f.Alt, f.Missing = append(f.Alt, w), append(f.Missing, u)
		d.Alt, d.Missing = append(d.Alt, w), append(d.Missing, 1000*u)
	}
	calls, err := f.Answers(src)
	if err != nil {
		t.Fatal(err)
	}
	src.at = 0
	dosages, err := d.DosageAnswers(asDosages{src})
	if err != nil {
		t.Fatal(err)
	}
	for i := range calls {
		if dosages[i] != 1000*calls[i] || d.Value(dosages[i]) != f.Value(calls[i]) {
			t.Errorf("sample %d: %d and %d", i, calls[i], dosages[i])
		}
	}
}

// asDosages gives calls as dosages.
type asDosages struct{ *calls }

func (s asDosages) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	codes := make(genomics.Row, genomics.RowLen(len(row)))
	err := s.Next(v, codes)
	for i := range row {
		if row[i] = 1000 * uint16(codes.At(i)); codes.At(i) == genomics.Missing {
			row[i] = genomics.MissingDosage
		}
	}
	return err
}

package score

import (
	"fmt"
	"math"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
)

// A Report counts what became of a file's weights.
type Report struct {
	Matched int // among them:
	Flipped int // on the other strand, and turned
	Strand  int // of A/T and C/G variants, whose strand the alleles do not tell

	Doubtful     int // of A/T and C/G variants, left out: others of the file are on either strand
	OtherAlleles int // the variant has other alleles
	Undecided    int // several variants fit equally well
	Missing      int // no such variant in the list
	OnY          int // left out: who has no Y would get the mean of those who do
}

// A Model is scores on a list of variants, one weight a variant. Slices are indexed
// [score][variant].
type Model struct {
	Names    []string
	Matched  []int       // weights in each score
	Alt      [][]float64 // weight of v: ±β
	Missing  [][]float64 // weight of m: β·(2f − 1), NaN where the frequency is not known
	Constant []float64   // Σ β
}

// MeanImputation says what a missing call counts.
type MeanImputation struct {
	Off         bool        // no effect allele, instead of twice its frequency
	Frequencies Frequencies // before those of scoring files; may be nil
}

// Match finds the variants of the weights of all files. A weight that has a position
// belongs to the variant there that has its alleles, whichever of them is REF: as they
// stand, or else both complemented. A/T and C/G variants, which are their own
// complements, are read as the file's other weights are: as they stand, or complemented
// if all others are. If some are and some are not, they are left out. A weight without an other allele needs only the
// effect allele to fit, and ALT goes before REF. Weights without a position are found by
// ID. Chromosomes match with or without "chr", and with numbers for X, Y and MT.
//
// No match at all, two weights of a score for one variant, and a name that two scores
// share are errors.
func Match(files []*File, variants []genomics.Variant, imputation MeanImputation) (*Model, []Report, error) {
	index := newIndex(variants)
	m := &Model{}
	var reports []Report
	for _, f := range files {
		report, err := m.add(f, index, imputation)
		if err != nil {
			return nil, nil, err
		}
		reports = append(reports, report)
	}
	seen := map[string]bool{}
	for _, name := range m.Names {
		if seen[name] {
			return nil, nil, fmt.Errorf("two scores are called %s; rename one in its file", name)
		}
		seen[name] = true
	}
	return m, reports, nil
}

// add adds the scores of a file.
func (m *Model) add(f *File, index *variantIndex, imputation MeanImputation) (Report, error) {
	var report Report
	first := len(m.Names)
	for _, name := range f.Names {
		m.Names, m.Matched, m.Constant = append(m.Names, name), append(m.Matched, 0), append(m.Constant, 0)
		m.Alt, m.Missing = append(m.Alt, make([]float64, len(index.variants))), append(m.Missing, make([]float64, len(index.variants)))
	}
	hits := make([]hit, len(f.Weights))
	for i := range f.Weights {
		hits[i] = index.find(&f.Weights[i], &report)
	}
	report.settle(hits)
	lineOf := map[int]int{}
	for i, hit := range hits {
		w := &f.Weights[i]
		if hit.variant < 0 {
			continue
		}
		if line, ok := lineOf[hit.variant]; ok {
			v := index.variants[hit.variant]
			return report, fmt.Errorf("%s, line %d: the variant %s:%d %s %s has a weight in line %d already; remove one", f.Path, w.Line, v.Chrom, v.Pos, v.Ref, v.Alt, line)
		}
		lineOf[hit.variant] = w.Line
		ploidy := genomics.PloidyOf(index.variants[hit.variant].Chrom)
		if ploidy == genomics.YLinked {
			report.Matched--
			report.OnY++
			continue
		}
		f := imputation.frequency(w, &index.variants[hit.variant], hit.effectIsAlt)
		for k, beta := range w.Values {
			s := first + k
			if ploidy == genomics.Mitochondrial {
				beta /= 2 // the call of one copy is coded as two
			}
			m.Alt[s][hit.variant] = beta
			if !hit.effectIsAlt {
				m.Alt[s][hit.variant] = -beta
			}
			if beta != 0 {
				m.Missing[s][hit.variant] = beta * (2*f - 1)
			}
			m.Constant[s] += beta
			m.Matched[s]++
		}
	}
	if report.Matched == 0 {
		hint := "is it the same genome build?"
		if f.ByID() {
			hint = "the file has no positions, so variants are found by ID; does it spell IDs as the list does?"
			if unlike := f.UnlikeIDs(index.variants); unlike != "" {
				hint += " For example, " + unlike
			}
		}
		return report, fmt.Errorf("%s: no weight fits a variant of the list (%d of %d are for other variants, %d have different alleles); %s",
			f.Path, report.Missing, len(f.Weights), report.OtherAlleles, hint)
	}
	return report, nil
}

// frequency is that of the effect allele.
func (m *MeanImputation) frequency(w *Weight, v *genomics.Variant, effectIsAlt bool) float64 {
	if m.Off {
		return 0
	}
	if f := m.Frequencies.of(v); !math.IsNaN(f) {
		if effectIsAlt {
			return f
		}
		return 1 - f
	}
	return w.Frequency
}

// A variantIndex finds variants by position or ID.
type variantIndex struct {
	variants   []genomics.Variant
	byPosition map[position][]int
	byID       map[string][]int
}

type position struct {
	chrom chrom.Key
	pos   int
}

func newIndex(variants []genomics.Variant) *variantIndex {
	x := &variantIndex{variants: variants, byPosition: map[position][]int{}, byID: map[string][]int{}}
	for i, v := range variants {
		p := position{chrom.Parse(v.Chrom).Whole(), v.Pos}
		x.byPosition[p] = append(x.byPosition[p], i)
		if v.ID != "." {
			x.byID[v.ID] = append(x.byID[v.ID], i)
		}
	}
	return x
}

// A hit is a weight's variant, or −1.
type hit struct {
	variant     int
	effectIsAlt bool
	palindrome  bool // A/T or C/G: on the other strand, the effect allele is the other
}

// settle decides on which strand the palindromes are.
func (r *Report) settle(hits []hit) {
	direct := r.Matched - r.Strand - r.Flipped
	for i := range hits {
		switch h := &hits[i]; {
		case h.variant < 0 || !h.palindrome || r.Flipped == 0:
		case direct == 0:
			h.effectIsAlt = !h.effectIsAlt
		default:
			h.variant = -1
			r.Doubtful++
		}
	}
	r.Matched -= r.Doubtful
	if r.Strand -= r.Doubtful; direct == 0 && r.Flipped > 0 {
		r.Flipped += r.Strand
	}
}

// find finds a weight's variant and counts what it found.
func (x *variantIndex) find(w *Weight, report *Report) hit {
	none := hit{variant: -1}
	var candidates []int
	switch {
	case w.Pos > 0:
		candidates = x.byPosition[position{chrom.Parse(w.Chrom).Whole(), w.Pos}]
	case w.ID != "":
		candidates = x.byID[w.ID]
	}
	if len(candidates) == 0 {
		report.Missing++
		return none
	}
	direct := x.fitting(candidates, w.Effect, w.Other)
	found, flipped := direct, false
	if len(direct) == 0 {
		found, flipped = x.fitting(candidates, complement(w.Effect), complement(w.Other)), true
	}
	switch {
	case len(found) == 0:
		report.OtherAlleles++
		return none
	case len(found) > 1:
		report.Undecided++
		return none
	}
	report.Matched++
	v := &x.variants[found[0].variant]
	if found[0].palindrome = strings.EqualFold(complement(v.Ref), v.Alt); found[0].palindrome {
		report.Strand++
	} else if flipped {
		report.Flipped++
	}
	return found[0]
}

// fitting lists the candidates that have these alleles. Without an other allele,
// those that have the effect allele as REF count only if none has it as ALT: at a site
// of several ALT alleles, split into several variants, REF is the same for all.
func (x *variantIndex) fitting(candidates []int, effect, other string) (found []hit) {
	var asRef []hit
	for _, i := range candidates {
		ref, alt := x.variants[i].Ref, x.variants[i].Alt
		switch {
		case strings.EqualFold(alt, effect) && (other == "" || strings.EqualFold(ref, other)):
			found = append(found, hit{variant: i, effectIsAlt: true})
		case strings.EqualFold(ref, effect) && (other == "" || strings.EqualFold(alt, other)):
			asRef = append(asRef, hit{variant: i})
		}
	}
	if len(found) == 0 {
		return asRef
	}
	return found
}

var complements = strings.NewReplacer("A", "T", "T", "A", "C", "G", "G", "C")

// complement is the allele as the other strand has it.
func complement(allele string) string {
	bases := []byte(complements.Replace(strings.ToUpper(allele)))
	for i, j := 0, len(bases)-1; i < j; i, j = i+1, j-1 {
		bases[i], bases[j] = bases[j], bases[i]
	}
	return string(bases)
}

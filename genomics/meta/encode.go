package meta

import (
	"fmt"
	"math"

	"genoveil/genomics/pvalue"
)

// Encode writes a site's integers of a variant, modulo 2^64, into words, one for each of
// Words. What the site does not have gives zeros. Lambda is the site's genomic control, 1
// for none. Af is the frequency in the list. The error does not name the variant; see
// Harmonised.Encode.
func (s *Study) Encode(words []uint64, e *Estimate, af, lambda float64) error {
	return s.encode(words, s.Words(), e, af, lambda)
}

// encode fills the words of the first columns, and clears the others.
func (s *Study) encode(words []uint64, columns []Word, e *Estimate, af, lambda float64) error {
	clear(words)
	if !e.Present {
		return nil
	}
	v, err := s.values(e, lambda)
	if err != nil {
		return err
	}
	scale := s.scale(af)
	limit := float64(math.MaxInt64 / int64(s.Contributors))
	for i, w := range columns {
		x := math.RoundToEven(math.Ldexp(v[w], scale.exponent(w)))
		if !(math.Abs(x) < limit) {
			return fmt.Errorf("%v is %g, out of the range that %d contributors have room for", w, v[w], s.Contributors)
		}
		words[i] = uint64(int64(x))
	}
	return nil
}

// values are what a site's words stand for.
func (s *Study) values(e *Estimate, lambda float64) (v [len(wordNames)]float64, err error) {
	n, cases := float64(e.N), float64(e.Cases)
	switch {
	case !(lambda >= 1) || math.IsInf(lambda, 0):
		return v, fmt.Errorf("genomic control of %g; it is 1 or more", lambda)
	case e.N < 1:
		return v, fmt.Errorf("no number of samples")
	case e.Cases < 0 || e.Cases > e.N:
		return v, fmt.Errorf("%d cases of %d samples", e.Cases, e.N)
	case !s.Core && !(e.AF >= 0 && e.AF <= 1):
		return v, fmt.Errorf("no allele frequency; the core sums do without")
	}
	var w, z float64
	if s.Scheme == SampleSize {
		if w = n; !(e.LogP >= 0) {
			return v, fmt.Errorf("no P")
		}
		z = math.Copysign(pvalue.Z(e.LogP), e.Beta) / math.Sqrt(lambda)
	} else {
		if !(e.SE > 0) {
			return v, fmt.Errorf("no standard error")
		}
		w = 1 / (e.SE * e.SE)
		if !(w <= n*s.information()) {
			return v, fmt.Errorf("a standard error of %g is less than %d samples can have; is the trait in the unit of the study?", e.SE, e.N)
		}
		w /= lambda
		z = e.Beta * math.Sqrt(w)
	}
	if !(math.Abs(z) <= maxZ) {
		return v, fmt.Errorf("an effect of %g standard errors", z)
	}
	v[sumSites], v[sumSamples], v[sumCases] = 1, n, cases
	v[sumEffective] = e.effective()
	if info := float64(e.Info); info >= 0 && info <= maxInfo {
		v[sumInfo], v[sumInfoSites] = info, 1
	}
	v[sumW], v[sumW2] = w, w*w
	v[sumWBeta], v[sumWBeta2] = z*math.Sqrt(w), z*z
	if !s.Core {
		v[sumAlleles] = e.alleles()
		v[sumWFreq], v[sumWFreq2] = w*e.AF, w*e.AF*e.AF
	}
	return v, nil
}

// Encode writes the words of the variants from one number to another of the list, without
// it, one variant after the other. The error names the variant.
func (h *Harmonised) Encode(words []uint64, s *Study, l *List, from, to int, lambda float64) error {
	columns := s.Words()
	width := len(columns)
	for i := from; i < to; i++ {
		if err := h.encode(words[(i-from)*width:][:width], s, columns, l, i, lambda); err != nil {
			return err
		}
	}
	return nil
}

// EncodeAt writes the words of variants by their numbers in the list, in the order in which
// they are given. Where squares is false for a variant, the words that WithoutSquares does
// without are zero, and its total is one for DecodeWithoutSquares; nil is true for all.
func (h *Harmonised) EncodeAt(words []uint64, s *Study, l *List, variants []int32, squares []bool, lambda float64) error {
	all := s.Words()
	width, without := len(all), len(s.WithoutSquares().Words())
	for k, i := range variants {
		columns := all
		if squares != nil && !squares[k] {
			columns = all[:without]
		}
		if err := h.encode(words[k*width:][:width], s, columns, l, int(i), lambda); err != nil {
			return err
		}
	}
	return nil
}

func (h *Harmonised) encode(words []uint64, s *Study, columns []Word, l *List, i int, lambda float64) error {
	err := s.encode(words, columns, &h.Estimates[i], l.af[i], lambda)
	if err != nil {
		v := l.Variant(i)
		return fmt.Errorf("variant %s (%s:%d %s>%s on %v): %w", v.ID, v.Chrom, v.Pos38, v.Ref, v.Alt, GRCh38, err)
	}
	return nil
}

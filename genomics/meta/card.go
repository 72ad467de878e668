package meta

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"genoveil/genomics/chrom"
	"genoveil/genomics/pvalue"
)

// frequencyBins are the upper limits of the minor allele frequency in Card's bins.
var frequencyBins = [...]float64{0.01, 0.05, 0.5}

// infoQuantiles are those of Card.
var infoQuantiles = [...]float64{0.05, 0.25, 0.5, 0.75, 0.95}

// afStep is the width of a bin of Card's histogram.
const afStep = 0.05

// A Card has what a site declares of its table, as far as the table tells it. Its numbers
// are NaN where the table does not have what they need. Numbers of samples are those of
// the variants of the list.
type Card struct {
	Source

	N, Cases int // the largest, 0 where the table has none
	MedianN  int

	// PZ is the regression through the origin of |z| as P has it on |β/SE|. It is 1 where
	// the standard error fits P.
	PZ float64

	// SEN is the median of SE·√(2f(1−f)·N) over autosomal variants: the residuals' standard
	// deviation of a quantitative trait, and 1/√(p(1−p)) of a share p of cases. SENExpected
	// is the latter, from the table's numbers of cases; NaN for a quantitative trait.
	SEN, SENExpected float64

	// XRatio is the same median on X, divided by SEN. With males and females alike it is
	// 1.15 where males are coded 0/1, and 0.82 where they are coded 0/2.
	XRatio float64

	Lambda [len(frequencyBins)]float64 // median χ², by minor allele frequency
	Info   [len(infoQuantiles)]float64

	AFCorrelation float64                  // of the frequencies with the list's
	AFDifference  [int(1 / afStep)]float64 // share of variants by |f − AF|, in steps of 0.05
}

// Card makes the card of a table.
func (h *Harmonised) Card(l *List) Card {
	c := Card{Source: h.Source}
	c.Skipped = maps.Clone(h.Skipped)
	var zz, zp float64
	var samples, autosomal, onX, shares, infos []float64
	var lambda [len(frequencyBins)][]float64
	var r correlation
	for i := range h.Estimates {
		e := &h.Estimates[i]
		if !e.Present {
			continue
		}
		if e.N > 0 {
			samples = append(samples, float64(e.N))
		}
		c.N, c.Cases = max(c.N, int(e.N)), max(c.Cases, int(e.Cases))
		z := math.Abs(e.Beta / e.SE)
		// Far out, P of t or of a likelihood ratio is not that of a normal z.
		if z < 5 && e.LogP < 10 {
			zz, zp = zz+z*z, zp+z*pvalue.Z(e.LogP)
		}
		if e.Info >= 0 {
			infos = append(infos, float64(e.Info))
		}
		if e.N > 0 && e.Cases > 0 && e.Cases < e.N {
			p := float64(e.Cases) / float64(e.N)
			shares = append(shares, 1/math.Sqrt(p*(1-p)))
		}
		if !(e.AF >= 0) {
			continue
		}
		maf := min(e.AF, 1-e.AF)
		if x := e.SE * math.Sqrt(2*e.AF*(1-e.AF)*float64(e.N)); x > 0 && maf >= frequencyBins[0] {
			switch l.chroms[l.chrom[i]] {
			case chrom.X:
				onX = append(onX, x)
			case chrom.Y, chrom.MT:
			default:
				autosomal = append(autosomal, x)
			}
		}
		if z == z {
			for b, limit := range frequencyBins {
				if maf < limit || b == len(frequencyBins)-1 {
					lambda[b] = append(lambda[b], z*z)
					break
				}
			}
		}
		if af := l.af[i]; af == af {
			r.add(e.AF, af)
			c.AFDifference[min(int(math.Abs(e.AF-af)/afStep), len(c.AFDifference)-1)]++
		}
	}
	if len(samples) > 0 {
		c.MedianN = int(quantile(samples, 0.5))
	}
	c.PZ = zp / zz
	c.SEN, c.SENExpected = quantile(autosomal, 0.5), quantile(shares, 0.5)
	c.XRatio = quantile(onX, 0.5) / c.SEN
	for b := range lambda {
		if c.Lambda[b] = math.NaN(); len(lambda[b]) > 0 {
			c.Lambda[b] = inflation(lambda[b])
		}
	}
	for i, q := range infoQuantiles {
		c.Info[i] = quantile(infos, q)
	}
	c.AFCorrelation = r.value()
	for i := range c.AFDifference {
		c.AFDifference[i] /= r.n
	}
	return c
}

// Limits of what Problems lets pass.
const (
	pzMargin       = 0.1
	senFactor      = 1.5
	xRatioMargin   = 0.05
	leastAFFitting = 0.8
)

// Problems says what the card shows to be wrong with a site's table in a study by standard
// errors: a standard error that P does not fit, effects in another unit or on another
// scale, males coded 0/1 on X, frequencies that are not those of the list, positions on the
// other build.
func (h *Harmonised) Problems(c *Card, s *Study) []string {
	var problems []string
	if other := h.Skipped[otherBuild]; other > h.Found {
		problems = append(problems, fmt.Sprintf("%d rows fit the list on the other build, and %d on this: positions on another build?", other, h.Found))
	}
	if math.Abs(c.PZ-1) > pzMargin {
		problems = append(problems, fmt.Sprintf("the standard errors do not fit P (slope %.2f): take them from P, or run REGENIE with --firth-se", c.PZ))
	}
	expected := s.ResidualSD
	if expected == 0 {
		expected = c.SENExpected
	}
	switch ratio := c.SEN / expected; {
	case ratio >= 1/senFactor && ratio <= senFactor || math.IsNaN(ratio):
	// On the linear scale of 0/1 the residuals' deviation is √(p(1−p)).
	case s.ResidualSD == 0 && math.Abs(math.Log(c.SEN*expected)) < math.Log(senFactor):
		problems = append(problems, "the standard errors are those of a linear model of 0 and 1: use a logistic model")
	default:
		problems = append(problems, fmt.Sprintf("the standard errors are %.3g times what N and the trait give: trait in another unit, or wrong numbers of samples?", ratio))
	}
	if c.XRatio > 1+xRatioMargin {
		problems = append(problems, fmt.Sprintf("the standard errors on X are %.2f times those on autosomes: males coded 0/1? Code them 0/2", c.XRatio))
	}
	if c.AFCorrelation < leastAFFitting {
		problems = append(problems, fmt.Sprintf("the allele frequencies correlate with the list's by %.2f: another ancestry, or the wrong allele taken for the effect allele?", c.AFCorrelation))
	}
	return problems
}

// correlation adds up pairs.
type correlation struct{ n, x, y, xx, yy, xy float64 }

func (c *correlation) add(x, y float64) {
	c.n, c.x, c.y = c.n+1, c.x+x, c.y+y
	c.xx, c.yy, c.xy = c.xx+x*x, c.yy+y*y, c.xy+x*y
}

func (c *correlation) value() float64 {
	return (c.xy - c.x*c.y/c.n) / math.Sqrt((c.xx-c.x*c.x/c.n)*(c.yy-c.y*c.y/c.n))
}

// quantile is the value at a share of the sorted ones, NaN of none.
func quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	return values[min(int(share*float64(len(values))), len(values)-1)]
}

package meta

import (
	"fmt"
	"math"
)

// A Slope is a coefficient with its standard error.
type Slope struct {
	Value, SE float64
	Variants  int // behind it
}

// EffectSlope is the regression through the origin of a site's effects on those of the
// other sites, the total less its own, at variants of known effect; weights are those of
// the site. It is near 1 where the sites agree, less by what noise is in the others'
// effects, and below 0 where cases and controls are swapped, which leaves genomic control
// and standard errors as they are. Pairs of which one side is not there do not count.
func EffectSlope(own, others []Estimate) Slope {
	var s Slope
	var xy, xx float64
	for i := range own {
		if a, b := &own[i], &others[i]; a.Present && b.Present {
			w := 1 / (a.SE * a.SE)
			xy, xx = xy+w*a.Beta*b.Beta, xx+w*b.Beta*b.Beta
			s.Variants++
		}
	}
	s.Value, s.SE = xy/xx, 1/math.Sqrt(xx)
	return s
}

// NullCorrelation is the correlation of a site's z = β/SE with that of the other sites at
// variants without an effect. Samples that are at both make it positive: n of them among N
// and M give n/√(N·M). Its standard error is that of independent sites.
func NullCorrelation(own, others []Estimate) Slope {
	var c correlation
	for i := range own {
		if a, b := &own[i], &others[i]; a.Present && b.Present {
			c.add(a.Beta/a.SE, b.Beta/b.SE)
		}
	}
	return Slope{Value: c.value(), SE: 1 / math.Sqrt(c.n), Variants: int(c.n)}
}

// Others makes an estimate of a result, such as that of the total less a site's own. It is
// not present where the total has no samples. With SampleSize the effect is z/√N.
func (s *Study) Others(t *Total) Estimate {
	if !(t.W > 0) {
		return Estimate{}
	}
	return Estimate{Beta: t.WBeta / t.W, SE: 1 / math.Sqrt(t.W), AF: t.WFreq / t.W, N: int32(t.Samples), Cases: int32(t.Cases), Present: true}
}

// CalibrationProblems says what is wrong with a site, from the slope at control variants
// and the correlation at null ones: a slope more than two standard errors below 0, or more
// than three from 1 and outside 1/3 to 3; a correlation more than four standard errors and
// 0.05 above 0.
func CalibrationProblems(slope, null Slope) []string {
	var problems []string
	at := fmt.Sprintf("effect slope %.2f (SE %.2f) on the other sites at %d control variants", slope.Value, slope.SE, slope.Variants)
	switch {
	case slope.Value < -2*slope.SE:
		problems = append(problems, at+": trait coded the other way round?")
	case math.Abs(slope.Value-1) > 3*slope.SE && (slope.Value > 3 || slope.Value < 1.0/3):
		problems = append(problems, at+": trait in another unit, or another trait?")
	}
	if null.Value > 0.05 && null.Value > 4*null.SE {
		problems = append(problems, fmt.Sprintf("z correlate with those of the other sites (%.3f, SE %.3f) at %d null variants: samples that are at both?", null.Value, null.SE, null.Variants))
	}
	return problems
}

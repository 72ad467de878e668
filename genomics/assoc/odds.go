package assoc

import "math"

// OddsRatio is the odds ratio of ALT, cases against controls.
type OddsRatio struct {
	caseAlt, caseRef, controlAlt, controlRef int
}

// OddsRatio returns the odds ratio of the table's alleles.
func (t AlleleTable) OddsRatio() OddsRatio {
	return OddsRatio{t.Cases.Alt, t.Cases.Ref, t.Controls.Alt, t.Controls.Ref}
}

// Defined says whether the odds ratio is a number: cases carry REF and controls
// carry ALT. It may be 0.
func (o OddsRatio) Defined() bool { return o.caseRef > 0 && o.controlAlt > 0 }

// exact is the odds ratio as a fraction. It must be Defined.
func (o OddsRatio) exact() ratio {
	return fraction(uint64(o.caseAlt)*uint64(o.controlRef), uint64(o.controlAlt)*uint64(o.caseRef))
}

// Value is the odds ratio, NaN where it is not defined.
func (o OddsRatio) Value() float64 {
	if !o.Defined() {
		return math.NaN()
	}
	return o.exact().float()
}

// StandardError is that of the odds ratio's natural logarithm: NaN where the
// odds ratio is not defined, +Inf where it is 0.
// Source: Woolf, Annals of Human Genetics 19 (1955), 251.
func (o OddsRatio) StandardError() float64 {
	if !o.Defined() {
		return math.NaN()
	}
	return math.Sqrt(1/float64(o.caseAlt) + 1/float64(o.caseRef) + 1/float64(o.controlAlt) + 1/float64(o.controlRef))
}

// Interval is Woolf's confidence interval at the given level, such as 0.95: NaN
// where the odds ratio is not defined, and from 0 to NaN, as PLINK has it, where
// it is 0.
func (o OddsRatio) Interval(level float64) (low, high float64) {
	center := math.Log(o.Value())
	half := upperNormalQuantile((1-level)/2) * o.StandardError()
	return math.Exp(center - half), math.Exp(center + half)
}

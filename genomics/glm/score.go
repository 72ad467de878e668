package glm

import (
	"fmt"
	"math"

	"genoveil/genomics"
	"genoveil/genomics/pvalue"
)

// Sums are what is known of a column x and a variant, over the analysed samples:
// exact integers. Dosages are counted in steps (see Model.Test) and missing calls
// have dosage 0. A hard call with dosage g and homozygous-ALT indicator h has
// g² = g + 2h.
type Sums struct {
	Dosage  int64 // Σ x·g, if the column needs it
	Square  int64 // Σ x·g², if the column needs it
	Missing int64 // Σ x over missing calls
}

// maxInflation is the limit of Inflated for D/V.
const maxInflation = 50

// Test makes the statistics of one variant from sums[i] of m.Columns[i]. Dosages
// were counted in steps of 1/steps: 1 for hard calls, 1000 for thousandths. Of a haploid
// model they were counted twice, as homozygous calls.
//
// With μ the weighted mean dosage of the called samples,
//
//	U = Σ r (g−μ)    D = Σ w (g−μ)²    a_k = Σ w x_k (g−μ)    V = D − Σ a_k²
//
// are the score and its variance given the covariates, the sums over called
// samples and k from 1; β = U/V. Without missing calls this is, but for the
// rounding of the columns, ordinary least squares or the score test.
//
// Missing calls move the null model. Dropping a share f of the weight leaves the
// sums Σ r (x_k − mean x_k) = −ρ_k over called samples instead of 0, and makes the
// basis, centred again, 1−f times orthonormal on average. So V is D − Σ a_k²/(1−f),
// U gains Σ a_k ρ_k/(1−f), and a linear model's Σr² loses the missing samples' r²
// and Σ ρ_k²/(1−f). The intercept's part is exact, through μ. Neglected is how f
// differs between directions of the covariates.
//
// An error says that sums and model do not belong together.
func (m *Model) Test(sums []Sums, steps int) (Result, error) {
	q, err := m.quantities(sums, steps)
	if err != nil {
		return Result{}, err
	}
	r := Result{
		Samples: q.called, Alleles: q.alleles, Cases: q.calledCases, CaseAlleles: q.caseAlleles, Haploid: m.Haploid,
		Beta: math.NaN(), SE: math.NaN(), Z: math.NaN(), LogP: math.NaN(),
	}
	parameters := m.Covariates + 2
	if m.Kind == Linear {
		r.DF = r.Samples - parameters
	}
	v, u, rss := q.adjust(m)
	switch {
	case r.Samples <= parameters:
		r.Error = TooFewSamples
	// Rounding leaves a constant dosage a variance below this.
	case q.d <= 1e-14*q.w:
		r.Error = ConstantAllele
	case m.Kind == Logistic && (r.Cases == 0 || r.Cases == r.Samples):
		r.Error = NoCaseOrControl
	case !(v*maxInflation > q.d):
		r.Error = Inflated
	}
	if r.Error != "" {
		return r, nil
	}
	variance := 1 / v
	if m.Kind == Linear {
		variance = (rss - u*u/v) / float64(r.DF) / v
	}
	if !(variance > 0) || math.IsInf(variance, 1) || math.IsNaN(u) {
		r.Error = Invalid
		return r, nil
	}
	r.Beta, r.SE = u/v, math.Sqrt(variance)
	r.Z = r.Beta / r.SE
	switch {
	case m.Kind == Linear:
		r.LogP = pvalue.LogStudent(r.Z, float64(r.DF))
	case math.Abs(q.k3) >= skewLimit*math.Pow(v, 1.5):
		r.LogP, r.MidP = logPoissonTail(u, v, q.k3), true
	default:
		r.LogP = pvalue.LogNormal(r.Z)
	}
	return r, nil
}

// quantities are sums over the called samples, in real units.
type quantities struct {
	called, calledCases  int
	alleles, caseAlleles float64

	w, d float64 // Σ w and Σ w (g−μ)²
	lost float64 // f, the share of Σ w that is missing
	u    float64 // Σ r (g−μ)
	k3   float64 // Σ w(1−2p) (g−μ)³

	a        []float64 // Σ w x_k (g−μ), from k = 1
	mean     []float64 // Σ w x_k / Σ w
	residual float64   // Σ r over missing calls
	rho      []float64 // Σ r x_k over missing calls, NaN if not known
	squares  float64   // Σ r² over missing calls, NaN if not known
}

// moments are a column's sums over the called samples, times 1, g and g².
type moments struct{ zero, one, two float64 }

func (a moments) plus(b moments) moments {
	return moments{a.zero + b.zero, a.one + b.one, a.two + b.two}
}

func (c *Column) moments(s Sums, unit float64) moments {
	return moments{
		zero: c.Scale * float64(c.Sum-s.Missing),
		one:  c.Scale * float64(s.Dosage) / unit,
		two:  c.Scale * float64(s.Square) / (unit * unit),
	}
}

// ErrContradiction reports sums that no genotypes can have.
const ErrContradiction = genomics.Contradiction("the sums contradict the model; check that key, sums and model belong together")

// quantities reads the sums. The mean that everything is centred by comes from
// the weight column as it was rounded, so that the rounding of the weights
// cancels where REF is the rarer allele and g nearly constant.
func (m *Model) quantities(sums []Sums, steps int) (*quantities, error) {
	copies := float64(m.copies())
	unit := float64(steps) * 2 / copies
	if len(sums) != len(m.Columns) {
		return nil, fmt.Errorf("%d sums for %d columns", len(sums), len(m.Columns))
	}
	q := &quantities{
		a: make([]float64, m.Covariates), mean: make([]float64, m.Covariates), rho: make([]float64, m.Covariates),
		squares: math.NaN(),
	}
	for k := range q.rho {
		q.rho[k] = math.NaN()
	}
	for i := range m.Columns {
		c := &m.Columns[i]
		if indexed := c.Role == Basis || c.Role == ResidualBasis; indexed && (c.Index < 1 || c.Index > m.Covariates) {
			return nil, fmt.Errorf("column %s in a model of %d covariates; the model is damaged", c.Name(), m.Covariates)
		}
	}
	var weight moments
	total := 0.0
	for i := range m.Columns {
		c, s := &m.Columns[i], sums[i]
		t := c.moments(s, unit)
		switch c.Role {
		case Analysed:
			q.called, q.alleles = m.Samples-int(s.Missing), t.one
			if q.called < 0 || q.called > m.Samples || t.one < 0 || t.one > copies*float64(q.called) {
				return nil, ErrContradiction
			}
		case Case:
			q.calledCases, q.caseAlleles = m.Cases-int(s.Missing), t.one
		}
		if c.Role == Weight || c.Role == Analysed && m.Kind == Linear {
			weight = weight.plus(t)
			total += c.Scale * float64(c.Sum)
		}
	}
	mu := weight.one / weight.zero
	q.w, q.d, q.lost = weight.zero, weight.two-mu*weight.one, 1-weight.zero/total
	var skew moments
	for i := range m.Columns {
		c, s := &m.Columns[i], sums[i]
		t := c.moments(s, unit)
		switch c.Role {
		case Residual:
			q.u += t.one - mu*t.zero
			q.residual += c.Scale * float64(s.Missing)
		case Skew:
			skew = skew.plus(t)
		case Basis:
			q.a[c.Index-1] += t.one - mu*t.zero
			q.mean[c.Index-1] += t.zero / q.w
		case ResidualBasis:
			q.rho[c.Index-1] = c.Scale * float64(s.Missing)
		case ResidualSquare:
			q.squares = c.Scale * float64(s.Missing)
		}
	}
	q.k3 = skew.thirdCumulant(mu, copies, steps == 1)
	return q, nil
}

// adjust returns V, U and a linear model's Σr² given the covariates.
func (q *quantities) adjust(m *Model) (v, u, rss float64) {
	kept := 1 - q.lost
	v, u = q.d, q.u
	rss = m.RSS - q.squares
	if math.IsNaN(q.squares) {
		rss = m.RSS * kept
	}
	rss -= q.residual * q.residual / q.w
	for k, a := range q.a {
		v -= a * a / kept
		if rho := q.rho[k] - q.mean[k]*q.residual; !math.IsNaN(rho) {
			u += a * rho / kept
			rss -= rho * rho / kept
		}
	}
	return v, u, rss
}

// thirdCumulant is Σ x (g−μ)³, from moments of dosages in real units, up to copies. A
// hard call has g³ = 3g² − 2g. For dosages Σ x g³ is not known; that expression is too small
// where they lie below 1, and so is (Σ x g²)²/Σ x g by the Cauchy–Schwarz
// inequality where the column is positive, which is exact when all carriers have
// the same dosage. The larger of the two is taken.
//
// Both are about carriers of the rarer allele among the many, so dosages are
// first counted in the rarer allele, and the column's sum made positive: then it
// makes no difference which allele is called ALT and which group cases.
func (t moments) thirdCumulant(mu, copies float64, hard bool) float64 {
	switch {
	case !hard && mu > copies/2:
		return -moments{t.zero, copies*t.zero - t.one, copies*(copies*t.zero-2*t.one) + t.two}.thirdCumulant(copies-mu, copies, false)
	case !hard && t.zero < 0:
		return -moments{-t.zero, -t.one, -t.two}.thirdCumulant(mu, copies, false)
	}
	three := 3*t.two - 2*t.one
	if !hard && t.one > 0 && t.two > 0 {
		three = max(three, t.two*t.two/t.one)
	}
	return three - 3*mu*t.two + 3*mu*mu*t.one - mu*mu*mu*t.zero
}

package glm

import (
	"fmt"
	"math"
)

// MaxValue bounds the absolute values of all columns. The parameters of the
// encryption are planned for it.
const MaxValue = 4096

// Role says what the values of a column are, before they are scaled to integers.
type Role string

const (
	Analysed       Role = "analysed"         // 1 for an analysed sample, unscaled; the weight of a linear model
	Case           Role = "case"             // 1 for a case, unscaled
	Weight         Role = "weight"           // w
	Residual       Role = "residual"         // r
	Skew           Role = "skew"             // w(1−2p), the third cumulant of a case indicator
	Basis          Role = "weight-basis"     // w·x_k
	ResidualBasis  Role = "residual-basis"   // r·x_k
	ResidualSquare Role = "residual-squared" // r²
)

// A Column has one integer for every sample of the cohort, at most MaxValue in
// absolute value and 0 for samples that are not analysed.
type Column struct {
	Role  Role `json:"role"`
	Index int  `json:"index,omitempty"` // k of x_k, from 1; else 0

	// Fine marks a column that holds what rounding has lost of the column before
	// it, where that would be too much.
	Fine bool `json:"fine,omitempty"`

	// Dosage and Square say which sums the column needs besides that over missing
	// calls, which all need.
	Dosage bool `json:"dosage,omitempty"`
	Square bool `json:"square,omitempty"`

	Scale float64 `json:"scale"` // what one unit stands for
	Sum   int64   `json:"sum"`   // over all samples

	// Values are not kept with the model. Equal quantities have equal values, to
	// the last bit, so that traits can share columns: those of linear models with
	// the same covariates and the same analysed samples differ only in the
	// residual and what is made from it.
	Values []int32 `json:"-"`
}

// Name is the column's name, unique within a model.
func (c *Column) Name() string {
	name := string(c.Role)
	if c.Index > 0 {
		name = fmt.Sprintf("%s-%d", name, c.Index)
	}
	if c.Fine {
		name += "-fine"
	}
	return name
}

// Model is what the owner keeps of a null model to make statistics from sums.
type Model struct {
	Kind       Kind     `json:"kind"`
	Samples    int      `json:"samples"`
	Cases      int      `json:"cases,omitempty"`
	Covariates int      `json:"covariates"`
	RSS        float64  `json:"rss,omitempty"` // Σr² of a linear model
	Columns    []Column `json:"columns"`

	// Haploid says that samples have one copy: a call counts half of what it is coded as,
	// and effects are those of a copy.
	Haploid bool `json:"haploid,omitempty"`
}

// copies is how many alleles a sample has.
func (m *Model) copies() int {
	if m.Haploid {
		return 1
	}
	return 2
}

// Model makes the null model's columns.
//
// The columns that need neither Dosage nor Square correct for missing calls.
// Without them (Model.Uncorrected) Model.Test counts a missing call as the mean.
func (n *Null) Model() *Model { return n.model(MaxValue) }

// model makes columns with values up to bound.
func (n *Null) model(bound int) *Model {
	m := &Model{Kind: n.Kind, Samples: n.Samples, Cases: n.Cases, Covariates: n.Covariates}
	add := func(c Column, values []float64, scale float64) {
		m.Columns = append(m.Columns, n.round(c, values, scale))
	}
	// quantise adds a column whose largest value becomes the bound, and a fine one
	// if its unit exceeds the limit. A column of zeros is left out.
	quantise := func(c Column, values []float64, limit float64) {
		scale := largest(values) / float64(bound)
		if scale == 0 {
			return
		}
		add(c, values, scale)
		if scale > limit {
			first := &m.Columns[len(m.Columns)-1]
			c.Fine = true
			// What rounding has lost is at most half a unit.
			add(c, n.lost(first, values), scale/2/float64(bound))
		}
	}
	unit := func(values []float64) float64 { return meanSize(values) / minUnits }
	none := math.Inf(1)
	if n.Kind == Linear {
		m.RSS = n.Deviance
		add(Column{Role: Analysed, Dosage: true, Square: true}, n.weight, 1)
	} else {
		add(Column{Role: Analysed, Dosage: true}, n.x.columns[0], 1)
		add(Column{Role: Case, Dosage: true}, n.cases, 1)
		skew := product(n.weight, n.asymmetry())
		quantise(Column{Role: Weight, Dosage: true, Square: true}, n.weight, unit(n.weight))
		quantise(Column{Role: Skew, Dosage: true, Square: true}, skew, unit(skew))
	}
	quantise(Column{Role: Residual, Dosage: true}, n.residual, roundingLimit[n.Kind]*math.Sqrt(12)*n.spread())
	for k := 1; k < len(n.basis); k++ {
		b := product(n.weight, n.basis[k])
		quantise(Column{Role: Basis, Index: k, Dosage: true}, b, unit(b))
	}
	for k := 1; k < len(n.basis); k++ {
		quantise(Column{Role: ResidualBasis, Index: k}, product(n.residual, n.basis[k]), none)
	}
	if n.Kind == Linear {
		quantise(Column{Role: ResidualSquare}, product(n.residual, n.residual), none)
	}
	return m
}

// roundingLimit is the error of Z, root mean square over variants, above which
// the residual takes a fine column. It is max|r| / (√12·MaxValue·sd(r)) without,
// which rounds every value by up to half a unit, and next to nothing with it.
//
// A logistic fit without covariates takes one from 11 % cases downwards. A
// quantitative trait takes none up to seven standard deviations, so that a
// hundred ordinary traits take a hundred residual columns and no more.
var roundingLimit = map[Kind]float64{Logistic: 2e-4, Linear: 5e-4}

// minUnits is how many units the mean absolute value of any other column has to
// have. Otherwise a few samples with large weights would round those of most
// samples to nothing; that takes a largest value of 128 times the mean.
const minUnits = MaxValue / 128

// lost is what rounding has left out of a column.
func (n *Null) lost(c *Column, values []float64) []float64 {
	rest := make([]float64, len(values))
	for k, i := range n.x.rows {
		rest[k] = values[k] - float64(c.Values[i])*c.Scale
	}
	return rest
}

// round fills in a column with values of the analysed samples, in units of scale.
func (n *Null) round(c Column, values []float64, scale float64) Column {
	c.Scale = scale
	c.Values = make([]int32, n.size)
	for k, i := range n.x.rows {
		v := int32(math.Round(values[k] / scale))
		c.Values[i] = v
		c.Sum += int64(v)
	}
	return c
}

// asymmetry is 1 − 2p: r is 1 − p for cases and −p for controls.
func (n *Null) asymmetry() []float64 {
	out := make([]float64, len(n.residual))
	for i, r := range n.residual {
		out[i] = 1 + 2*r - 2*n.cases[i]
	}
	return out
}

// product multiplies elementwise.
func product(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range out {
		out[i] = a[i] * b[i]
	}
	return out
}

func largest(values []float64) float64 {
	most := 0.0
	for _, v := range values {
		most = max(most, math.Abs(v))
	}
	return most
}

func meanSize(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += math.Abs(v)
	}
	return sum / float64(len(values))
}

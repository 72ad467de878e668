package glm

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"genoveil/genomics/pheno"
)

// A dosageRow is one variant's dosages in steps, −1 for a missing call.
type dosageRow []int32

// sumsOf sums the columns the obvious way.
func sumsOf(m *Model, row dosageRow) []Sums {
	sums := make([]Sums, len(m.Columns))
	for k, c := range m.Columns {
		for i, g := range row {
			x := int64(c.Values[i])
			if g < 0 {
				sums[k].Missing += x
				continue
			}
			if c.Dosage {
				sums[k].Dosage += x * int64(g)
			}
			if c.Square {
				sums[k].Square += x * int64(g) * int64(g)
			}
		}
	}
	return sums
}

// testRow tests a row of dosages.
func testRow(t testing.TB, m *Model, row dosageRow, steps int) Result {
	t.Helper()
	r, err := m.Test(sumsOf(m, row), steps)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// complete returns the samples that have everything, and the design: intercept
// and covariates as they come.
func complete(known []bool, covariates []Covariate, row dosageRow) (rows []int, x *mat.Dense) {
	for i := range known {
		ok := known[i] && (row == nil || row[i] >= 0)
		for _, c := range covariates {
			ok = ok && !math.IsNaN(c.Values[i])
		}
		if ok {
			rows = append(rows, i)
		}
	}
	x = mat.NewDense(len(rows), len(covariates)+1, nil)
	for k, i := range rows {
		x.Set(k, 0, 1)
		for j, c := range covariates {
			x.Set(k, j+1, c.Values[i])
		}
	}
	return rows, x
}

// linearTwin regresses the trait on intercept, covariates and dosage by one QR
// decomposition, dropping samples with anything missing.
func linearTwin(trait []float64, covariates []Covariate, row dosageRow, steps int) (beta, se float64) {
	known := make([]bool, len(trait))
	for i, v := range trait {
		known[i] = !math.IsNaN(v)
	}
	rows, x := complete(known, covariates, row)
	n, k := x.Dims()
	full := mat.NewDense(n, k+1, nil)
	y := mat.NewVecDense(n, nil)
	for i, sample := range rows {
		for j := range k {
			full.Set(i, j, x.At(i, j))
		}
		full.Set(i, k, float64(row[sample])/float64(steps))
		y.SetVec(i, trait[sample])
	}
	var qr mat.QR
	qr.Factorize(full)
	var b, fitted mat.VecDense
	if err := qr.SolveVecTo(&b, false, y); err != nil {
		panic(err)
	}
	fitted.MulVec(full, &b)
	rss := 0.0
	for i := range n {
		rss += (y.AtVec(i) - fitted.AtVec(i)) * (y.AtVec(i) - fitted.AtVec(i))
	}
	var triangle mat.Dense
	qr.RTo(&triangle)
	corner := triangle.At(k, k)
	return b.AtVec(k), math.Sqrt(rss/float64(n-k-1)) / math.Abs(corner)
}

// newtonTwin maximises the logistic likelihood over the columns of x by solving
// the normal equations.
func newtonTwin(x *mat.Dense, y, offset []float64) (p []float64) {
	n, k := x.Dims()
	b := mat.NewVecDense(k, nil)
	p = make([]float64, n)
	for range 100 {
		score := mat.NewVecDense(k, nil)
		information := mat.NewDense(k, k, nil)
		for i := range n {
			l := mat.Dot(x.RowView(i), b)
			if offset != nil {
				l += offset[i]
			}
			p[i] = 1 / (1 + math.Exp(-l))
			for j := range k {
				score.SetVec(j, score.AtVec(j)+x.At(i, j)*(y[i]-p[i]))
				for l := range k {
					information.Set(j, l, information.At(j, l)+x.At(i, j)*x.At(i, l)*p[i]*(1-p[i]))
				}
			}
		}
		var step mat.VecDense
		if err := step.SolveVec(information, score); err != nil {
			panic(err)
		}
		b.AddVec(b, &step)
		if mat.Norm(&step, math.Inf(1)) < 1e-11 {
			return p
		}
	}
	panic("no convergence")
}

// logisticTwin is the score test by explicit matrices, on samples with nothing
// missing: U = gᵀ(y−p), V = gᵀWg − gᵀWX(XᵀWX)⁻¹XᵀWg.
func logisticTwin(status []pheno.Status, covariates []Covariate, offset []float64, row dosageRow, steps int) (u, v float64) {
	known := make([]bool, len(status))
	for i, s := range status {
		known[i] = s != pheno.Absent && (offset == nil || !math.IsNaN(offset[i]))
	}
	rows, x := complete(known, covariates, row)
	n, k := x.Dims()
	y, g, o := make([]float64, n), mat.NewVecDense(n, nil), make([]float64, n)
	for i, sample := range rows {
		if status[sample] == pheno.Case {
			y[i] = 1
		}
		if offset != nil {
			o[i] = offset[sample]
		}
		g.SetVec(i, float64(row[sample])/float64(steps))
	}
	p := newtonTwin(x, y, o)
	w := mat.NewDiagDense(n, nil)
	for i := range p {
		w.SetDiag(i, p[i]*(1-p[i]))
		u += g.AtVec(i) * (y[i] - p[i])
	}
	var wx, xwx mat.Dense
	var wg, xwg, solved mat.VecDense
	wx.Mul(w, x)
	xwx.Mul(x.T(), &wx)
	wg.MulVec(w, g)
	xwg.MulVec(x.T(), &wg)
	if err := solved.SolveVec(mat.NewDense(k, k, xwx.RawMatrix().Data), &xwg); err != nil {
		panic(err)
	}
	return u, mat.Dot(g, &wg) - mat.Dot(&xwg, &solved)
}

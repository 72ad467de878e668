package joint

import (
	"errors"
	"fmt"
	"math"
)

// The limits were measured on simulated consortia, as in TestHonestFitsAreAllowed: 3 to 64
// sites of 130 to 2,600 rows, 2 to 12 columns, an outcome that 2, 15 or 50 rows in a hundred
// have, effects that give the linear predictor a standard deviation of 0.8 or 1.4. They are
// no proof. What is said of honest fits below is the highest of some 4,000.
const (
	rowsPerColumn = 10

	// steadyRows is from how many rows on leverage is below ¼, so that an indicator of four
	// persons is refused. With few rows, one that nobody chose has up to 0.46: a logarithm
	// with a standard deviation of ¼, among seven columns. So the limit is 100/n below, and
	// at most ½, which an indicator of one person or of two has.
	steadyRows = 400

	// evenRows is from how many rows on a row holds at most 1/100 of the weight of a
	// logistic model. The mean is 1/n, and in honest fits of rare outcomes the highest was
	// 34/n: so it is 50/n below, and at most ¼.
	evenRows = 5000

	// aloneFitted bounds a row's share of the outcomes that are expected at a site, and of
	// those that are not: no more than all others together. By weights alone, θ could expect
	// 1 of one row and nearly 0 of all others. Honest fits had 0.29.
	aloneFitted = 1.0 / 2

	// aloneChanged bounds a row's share of what is expected otherwise, or weighs otherwise,
	// than in a round before: the difference of the sums is that row. Honest fits had
	// 0.42, between last steps.
	aloneChanged = 1.0 / 2

	// The mean deviance is at most timesDeviance times that of an intercept alone, and
	// moreDeviance. The intercept is the site's own or that of all sites together: with twice
	// that of its own no site passes where nobody has the outcome, and honest sites refuse
	// one round in six. Honest fits had 4.8 times the larger where few have the outcome, at
	// the first θ of all sites, and 0.8 of the limit.
	timesDeviance = 4
	moreDeviance  = 1.0 / 2

	// rarest bounds how rare, or how common, totals may say the outcome is, in favour of θ.
	rarest = 1.0 / 1000

	// Cox models: −2 log-likelihood is at most timesRisk times that without effects, and
	// moreRisk. Honest fits had 1.4 times that, but one event among two at risk may have
	// any multiple.
	timesRisk = 2
	moreRisk  = 10

	// aloneAtRisk bounds a row's share of the expected events of a Cox model. Honest fits
	// had 0.65, with a tenfold hazard for each standard deviation of a long tail. Of fewer
	// than fewEvents a row may have any share: who is the last at risk has all of one event
	// at any θ. Changes have no bound: what a row gains others lose, so that it has at most
	// ½ of them, and so it had in honest fits.
	aloneAtRisk = 3.0 / 4
	fewEvents   = 10
)

// Allowed says whether a site may make [Fit.Sums] of its rows for the round that comes. It
// protects them from others who send wrong sums: the totals, from which coefficients and
// scales come, would be steered such that the sums tell what a single row has.
//
// An error says what to do in words for the site itself: it is not for the others to read.
func (f *Fit) Allowed(d *Data) error {
	if err := d.check(&f.Model); err != nil {
		return err
	}
	if f.Done {
		return errors.New("the fit is complete")
	}
	if n, p := len(d.Y), max(1, len(f.Columns)); n < rowsPerColumn*p {
		return fmt.Errorf("%d rows for %d columns: a site takes part with at least %d rows for each column, so that its sums tell nothing of single rows; leave columns out", n, p, rowsPerColumn)
	}
	switch {
	case f.Round == 0:
		return f.allowedColumns(d)
	case f.Round == 1 || f.Kind == Linear:
		// A site's own estimate is nobody else's choice, and a linear fit is complete
		// before sites see coefficients.
		return nil
	case f.Kind == Cox:
		return f.allowedRisk(d)
	}
	return f.allowedWeights(d)
}

// allowedColumns refuses columns in which a row stands alone.
func (f *Fit) allowedColumns(d *Data) error {
	row, column, h := leverage(d.X, len(d.Y))
	if limit := atLeast(1.0/4, steadyRows/4, len(d.Y), 1.0/2); h > limit-1e-9 { // an indicator has the limit itself
		return fmt.Errorf("row %d stands nearly alone in column %s, alone or with the columns before it, so that sums would tell what the row has; leave the row or the column out, merge rare categories, or take logarithms of long tails", row+1, f.Columns[column])
	}
	return nil
}

// atLeast is a limit for a share of one row in n: times/n for few rows, and from least to most.
func atLeast(least, times float64, n int, most float64) float64 {
	return min(most, max(least, times/float64(n)))
}

func (f *Fit) allowedWeights(d *Data) error {
	now, n := f.probabilities(d, f.Theta), len(d.Y)
	own := sum(d.Y, nil) / float64(n)
	all := min(max(f.Events/f.Rows, rarest), 1-rarest)
	if !(now.deviance <= float64(n)*(timesDeviance*max(entropy(own, own), entropy(own, all))+moreDeviance)) {
		return errFarOff
	}
	none := make([]float64, n)
	for i, p := range now.fitted {
		none[i] = 1 - p
	}
	limit := atLeast(1.0/100, evenRows/100, n, 1.0/4)
	for _, c := range []struct {
		of    []float64
		limit float64
	}{{now.weight, limit}, {now.fitted, aloneFitted}, {none, aloneFitted}} {
		if row, ok := spread(c.of, c.limit); !ok {
			return alone(row)
		}
	}
	for _, theta := range f.seen {
		before := f.probabilities(d, theta)
		for _, c := range [][2][]float64{{now.fitted, before.fitted}, {now.weight, before.weight}} {
			if row, ok := spread(minus(c[0], c[1]), aloneChanged); !ok {
				return alone(row)
			}
		}
	}
	return nil
}

func (f *Fit) allowedRisk(d *Data) error {
	now, none := f.hazards(d, f.Theta), f.hazards(d, make([]float64, len(f.Theta)))
	if !(now.deviance <= timesRisk*none.deviance+moreRisk) {
		return errFarOff
	}
	if sum(d.Y, nil) < fewEvents {
		return nil
	}
	if row, ok := spread(now.fitted, aloneAtRisk); !ok {
		return alone(row)
	}
	return nil
}

var errFarOff = errors.New("the coefficients of this round are far off for the rows of this site: the outcome or a column may be coded in another way here than at other sites, or one of them sends wrong sums")

func alone(row int) error {
	return fmt.Errorf("row %d stands nearly alone at the coefficients of this round, so that sums would tell what the row has: its values may be wrong or in another unit, or a site sends wrong sums", row+1)
}

// spread is false where a row has more than the limit of a sum of absolute values. A sum
// below the unit of what is opened is of rounding errors.
func spread(values []float64, limit float64) (row int, ok bool) {
	total, highest := 0.0, 0.0
	for i, v := range values {
		if total += math.Abs(v); math.Abs(v) > highest {
			row, highest = i, math.Abs(v)
		}
	}
	return row, total < 0x1p-40 || highest <= limit*total
}

func minus(a, b []float64) []float64 {
	c := make([]float64, len(a))
	for i := range a {
		c[i] = a[i] - b[i]
	}
	return c
}

// entropy is the mean deviance of outcomes that a share p have, where q is expected.
func entropy(p, q float64) (d float64) {
	if p > 0 {
		d -= 2 * p * math.Log(q)
	}
	if p < 1 {
		d -= 2 * (1 - p) * math.Log1p(-q)
	}
	return d
}

package joint

import (
	"errors"
	"fmt"
	"math"

	"genoveil/genomics/fixedpoint"
)

// Fraction is the unit of all sums: 2^-40.
const Fraction = 40

// maxRows is more rows than there are.
const maxRows = 1 << 40

// errNotOfRows reports a total that no rows have: a site sent something else, or what was
// opened is not the total.
var errNotOfRows = errors.New("the totals are not those of any rows")

// MaxRounds bounds the rounds, moments included: every total that is opened tells something.
const MaxRounds = 9

// A Fit is the state of a fit that all parties know. Its numbers are functions of the totals
// alone, and the same on every machine: products are rounded before they are added, halves,
// which compilers multiply by, included.
type Fit struct {
	Model
	Round int // that comes next, from 0
	Done  bool

	Rows, Events float64
	Mean, SD     []float64 // of the columns
	YMean, YSD   float64   // of a linear model's outcome
	Theta        []float64 // coefficients of the columns of variance 1, the intercept first
	LogLik       float64   // at Theta, without the ridge; of the round before last at first

	information [][]float64 // at Theta, with the ridge
	rss         float64

	seen      [][]float64 // coefficients at which there have been sums
	from, way []float64   // where the last step came from, and what it was
	reached   float64     // the log-likelihood there, with the ridge
}

// NewFit begins a fit.
func NewFit(m Model) (*Fit, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	return &Fit{Model: m}, nil
}

// Len is the number of integers of the round that comes.
func (f *Fit) Len() int {
	p := f.parameters()
	if f.Round == 0 {
		return 4 + 2*len(f.Columns)
	}
	return 2 + p + p*(p+1)/2
}

// Sums are a site's integers for the round that comes.
func (f *Fit) Sums(d *Data) ([]fixedpoint.Int128, error) {
	if err := d.check(&f.Model); err != nil {
		return nil, err
	}
	var values []float64
	switch {
	case f.Done:
		return nil, errors.New("the fit is complete")
	case f.Round == 0:
		values = f.moments(d)
	case f.Round == 1 && f.Kind != Linear:
		values = f.start(d).values()
	default:
		values = f.step(d).values()
	}
	sums := make([]fixedpoint.Int128, len(values))
	for i, v := range values {
		var err error
		if sums[i], err = fixedpoint.Of(v, Fraction); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// moments are the number of rows, of events, and of every column and a linear outcome the
// sum and the sum of squares.
func (f *Fit) moments(d *Data) []float64 {
	values := []float64{float64(len(d.Y)), sum(d.Y, nil)}
	for _, column := range d.X {
		values = append(values, sum(column, nil), sum(column, column))
	}
	if f.Kind == Linear {
		return append(values, sum(d.Y, nil), sum(d.Y, d.Y))
	}
	return append(values, 0, 0)
}

// sum adds up a, or the products of a and b.
func sum(a, b []float64) (total float64) {
	for i, x := range a {
		if b != nil {
			x = float64(x * b[i])
		}
		total += x
	}
	return total
}

// Advance takes the total of a round.
func (f *Fit) Advance(total []fixedpoint.Int128) error {
	if f.Done || len(total) != f.Len() {
		return fmt.Errorf("%d integers where the round has %d", len(total), f.Len())
	}
	values := make([]float64, len(total))
	for i, x := range total {
		values[i] = x.Float(Fraction)
	}
	f.Round++
	if f.Round == 1 {
		return f.standardise(values)
	}
	if f.Round > 2 {
		f.seen = append(f.seen, f.Theta)
	}
	return f.newton(values)
}

// standardise takes means and standard deviations from moments.
func (f *Fit) standardise(values []float64) error {
	f.Rows, f.Events = values[0], values[1]
	if f.Rows != math.Trunc(f.Rows) || f.Rows > maxRows || f.Kind != Linear && f.Events != math.Trunc(f.Events) {
		return errNotOfRows
	}
	if f.Rows <= float64(f.parameters()) {
		return fmt.Errorf("%g rows are too few for %d coefficients", f.Rows, f.parameters())
	}
	if f.Kind == Cox && (f.Events <= 0 || f.Events > f.Rows) {
		return fmt.Errorf("%g of %g rows have the event; there must be some with it", f.Events, f.Rows)
	}
	if f.Kind == Logistic && (f.Events <= 0 || f.Events >= f.Rows) {
		return fmt.Errorf("%g of %g rows have the outcome; there must be rows with and without it", f.Events, f.Rows)
	}
	for j, name := range f.Columns {
		mean, sd, ok := meanSD(f.Rows, values[2+2*j], values[3+2*j])
		if !ok {
			return fmt.Errorf("column %s has the same value in all rows, or one so large or small that nothing else counts; leave it out, or subtract a round number, or use another unit", name)
		}
		f.Mean, f.SD = append(f.Mean, mean), append(f.SD, sd)
	}
	f.Theta = make([]float64, f.parameters())
	switch f.Kind {
	case Linear:
		var ok bool
		at := 2 + 2*len(f.Columns)
		if f.YMean, f.YSD, ok = meanSD(f.Rows, values[at], values[at+1]); !ok {
			return errors.New("the outcome has the same value in all rows, or one so large or small that nothing else counts; subtract a round number, or use another unit")
		}
	case Logistic:
		// Logarithms differ by their last bit between machines, so it has few.
		f.Theta[0] = math.Round(math.Log(f.Events/(f.Rows-f.Events))*1024) / 1024
	}
	return nil
}

// meanSD has the mean and standard deviation. The difference of squares must be left with
// some ten digits of the sixteen.
func meanSD(n, sum, squares float64) (mean, sd float64, ok bool) {
	mean = sum / n
	variance := squares/n - float64(mean*mean)
	return mean, math.Sqrt(variance), variance > 1e-6*float64(mean*mean) && variance > 0
}

// row writes the columns of a row, standardised, behind a 1 where there is an intercept.
func (f *Fit) row(d *Data, i int, z []float64) []float64 {
	z = z[:0]
	if f.Kind != Cox {
		z = append(z, 1)
	}
	for j := range d.X {
		z = append(z, (d.X[j][i]-f.Mean[j])/f.SD[j])
	}
	return z
}

// A step is what Newton's method takes from the rows at Theta.
type step struct {
	loglik      float64
	scale       float64 // Σ r² of a linear model
	gradient    []float64
	information [][]float64 // lower triangle
}

func newStep(p int) *step {
	s := &step{gradient: make([]float64, p), information: make([][]float64, p)}
	for j := range s.information {
		s.information[j] = make([]float64, j+1)
	}
	return s
}

func (s *step) values() []float64 {
	values := append([]float64{s.loglik, s.scale}, s.gradient...)
	for _, row := range s.information {
		values = append(values, row...)
	}
	return values
}

// add adds a row's share: its gradient is residual·z, its information weight·zz'.
func (s *step) add(z []float64, residual, weight float64) {
	for j, x := range z {
		s.gradient[j] += float64(residual * x)
		wx := float64(weight * x)
		for k, y := range z[:j+1] {
			s.information[j][k] += float64(wx * y)
		}
	}
}

func (f *Fit) step(d *Data) *step {
	s := newStep(f.parameters())
	switch f.Kind {
	case Cox:
		f.riskSets(d, s)
	case Linear:
		var z []float64
		for i, y := range d.Y {
			z = f.row(d, i, z)
			r := (y-f.YMean)/f.YSD - f.eta(z)
			s.add(z, r, 1)
			s.scale += float64(r * r)
		}
	default:
		var z []float64
		for i, y := range d.Y {
			z = f.row(d, i, z)
			eta := f.eta(z)
			p := 1 / (1 + math.Exp(-eta))
			s.add(z, y-p, float64(p*(1/(1+math.Exp(eta)))))
			s.loglik += logLikelihood(y, eta)
		}
	}
	return s
}

// eta is the linear predictor.
func (f *Fit) eta(z []float64) float64 { return sum(z, f.Theta) }

// logLikelihood is y·η − log(1 + e^η), without overflow.
func logLikelihood(y, eta float64) float64 {
	if y == 1 {
		eta = -eta
	}
	// −log(1 + e^η')
	return -(max(eta, 0) + math.Log1p(math.Exp(-math.Abs(eta))))
}

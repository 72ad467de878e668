package joint

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// converged is the largest step after which a fit is complete: Newton's method has squared
// it then.
const converged = 1e-6

// exact is the share of the coefficients' size below which a step leaves the information
// as it is.
const exact = 1e-11

// perfect is the share of a sum of squares below which its ten digits are not known.
const perfect = 1e-6

// unpack reads a step from its values.
func (f *Fit) unpack(values []float64) *step {
	s := newStep(f.parameters())
	s.loglik, s.scale, values = values[0], values[1], values[2:]
	values = values[copy(s.gradient, values):]
	for j := range s.information {
		values = values[copy(s.information[j], values):]
	}
	return s
}

// newton takes a step.
func (f *Fit) newton(values []float64) error {
	s := f.unpack(values)
	first := f.parameters() - len(f.Columns)
	for j := first; j < f.parameters(); j++ {
		s.gradient[j] -= float64(f.Ridge * f.Theta[j])
		s.information[j][j] += f.Ridge
	}
	f.LogLik, f.information = s.loglik, s.information
	value := s.loglik - float64(f.Ridge*sum(f.Theta[first:], f.Theta[first:])/2)
	if f.Round > 3 && !(value >= f.reached-float64(1e-9*math.Abs(f.reached))) {
		// Too far: half of the way.
		if f.Round == MaxRounds {
			return f.diverged()
		}
		f.Theta = halfway(f.from, f.Theta)
		return nil
	}
	triangle, err := f.decompose(s.information)
	if err != nil {
		return err
	}
	way := solve(triangle, s.gradient)
	size := largest(way)
	for _, x := range way {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return errNotOfRows
		}
	}
	before := largest(f.way)
	f.from, f.way, f.reached = f.Theta, way, value
	switch {
	case f.Kind == Linear:
		// The sum of squares is a quadratic, and the step goes to its minimum.
		f.rss = s.scale - sum(way, s.gradient) - float64(f.Ridge*sum(way[first:], way[first:]))
		if !(f.rss > perfect*s.scale) {
			return errors.New("the columns determine the outcome, so that nothing is left for standard errors; leave out what is made from it")
		}
		f.Done = true
	case f.Round > 2 && (size < exact*max(1, largest(f.from)) || before < converged && f.Round > 3):
		f.Done = true // this round's information is that at the estimate
	case f.Round == MaxRounds && size < converged:
		// The estimate is there, and standard errors have six digits at least: those that
		// R's glm prints are of the round before its last, too.
		f.Done = true
	case f.Round == MaxRounds:
		return f.diverged()
	}
	f.Theta = plus(f.Theta, way)
	return nil
}

// collinear is the share of a column's information that has to be left once the columns
// before it are known, and that of the rows' or events' number which it must have.
const collinear = 1e-9

// decompose is the Cholesky decomposition. An error names the column that others determine.
func (f *Fit) decompose(a [][]float64) ([][]float64, error) {
	floor := min(f.Events, f.Rows-f.Events)
	switch f.Kind {
	case Linear:
		floor = f.Rows
	case Cox:
		floor = f.Events
	}
	l := make([][]float64, len(a))
	for j := range a {
		l[j] = make([]float64, j+1)
		for k := range j + 1 {
			x := a[j][k] - sum(l[j][:k], l[k][:k])
			if k < j {
				l[j][k] = x / l[k][k]
				continue
			}
			if !(x > collinear*max(a[j][j], floor)) {
				return nil, f.redundant(l, j)
			}
			l[j][j] = math.Sqrt(x)
		}
	}
	return l, nil
}

// redundant names the columns that determine column j.
func (f *Fit) redundant(l [][]float64, j int) error {
	if f.Round > 2 {
		return f.diverged()
	}
	b := make([]float64, j)
	for k := j - 1; k >= 0; k-- {
		b[k] = l[j][k]
		for i := k + 1; i < j; i++ {
			b[k] -= float64(l[i][k] * b[i])
		}
		b[k] /= l[k][k]
	}
	var others []string
	for k, x := range b {
		if math.Abs(x) > 1e-4 && f.name(k) != intercept {
			others = append(others, f.name(k))
		}
	}
	if others == nil {
		return fmt.Errorf("column %s tells nothing; leave it out", f.name(j))
	}
	return fmt.Errorf("column %s is a linear combination of %s; leave one of them out, or use a ridge", f.name(j), strings.Join(others, ", "))
}

func (f *Fit) name(parameter int) string {
	if f.Kind != Cox {
		if parameter == 0 {
			return intercept
		}
		parameter--
	}
	return f.Columns[parameter]
}

// diverged names the columns along which the coefficients run away.
func (f *Fit) diverged() error {
	size := 0.0
	for j, x := range f.way {
		if f.name(j) != intercept {
			size = max(size, math.Abs(x))
		}
	}
	var names []string
	for j, x := range f.way {
		if f.name(j) != intercept && math.Abs(x) >= size/10 {
			names = append(names, f.name(j))
		}
	}
	columns := "column"
	if len(names) > 1 {
		columns = "columns"
	}
	return fmt.Errorf("the fit does not converge: %s %s may separate rows with the outcome from those without, so that there is no finite estimate; leave it out, or use a ridge", columns, strings.Join(names, ", "))
}

// solve solves LL'x = b.
func solve(l [][]float64, b []float64) []float64 {
	x := make([]float64, len(b))
	for j := range b {
		x[j] = (b[j] - sum(l[j][:j], x[:j])) / l[j][j]
	}
	for j := len(b) - 1; j >= 0; j-- {
		for k := j + 1; k < len(b); k++ {
			x[j] -= float64(l[k][j] * x[k])
		}
		x[j] /= l[j][j]
	}
	return x
}

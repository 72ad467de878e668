package joint

import (
	"errors"
	"fmt"
	"math"
)

// A Kind is a regression.
type Kind string

const (
	Linear   Kind = "linear"
	Logistic Kind = "logistic"
	Cox      Kind = "cox" // proportional hazards, with the sites as strata
)

// MaxColumns bounds the columns of a model: their information matrix has half of their
// square in words.
const MaxColumns = 256

// A Model says what is fitted.
type Model struct {
	Kind    Kind
	Columns []string // names, without the intercept

	// Ridge is subtracted from the log-likelihood times half the sum of squares of the
	// coefficients, those of columns with variance 1 and without the intercept.
	Ridge float64
}

// Check refuses a model that makes no sense.
func (m *Model) Check() error {
	switch {
	case m.Kind != Linear && m.Kind != Logistic && m.Kind != Cox:
		return fmt.Errorf("%q is no regression; use linear, logistic or cox", m.Kind)
	case len(m.Columns) > MaxColumns:
		return fmt.Errorf("%d columns; a model has at most %d", len(m.Columns), MaxColumns)
	case len(m.Columns) == 0 && m.Kind == Cox:
		return errors.New("a Cox model needs a column")
	case !(m.Ridge >= 0) || math.IsInf(m.Ridge, 0):
		return fmt.Errorf("a ridge of %g; give a number from 0 up", m.Ridge)
	}
	seen := map[string]bool{}
	for _, name := range m.Columns {
		if name == "" || name == intercept || seen[name] {
			return fmt.Errorf("the name %q of a column is empty, reserved or there twice", name)
		}
		seen[name] = true
	}
	return nil
}

const intercept = "(Intercept)"

// parameters counts the coefficients: Cox models have no intercept.
func (m *Model) parameters() int {
	if m.Kind == Cox {
		return len(m.Columns)
	}
	return len(m.Columns) + 1
}

// Data are the rows of a site.
type Data struct {
	X [][]float64 // one slice a column, one value a row
	Y []float64   // outcome; 1 and 0 for a case or an event and none

	Time []float64 // of the event, or until when there was none; of a Cox model
}

// check refuses rows that do not fit the model.
func (d *Data) check(m *Model) error {
	n := len(d.Y)
	if len(d.X) != len(m.Columns) {
		return fmt.Errorf("%d columns for a model of %d", len(d.X), len(m.Columns))
	}
	for j, column := range d.X {
		if err := finite(m.Columns[j], column, n); err != nil {
			return err
		}
	}
	if err := finite("the outcome", d.Y, n); err != nil {
		return err
	}
	if m.Kind != Linear {
		for i, y := range d.Y {
			if y != 0 && y != 1 {
				return fmt.Errorf("the outcome of row %d is neither 0 nor 1", i+1)
			}
		}
	}
	if m.Kind == Cox {
		return finite("the time", d.Time, n)
	}
	return nil
}

func finite(name string, values []float64, n int) error {
	if len(values) != n {
		return fmt.Errorf("%s has %d values for %d rows", name, len(values), n)
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s has no finite value in row %d", name, i+1)
		}
	}
	return nil
}

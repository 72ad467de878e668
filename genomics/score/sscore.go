package score

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
)

// A Result is one score of all samples.
type Result struct {
	Name string

	// Weights is the number of weights, or 0 where nobody knows. The average is the
	// sum over twice that number, as PLINK's is where no call is missing or missing
	// calls are imputed.
	Weights int

	// Sums are the scores, in the order of the samples. With an intercept in them
	// there is no average.
	Sums      []float64
	Intercept bool

	// Covariates are to be added in the linear predictor, NaN for a sample without one
	// of them. nil if there are none.
	Covariates []float64
}

// predicts says whether there is a linear predictor besides the sum.
func (r *Result) predicts() bool { return r.Intercept || r.Covariates != nil }

// average is that of a sample, NaN where the number of weights is not known.
func (r *Result) average(i int) float64 {
	if r.Weights == 0 {
		return math.NaN()
	}
	return r.Sums[i] / float64(2*r.Weights)
}

// WriteTable writes the columns of PLINK 2's .sscore: #IID, DENOM (NAME_DENOM for
// each score if they differ), and for each score NAME_AVG and NAME_SUM; where there is
// an intercept or are covariates, also the linear predictor NAME_LP and NAME_PROB, the
// probability 1/(1 + exp(−LP)). As with PLINK, the averages of all scores come before
// the sums. Numbers have six significant digits, NA where there is none.
func WriteTable(w io.Writer, samples []string, results []Result) error {
	out := bufio.NewWriter(w)
	common := true
	for _, r := range results {
		if len(r.Sums) != len(samples) || r.Covariates != nil && len(r.Covariates) != len(samples) {
			return fmt.Errorf("score %s: %d values for %d samples", r.Name, len(r.Sums), len(samples))
		}
		common = common && r.Weights == results[0].Weights
	}
	line := []byte("#IID")
	column := func(names ...string) {
		line = append(line, '\t')
		for _, name := range names {
			line = append(line, name...)
		}
	}
	if common {
		column("DENOM")
	}
	each := func(add func(r *Result)) {
		for i := range results {
			add(&results[i])
		}
	}
	each(func(r *Result) {
		if !common {
			column(r.Name, "_DENOM")
		}
	})
	each(func(r *Result) {
		if !r.Intercept {
			column(r.Name, "_AVG")
		}
	})
	each(func(r *Result) { column(r.Name, "_SUM") })
	each(func(r *Result) {
		if r.predicts() {
			column(r.Name, "_LP")
			column(r.Name, "_PROB")
		}
	})
	for i, sample := range samples {
		out.Write(append(line, '\n'))
		line = append(line[:0], sample...)
		if common {
			line = strconv.AppendInt(append(line, '\t'), int64(2*results[0].Weights), 10)
		}
		each(func(r *Result) {
			if !common {
				line = strconv.AppendInt(append(line, '\t'), int64(2*r.Weights), 10)
			}
		})
		each(func(r *Result) {
			if !r.Intercept {
				line = appendNumber(line, r.average(i))
			}
		})
		each(func(r *Result) { line = appendNumber(line, r.Sums[i]) })
		each(func(r *Result) {
			if r.predicts() {
				predictor := r.Sums[i]
				if r.Covariates != nil {
					predictor += r.Covariates[i]
				}
				line = appendNumber(line, predictor)
				line = appendNumber(line, 1/(1+math.Exp(-predictor)))
			}
		})
	}
	out.Write(append(line, '\n'))
	return out.Flush()
}

// appendNumber appends a tab and x with six significant digits, as C's %g does.
func appendNumber(line []byte, x float64) []byte {
	line = append(line, '\t')
	if math.IsNaN(x) {
		return append(line, "NA"...)
	}
	return strconv.AppendFloat(line, x, 'g', 6, 64)
}

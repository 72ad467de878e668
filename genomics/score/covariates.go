package score

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// A CovariateWeight multiplies a covariate in the linear predictor.
type CovariateWeight struct {
	Name   string
	Weight float64
}

// ReadCovariateWeights reads a table of names and weights, two fields a line. Lines
// that begin with # are comments.
func ReadCovariateWeights(path string) ([]CovariateWeight, error) {
	r, err := open(path, covariateKind)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return parseCovariateWeights(r)
}

// covariateKind is what the file is in errors.
const covariateKind = "a table of covariates' weights"

func parseCovariateWeights(r *lines) ([]CovariateWeight, error) {
	var weights []CovariateWeight
	seen := map[string]bool{}
	for {
		err := r.next()
		if errors.Is(err, io.EOF) && len(weights) == 0 {
			return nil, fmt.Errorf("%s: no weights", r.Name())
		}
		if errors.Is(err, io.EOF) {
			return weights, nil
		}
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(r.text, "#") {
			continue
		}
		fields := strings.Fields(r.text)
		if len(fields) != 2 {
			return nil, r.Errorf("%d columns; each line has a covariate's name and its weight", len(fields))
		}
		if seen[fields[0]] {
			return nil, r.Errorf("%s occurs twice", fields[0])
		}
		seen[fields[0]] = true
		w, err := strconv.ParseFloat(fields[1], 64)
		if err != nil || math.IsNaN(w) || math.IsInf(w, 0) {
			return nil, r.Errorf("the weight %q is not a finite number", fields[1])
		}
		weights = append(weights, CovariateWeight{fields[0], w})
	}
}

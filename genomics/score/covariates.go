package score

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"bufio"
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
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return parseCovariateWeights(path, file)
}

func parseCovariateWeights(path string, text io.Reader) ([]CovariateWeight, error) {
	r := &lines{path: path, scanner: bufio.NewScanner(text)}
	r.scanner.Buffer(nil, maxLine)
	var weights []CovariateWeight
	seen := map[string]bool{}
	for {
		err := r.next()
		if errors.Is(err, io.EOF) && len(weights) == 0 {
			return nil, fmt.Errorf("%s: no weights", path)
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
			return nil, r.errorf("%d columns; each line has a covariate's name and its weight", len(fields))
		}
		if seen[fields[0]] {
			return nil, r.errorf("%s comes twice", fields[0])
		}
		seen[fields[0]] = true
		w, err := strconv.ParseFloat(fields[1], 64)
		if err != nil || math.IsNaN(w) || math.IsInf(w, 0) {
			return nil, r.errorf("the weight %q is not a finite number", fields[1])
		}
		weights = append(weights, CovariateWeight{fields[0], w})
	}
}

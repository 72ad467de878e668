package format

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// A ScoreDescription is what the client must know of a model to read its answers, and
// all that it is told of it (docs/scoring.md says what that gives away).
type ScoreDescription struct {
	Names     []string `json:"names"`
	Exponents []int    `json:"exponents"` // an answer counts units of 2^-k; of dosages, thousandths of that
	Weights   []int    `json:"weights"`   // how many; twice that is PLINK's DENOM
	Intercept []bool   `json:"intercept"` // whether an answer has an intercept in it
}

// maxExponent bounds the exponents of files: 2^±1000 are floating-point numbers.
const maxExponent = 1000

func (d *ScoreDescription) Validate(scores int) error {
	if len(d.Names) != scores || len(d.Exponents) != scores || len(d.Weights) != scores || len(d.Intercept) != scores {
		return errors.New("the description does not fit the number of scores")
	}
	for i, k := range d.Exponents {
		if k < -maxExponent || k > maxExponent || d.Weights[i] < 0 {
			return fmt.Errorf("the scale of score %d is damaged", i+1)
		}
		// Names stand in the client's table and on its terminal.
		if strings.ContainsFunc(d.Names[i], func(r rune) bool { return !unicode.IsPrint(r) }) {
			return fmt.Errorf("the name of score %d, %q, has characters that cannot be printed", i+1, d.Names[i])
		}
	}
	return nil
}

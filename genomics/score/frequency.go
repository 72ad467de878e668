package score

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"genoveil/genomics"
)

// Frequencies are those of ALT alleles, by variant ID, REF and ALT.
type Frequencies map[[3]string]float64

// noID is a reason for passing over a row: the table has no positions.
const noID = "no ID"

// ReadFrequencies reads a table of PLINK 2's --freq (.afreq). Variants without an ID
// or with several ALT alleles are passed over, and counted by reason.
func ReadFrequencies(path string) (f Frequencies, skipped map[string]int, err error) {
	r, err := open(path, frequencyKind)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	return parseFrequencies(r)
}

// frequencyKind is what the file is in errors.
const frequencyKind = "a table of 'plink2 --freq'"

func parseFrequencies(r *lines) (f Frequencies, skipped map[string]int, err error) {
	if err := r.next(); errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("%s: empty; give a table of 'plink2 --freq'", r.Name())
	} else if err != nil {
		return nil, nil, err
	}
	columns := strings.Fields(strings.TrimPrefix(r.text, "#"))
	var at [4]int
	for i, name := range []string{"ID", "REF", "ALT", "ALT_FREQS"} {
		var ok bool
		if at[i], ok = find(columns, name); !ok {
			return nil, nil, r.Errorf("the column %s is missing; give a table of 'plink2 --freq'", name)
		}
	}
	f, skipped = Frequencies{}, map[string]int{}
	for {
		err := r.next()
		if errors.Is(err, io.EOF) {
			return f, skipped, nil
		}
		if err != nil {
			return nil, nil, err
		}
		fields := strings.Fields(r.text)
		if len(fields) != len(columns) {
			return nil, nil, r.Errorf("%d columns, the header has %d", len(fields), len(columns))
		}
		key := [3]string{fields[at[0]], fields[at[1]], fields[at[2]]}
		if key[0] == "." {
			skipped[noID]++
			continue
		}
		if strings.Contains(key[2], ",") {
			skipped[genomics.MultiAllelic]++
			continue
		}
		if _, ok := f[key]; ok {
			return nil, nil, r.Errorf("%s %s %s occurs twice", key[0], key[1], key[2])
		}
		if f[key], err = r.frequency(fields[at[3]]); err != nil {
			return nil, nil, err
		}
	}
}

// of returns the frequency of a variant's ALT, or NaN.
func (f Frequencies) of(v *genomics.Variant) float64 {
	if x, ok := f[[3]string{v.ID, v.Ref, v.Alt}]; ok {
		return x
	}
	if x, ok := f[[3]string{v.ID, v.Alt, v.Ref}]; ok {
		return 1 - x
	}
	return math.NaN()
}

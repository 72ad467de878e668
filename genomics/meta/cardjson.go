package meta

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// Bounds of what a card and a slope from somebody else may have.
const (
	maxCardBytes = 1 << 16
	maxReasons   = 64
	maxReason    = 120
	maxCount     = 1 << 40
	maxNumber    = 1e30
)

// A number is null in JSON where it is NaN, infinite or too large to say anything.
type number float64

func (x number) MarshalJSON() ([]byte, error) {
	if !(math.Abs(float64(x)) <= maxNumber) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(x))
}

func (x *number) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*x = number(math.NaN())
		return nil
	}
	return json.Unmarshal(data, (*float64)(x))
}

// cardJSON is a Card in JSON.
type cardJSON struct {
	Source
	N             int                              `json:"n"`
	Cases         int                              `json:"cases"`
	MedianN       int                              `json:"median-n"`
	PZ            number                           `json:"pz"`
	SEN           number                           `json:"se-n"`
	SENExpected   number                           `json:"se-n-expected"`
	XRatio        number                           `json:"x-ratio"`
	Lambda        [len(Card{}.Lambda)]number       `json:"lambda"`
	Info          [len(Card{}.Info)]number         `json:"info"`
	AFCorrelation number                           `json:"af-correlation"`
	AFDifference  [len(Card{}.AFDifference)]number `json:"af-difference"`
}

// MarshalJSON writes the card as UnmarshalJSON reads it, and refuses what that would refuse.
func (c Card) MarshalJSON() ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	j := cardJSON{
		Source: c.Source, N: c.N, Cases: c.Cases, MedianN: c.MedianN,
		PZ: number(c.PZ), SEN: number(c.SEN), SENExpected: number(c.SENExpected), XRatio: number(c.XRatio), AFCorrelation: number(c.AFCorrelation),
	}
	for i, x := range c.Lambda {
		j.Lambda[i] = number(x)
	}
	for i, x := range c.Info {
		j.Info[i] = number(x)
	}
	for i, x := range c.AFDifference {
		j.AFDifference[i] = number(x)
	}
	return json.Marshal(&j)
}

// UnmarshalJSON reads a card of somebody else. It accepts what MarshalJSON writes, but for
// white space, and nothing else: neither other fields or lengths, nor a field twice or in
// another spelling, nor numbers that no table has.
func (c *Card) UnmarshalJSON(data []byte) error {
	var j cardJSON
	if err := strict(data, &j); err != nil {
		return fmt.Errorf("a card: %w", err)
	}
	read := Card{
		Source: j.Source, N: j.N, Cases: j.Cases, MedianN: j.MedianN,
		PZ: float64(j.PZ), SEN: float64(j.SEN), SENExpected: float64(j.SENExpected), XRatio: float64(j.XRatio), AFCorrelation: float64(j.AFCorrelation),
	}
	for i, x := range j.Lambda {
		read.Lambda[i] = float64(x)
	}
	for i, x := range j.Info {
		read.Info[i] = float64(x)
	}
	for i, x := range j.AFDifference {
		read.AFDifference[i] = float64(x)
	}
	if err := read.check(); err != nil {
		return err
	}
	*c = read
	return nil
}

// check refuses what no table gives.
func (c *Card) check() error {
	rows := c.Found
	for reason, n := range c.Skipped {
		if len(c.Skipped) > maxReasons || !isLabel(reason) || n < 0 || n > maxCount {
			return fmt.Errorf("a card: %d rows left out for %d reasons, one of them %.40q", n, len(c.Skipped), reason)
		}
		rows += n
	}
	for _, x := range []struct {
		wrong bool
		what  string
	}{
		{c.Program != "" && !isLabel(c.Program), "the program's name"},
		{c.Build != GRCh37 && c.Build != GRCh38, "the build"},
		{c.Found < 0 || c.Found > maxCount || rows != c.Rows, "rows that are neither found nor left out"},
		{c.Swapped < 0 || c.Swapped > c.Rows, "rows swapped"},
		{c.Complemented < 0 || c.ByFrequency < 0 || c.Complemented > c.Rows || c.ByFrequency > c.Rows, "rows on the other strand"},
		{c.N < 0 || c.N > math.MaxInt32 || c.MedianN < 0 || c.MedianN > c.N || c.Cases < 0 || c.Cases > c.N, "numbers of samples"},
		{c.PZ < 0 || c.SEN < 0 || c.SENExpected < 0 || c.XRatio < 0, "standard errors"},
		{!inRange(c.Lambda[:], math.Inf(1)), "genomic control"},
		{!inRange(c.Info[:], math.Inf(1)), "INFO"},
		// Rounding may lead beyond 1.
		{math.Abs(c.AFCorrelation) > 1.001 || !inRange(c.AFDifference[:], 1.001), "allele frequencies"},
	} {
		if x.wrong {
			return fmt.Errorf("a card: %s cannot be", x.what)
		}
	}
	return nil
}

// inRange says whether none of the numbers is below 0 or above the most. NaN is in it.
func inRange(all []float64, most float64) bool {
	for _, x := range all {
		if x < 0 || x > most {
			return false
		}
	}
	return true
}

// isLabel says whether a text is short, printable and the same in any JSON: nothing of it
// needs to be escaped.
func isLabel(text string) bool {
	for _, b := range []byte(text) {
		if b < ' ' || b > '~' || bytes.IndexByte([]byte(`"\<>&`), b) >= 0 {
			return false
		}
	}
	return len(text) > 0 && len(text) <= maxReason
}

// slopeJSON is a Slope in JSON.
type slopeJSON struct {
	Value    number `json:"value"`
	SE       number `json:"se"`
	Variants int    `json:"variants"`
}

// MarshalJSON writes the slope as UnmarshalJSON reads it.
func (s Slope) MarshalJSON() ([]byte, error) {
	return json.Marshal(slopeJSON{number(s.Value), number(s.SE), s.Variants})
}

// UnmarshalJSON reads a slope of somebody else. It accepts what MarshalJSON writes, but for
// white space, and nothing else.
func (s *Slope) UnmarshalJSON(data []byte) error {
	var j slopeJSON
	if err := strict(data, &j); err != nil {
		return fmt.Errorf("a slope: %w", err)
	}
	if j.SE < 0 || j.Variants < 0 || j.Variants > maxVariants {
		return errors.New("a slope: its standard error or number of variants cannot be")
	}
	*s = Slope{float64(j.Value), float64(j.SE), j.Variants}
	return nil
}

// strict reads JSON of which json.Marshal makes the same bytes again, but for white space.
func strict(data []byte, to any) error {
	if len(data) > maxCardBytes {
		return fmt.Errorf("longer than %d bytes", maxCardBytes)
	}
	if err := json.Unmarshal(data, to); err != nil {
		return err
	}
	again, err := json.Marshal(to)
	if err != nil {
		return err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, data); err != nil {
		return err
	}
	if !bytes.Equal(compact.Bytes(), again) {
		return errors.New("not in the form in which it is written")
	}
	return nil
}

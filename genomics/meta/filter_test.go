package meta

import (
	"maps"
	"math"
	"slices"
	"testing"
)

func TestFilter(t *testing.T) {
	nan := math.NaN()
	good := Estimate{AF: 0.1, N: 100, Cases: 50, Info: 0.7, Present: true}
	h := &Harmonised{Source: Source{Found: 6, Skipped: map[string]int{notListed: 1}}, Estimates: []Estimate{
		good, {},
		{AF: 0.1, N: 100, Info: 0.69, Present: true},
		{AF: 0.905, N: 100, Info: 0.7, Present: true},
		{AF: 0.5, N: 100, Cases: 49, Info: 0.7, Present: true},
		{AF: nan, N: 0, Info: float32(nan), Present: true},
		{AF: 0.1, N: 100, Present: true, Info: float32(nan)},
	}}
	h.Filter(Filter{Info: 0.7, Count: 20, Effective: 100})
	var present []bool
	for _, e := range h.Estimates {
		present = append(present, e.Present)
	}
	if want := []bool{true, false, false, false, false, true, true}; !slices.Equal(present, want) || h.Found != 3 {
		t.Errorf("%v, %d found", present, h.Found)
	}
	if want := map[string]int{notListed: 1, lowInfo: 1, lowCount: 1, lowEffective: 1}; !maps.Equal(h.Skipped, want) {
		t.Errorf("%v", h.Skipped)
	}
	before := h.Found
	if h.Filter(Filter{}); h.Found != before || h.Estimates[0] != good {
		t.Error("no limit leaves estimates out")
	}
}

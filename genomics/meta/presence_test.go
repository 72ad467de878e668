package meta

import (
	"errors"
	"testing"
)

func TestPresence(t *testing.T) {
	sites := make([]*Harmonised, 3)
	const n = 21
	var want [n]int
	for s := range sites {
		sites[s] = &Harmonised{Source: Source{Skipped: map[string]int{}}, Estimates: make([]Estimate, n)}
		for i := range n {
			if i%(s+2) == 0 {
				sites[s].Estimates[i] = Estimate{AF: 0.3, N: 100, Present: true}
				want[i]++
			}
		}
		sites[s].Estimates[1] = Estimate{AF: 0.001, N: 100, Present: true} // too rare to count
	}
	sum := make([]uint64, 3)
	for _, h := range sites {
		whole := make([]uint64, 3)
		h.Presence(whole, 0)
		for k := range whole { // in parts
			part := []uint64{99}
			if h.Presence(part, k); part[0] != whole[k] {
				t.Errorf("word %d is %x, and %x by itself", k, whole[k], part[0])
			}
			sum[k] += whole[k]
		}
	}
	for k, w := range sum {
		got, err := UnpackPresences(w, 3)
		if err != nil {
			t.Fatal(err)
		}
		for j, x := range got {
			if i := k*PresencesPerWord + j; i < n && x != want[i] || i >= n && x != 0 {
				t.Errorf("variant %d: %d sites, want %d", i, x, want[min(i, n-1)])
			}
		}
	}
	if _, err := UnpackPresences(4<<24, 3); !errors.Is(err, ErrImpossible) {
		t.Errorf("4 of 3 sites: %v", err)
	}
}

package cpu

import (
	"math/rand/v2"
	"testing"

	"genoveil/kernels/cpu/level"
)

// TestMax puts the largest word at every place.
func TestMax(t *testing.T) {
	r := rand.New(rand.NewPCG(29, 30))
	for _, n := range []int{1, 63, 64, 128, 200} {
		a := make([]uint32, n)
		for i := range a {
			a[i] = r.Uint32N(1 << 31)
		}
		level.Each(t, func(t *testing.T) {
			for i, old := range a {
				for _, large := range []uint32{1 << 31, 1<<32 - 1} {
					a[i] = large
					if got := Max(a); got != large {
						t.Fatalf("largest of %d words: %d, want %d at %d", n, got, large, i)
					}
				}
				a[i] = old
			}
		})
	}
}

package cpu

import (
	"slices"

	"genoveil/kernels/cpu/level"
)

// Max returns the largest word of a, which must not be empty. It is how residues
// from a file are found to be reduced.
func Max(a []uint32) uint32 {
	whole := len(a) / 64 * 64
	if whole == 0 || level.Best() == level.Portable {
		return slices.Max(a)
	}
	largest := maxVector(a[:whole])
	for _, x := range a[whole:] {
		largest = max(largest, x)
	}
	return largest
}

// Package level says which vector instructions the kernels use on this processor.
package level

import "iter"

// A Level is a set of vector instructions that routines are written for. Every
// routine has a portable form, which is the reference in tests.
type Level int

const (
	Portable Level = iota
	AVX2
	AVX512
)

func (l Level) String() string { return [...]string{"portable", "AVX2", "AVX-512"}[l] }

// best is the level in use. It changes only in tests.
var best = supported

// Best is the level in use.
func Best() Level { return best }

// All puts every level of this processor to use in turn, the portable one first: for tests.
func All() iter.Seq[Level] {
	return func(yield func(Level) bool) {
		defer func() { best = supported }()
		for best = Portable; best <= supported && yield(best); best++ {
		}
	}
}

// Each runs a test or benchmark at every level.
func Each[T interface{ Run(string, func(T)) bool }](t T, run func(T)) {
	for l := range All() {
		t.Run(l.String(), run)
	}
}

package cpu

// A level is a set of vector instructions that routines are written for. Every
// routine has a portable form, which is the reference in tests.
type level int

const (
	portable level = iota
	avx2
	avx512
)

func (l level) String() string { return [...]string{"portable", "AVX2", "AVX-512"}[l] }

// Instructions names the vector instructions that are used on this processor.
func Instructions() string { return best.String() }

// best is the level in use. It changes only in tests.
var best = supported

package cpu

// Words returns n zeros, on huge pages where there are enough of them and the
// system allows it. Rows of a transform are 32 KB apart and keys are read once a
// use, so that with pages of 4 KB address translation costs as much as the
// arithmetic, most of all on virtual machines.
func Words(n int) []uint32 {
	a := make([]uint32, n)
	adviseHuge(a)
	return a
}

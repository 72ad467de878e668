// Package kernels times our arithmetic and Lattigo's on the same machine, with the
// parameters that users have. It contains only benchmarks:
//
//	go test -bench . ./benchmarks/kernels
//	go test -bench . -tags noavx512 ./benchmarks/kernels
//
// Every benchmark is the pair "ours" and "Lattigo", one after the other on one thread.
// Only their ratio can be compared between machines. The tests of kernels/cpu and he/cpu
// check that the two agree.
package kernels

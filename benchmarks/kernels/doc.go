// Package kernels times the arithmetic beside Lattigo's on the same machine, with
// the parameters that users have. It has nothing but benchmarks:
//
//	go test -bench . ./benchmarks/kernels
//	go test -bench . -tags noavx512 ./benchmarks/kernels
//
// Every benchmark is the pair "ours" and "Lattigo", one after the other on one
// thread; only their ratio can be compared between machines. That the two agree
// is for the tests of kernels/cpu and he/cpu to say.
package kernels

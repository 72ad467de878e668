// Package gpu drives NVIDIA devices through gorgonia.org/cu: memory, streams, copies
// and launches of kernels by name. It knows arrays of words, not what they mean.
//
// All of it but this page needs the build tag cuda, cgo, and a CUDA driver when it
// runs: gorgonia.org/cu ends a process that finds no device.
package gpu

// Package gpu drives NVIDIA devices through gorgonia.org/cu: memory, streams, copies and
// launches of kernels by name. It knows arrays of words, not what they mean.
//
// Everything except this page needs the build tag cuda and cgo. At run time it needs a CUDA
// driver: gorgonia.org/cu ends a process that finds no device.
package gpu

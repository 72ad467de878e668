// Package cuda holds the inner loops of the GPU engine in CUDA C++ and their
// launches: what kernels/cpu is for processors. Each launch has a method that knows
// the kernel's geometry. It knows neither ciphertexts nor genotypes.
package cuda

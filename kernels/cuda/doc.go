// Package cuda holds the inner loops of the GPU engine in CUDA C++, and their launches. It
// is for GPUs what kernels/cpu is for processors. Each launch has a method that knows the
// kernel's geometry. The package knows neither ciphertexts nor what they hold.
//
// Without a GPU, `make test-cuda` runs all tests on the driver in host/. That driver is a
// libcuda.so.1 whose kernels are the same files compiled by g++. It also finds what devices
// do not: barriers that are missing or not reached by all, memory that nobody wrote, and
// buffers that change before a copy is done. host/driver_settings.cpp says how to make it
// fail.
package cuda

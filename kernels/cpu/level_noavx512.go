//go:build noavx512

package cpu

const allowAVX512 = false

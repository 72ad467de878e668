//go:build amd64 && !noasm && noavx512

package cpu

const allowAVX512 = false

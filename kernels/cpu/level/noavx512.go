//go:build amd64 && !noasm && noavx512

package level

const allowAVX512 = false

//go:build !amd64 || noasm

package level

const supported = Portable

//go:build cuda

package gpu

var (
	Class = class
	Size  = size
)

//go:build cuda

package gpu

var (
	Class = class
	Size  = size
)

// Stage is the buffer of Write and Read.
func (s *Stream) Stage() []uint32 { return s.stage.Words }

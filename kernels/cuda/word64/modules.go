//go:build cuda

package word64

import (
	"embed"

	"genoveil/gpu"
)

//go:embed all:modules
var modules embed.FS

// Modules are the fat binaries of this package's kernels, for gpu.Open.
func Modules() [][]byte { return gpu.Modules(modules) }

//go:build cuda

package cuda

import (
	"embed"
	"io/fs"
)

// modules are the fat binaries that `make cuda` makes, one for every .cu file.
//
//go:embed all:modules
var modules embed.FS

// Modules are the fat binaries of all kernels, for gpu.Open. There are none in a
// program that was built without `make cuda`.
func Modules() [][]byte {
	var all [][]byte
	names, _ := fs.Glob(modules, "modules/*.fatbin")
	for _, name := range names {
		module, err := modules.ReadFile(name)
		if err != nil {
			panic(err) // embedded files can be read
		}
		all = append(all, module)
	}
	return all
}

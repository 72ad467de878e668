//go:build cuda

package gpu

import "io/fs"

// Modules are the fat binaries in the folder modules, where `make cuda` puts one for every
// .cu file. There are none in a program that was built without it.
func Modules(files fs.FS) [][]byte {
	var all [][]byte
	names, _ := fs.Glob(files, "modules/*.fatbin")
	for _, name := range names {
		module, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err) // embedded files can be read
		}
		all = append(all, module)
	}
	return all
}

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestCUDAScripts runs the scripts in testdata/cuda with both programs, built as they
// are installed, on the test driver.
func TestCUDAScripts(t *testing.T) {
	if os.Getenv("GENOVEIL_TESTDRIVER") == "" {
		t.Skip("needs the test driver: make test-cuda")
	}
	bin := t.TempDir()
	for _, program := range []struct {
		cgo  string
		args []string
	}{
		{"0", []string{"-o", filepath.Join(bin, "genoveil")}},
		{"1", []string{"-tags", "cuda", "-o", filepath.Join(bin, "genoveil-cuda")}},
	} {
		build := exec.Command("go", append(append([]string{"build"}, program.args...), ".")...)
		build.Env = append(os.Environ(), "CGO_ENABLED="+program.cgo)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", build.Args, err, out)
		}
	}
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/cuda",
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("BIN", bin)
			for _, name := range []string{"LD_LIBRARY_PATH", "GENOVEIL_TESTDRIVER", "GENOVEIL_TESTDRIVER_ORDER"} {
				env.Setenv(name, os.Getenv(name))
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

//go:build cuda

package gpu_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"testing"

	"genoveil/gpu"
	"genoveil/kernels/cuda"
)

// open is the first device and a stream of it.
func open(t *testing.T) (*gpu.Device, *gpu.Stream) {
	t.Helper()
	return openDevice(t, 0)
}

func openDevice(t *testing.T, ordinal int) (*gpu.Device, *gpu.Stream) {
	t.Helper()
	d, err := gpu.Open(ordinal, cuda.Modules())
	check(t, err)
	t.Cleanup(func() { d.Close() })
	s, err := d.NewStream()
	check(t, err)
	return d, s
}

// needTestDriver skips where the driver is a real one.
func needTestDriver(t *testing.T) {
	t.Helper()
	if os.Getenv("GENOVEIL_TESTDRIVER") != "1" {
		t.Skip("needs the test driver")
	}
}

// again runs the test in a process of its own, for settings that the driver reads when
// it begins.
func again(t *testing.T, setting string) {
	t.Helper()
	if os.Getenv("GENOVEIL_AGAIN") != "" {
		t.Fatalf("%s has no effect", setting)
	}
	command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	command.Env = append(os.Environ(), setting, "GENOVEIL_AGAIN=1")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("with %s: %v\n%s", setting, err, out)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError compares the whole text of an error that is a *gpu.Error.
func wantError(t *testing.T, err error, text string) *gpu.Error {
	t.Helper()
	var e *gpu.Error
	if !errors.As(err, &e) {
		t.Fatalf("no *gpu.Error: %v", err)
	}
	if e.Error() != text {
		t.Errorf("error is\n\t%s\nwant\n\t%s", e, text)
	}
	return e
}

func random(n int) []uint32 {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	words := make([]uint32, n)
	for i := range words {
		words[i] = r.Uint32()
	}
	return words
}

func alloc(t *testing.T, d *gpu.Device, n int) gpu.Words {
	t.Helper()
	w, err := d.Alloc(n)
	check(t, err)
	return w
}

// upload is new memory with the words.
func upload(t *testing.T, d *gpu.Device, s *gpu.Stream, words []uint32) gpu.Words {
	t.Helper()
	w := alloc(t, d, len(words))
	check(t, s.Write(w, words))
	return w
}

func wantWords(t *testing.T, s *gpu.Stream, got gpu.Words, want []uint32) {
	t.Helper()
	words := make([]uint32, got.Len())
	check(t, s.Read(words, got))
	if !slices.Equal(words, want) {
		t.Fatal("other words")
	}
}

// reversed is what the kernel probe makes of arrays of so many words.
func reversed(in []uint32, length int, factor uint32, sum uint64) []uint32 {
	out := slices.Clone(in)
	for block := range slices.Chunk(out, length) {
		slices.Reverse(block)
	}
	for i := range out {
		out[i] = out[i]*factor + uint32(sum) + uint32(sum>>32)
	}
	return out
}

// blocks is the grid of the kernel probe.
func blocks(n, length int) gpu.Grid {
	return gpu.Grid{Blocks: [3]int{n}, Threads: [3]int{256}, Shared: 4 * length}
}

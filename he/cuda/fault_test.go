//go:build cuda

package cuda_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"genoveil/gpu"
	"genoveil/he"
	"genoveil/he/cuda"
	"genoveil/he/hetest"
	kernels "genoveil/kernels/cuda"
)

func TestEngineFaults(t *testing.T) { holdFaults(t, newStudy(t).sums) }

func TestScorerFaults(t *testing.T) { holdFaults(t, newScoreStudy(t).answers) }

// Encryption gives other bytes every time: none are compared.
func TestEncryptorFaults(t *testing.T) {
	params := hetest.SumParams(t, 10, 1<<12).PlaneParams
	sk, err := he.GenerateSecret(params.Chain())
	if err != nil {
		t.Fatal(err)
	}
	holdFaults(t, func(devices []*gpu.Device) ([][]uint32, error) {
		e, err := cuda.NewEncryptor(params, sk, devices)
		if err != nil {
			return nil, err
		}
		var group errgroup.Group
		for range 12 {
			group.Go(func() error {
				var chunk he.EncryptedChunk
				return e.EncryptChunk(&chunk, 2, func(_ int, v []int32) { clear(v) })
			})
		}
		return nil, errors.Join(group.Wait(), e.Close())
	})
}

// holdFaults does work with every fault of a device, at many places: whatever goes wrong
// and wherever, it returns an error that names the device, or the right words, and nothing
// is left running.
func holdFaults(t *testing.T, work func([]*gpu.Device) ([][]uint32, error)) {
	t.Helper()
	if os.Getenv(testDriver) == "" {
		t.Skip("needs the test driver")
	}
	if os.Getenv("GENOVEIL_AGAIN") == "" {
		again(t, "GENOVEIL_TESTDRIVER_FAIL=") // with a device of its own
		return
	}
	run := func(fault, memory string) ([][]uint32, error) {
		t.Setenv("GENOVEIL_TESTDRIVER_FAIL", fault)
		t.Setenv("GENOVEIL_TESTDRIVER_MEMORY", memory)
		d, err := gpu.Open(0, kernels.Modules())
		if err != nil {
			return nil, err
		}
		words, err := work([]*gpu.Device{d})
		if closed := d.Close(); err == nil {
			err = closed
		}
		return words, err
	}
	want, err := run("", "")
	if err != nil {
		t.Fatal(err)
	}
	goroutines := runtime.NumGoroutine()
	hold := func(fault, memory string) *gpu.Error {
		t.Helper()
		got, err := run(fault, memory)
		if err == nil {
			if !slices.EqualFunc(got, want, slices.Equal) {
				t.Errorf("%s %s: wrong words and no error", fault, memory)
			}
			return nil
		}
		var e *gpu.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), "gpu 0 (Test driver): ") {
			t.Errorf("%s %s: %v", fault, memory, err)
		}
		return e
	}
	growth := 2 // of the places that fail: ×1.5, or ×3 in short runs
	if testing.Short() {
		growth = 8
	}
	for _, kind := range []string{"alloc", "host", "launch", "fault", "lost"} {
		failed := 0
		for at := 1; at < 400; at += 1 + at*growth/4 {
			if hold(fmt.Sprintf("%s:%d", kind, at), "") != nil {
				failed++
			}
		}
		if failed == 0 {
			t.Errorf("%s: nothing failed", kind)
		}
	}
	full := 0
	for memory := 500_000; ; memory *= 2 {
		e := hold("", fmt.Sprint(memory))
		if e == nil {
			break
		}
		if !e.Full() {
			t.Errorf("with %d bytes: %v", memory, e)
		}
		full++
	}
	if full < 2 {
		t.Errorf("%d memories were too small", full)
	}
	for runtime.NumGoroutine() > goroutines { // hangs, and prints them, if one is left
		runtime.Gosched()
	}
}

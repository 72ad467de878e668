//go:build cuda

package cuda_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"genoveil/gpu"
	"genoveil/he"
	"genoveil/he/cuda"
	"genoveil/he/hetest"
	kernels "genoveil/kernels/cuda"
)

func TestEncryptsChunks(t *testing.T) {
	for _, logN := range []int{10, 13} {
		hetest.EncryptsChunks(t, logN, func(params he.Params, sk *he.SecretKey) (he.ChunkEncryptor, error) {
			all, err := devices()
			if err != nil {
				return nil, err
			}
			e, err := cuda.NewEncryptor(params, sk, all)
			if err != nil {
				return nil, err
			}
			t.Cleanup(func() {
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			})
			return e, nil
		})
	}
}

func TestEncryptsChunksOnSeveralDevices(t *testing.T) {
	if os.Getenv(testDriver) == "" {
		t.Skip("needs the test driver")
	}
	if os.Getenv("GENOVEIL_AGAIN") == "" {
		again(t, "GENOVEIL_TESTDRIVER_DEVICES=3")
		return
	}
	if all, err := devices(); err != nil || len(all) != 3 {
		t.Fatalf("%d devices, %v", len(all), err)
	}
	TestEncryptsChunks(t)
}

// Whatever goes wrong on a device and wherever, it is an error that names the device, and
// nothing is left running or waiting.
func TestEncryptorFaults(t *testing.T) {
	if os.Getenv(testDriver) == "" {
		t.Skip("needs the test driver")
	}
	if os.Getenv("GENOVEIL_AGAIN") == "" {
		again(t, "GENOVEIL_TESTDRIVER_FAIL=") // with a device of its own
		return
	}
	params := hetest.Params(t, 10, 1<<12)
	sk, err := he.GenerateSecret(params.Chain())
	if err != nil {
		t.Fatal(err)
	}
	run := func(fault string) error {
		t.Setenv("GENOVEIL_TESTDRIVER_FAIL", fault)
		d, err := gpu.Open(0, kernels.Modules())
		if err != nil {
			return err
		}
		defer d.Close()
		e, err := cuda.NewEncryptor(params, sk, []*gpu.Device{d})
		if err != nil {
			return err
		}
		var group errgroup.Group
		for range 12 {
			group.Go(func() error {
				var chunk he.Chunk
				return e.EncryptChunk(&chunk, 2, func(_ int, v []int32) { clear(v) })
			})
		}
		return errors.Join(group.Wait(), e.Close())
	}
	if err := run(""); err != nil {
		t.Fatal(err)
	}
	goroutines := runtime.NumGoroutine()
	for _, kind := range []string{"alloc", "host", "launch", "fault", "lost"} {
		failed := 0
		for at := 1; at < 60; at += 1 + at/3 {
			err := run(fmt.Sprintf("%s:%d", kind, at))
			var e *gpu.Error
			if err != nil && (!errors.As(err, &e) || !strings.Contains(err.Error(), "gpu 0 (Test driver): ")) {
				t.Errorf("%s:%d: %v", kind, at, err)
			}
			if err != nil {
				failed++
			}
		}
		if failed == 0 {
			t.Errorf("%s: nothing failed", kind)
		}
	}
	for runtime.NumGoroutine() > goroutines { // hangs, and prints them, if one is left
		runtime.Gosched()
	}
}

//go:build cuda

package cuda_test

import (
	"os"
	"testing"

	"genoveil/he"
	"genoveil/he/cuda"
	"genoveil/he/hetest"
)

func TestEncryptsChunks(t *testing.T) {
	for _, logN := range []int{10, 13} {
		hetest.EncryptsChunks(t, logN, func(params he.PlaneParams, sk *he.SecretKey) (he.ChunkEncryptor, error) {
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

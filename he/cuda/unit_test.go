//go:build cuda

package cuda

import (
	"strings"
	"testing"

	"genoveil/gpu"
	"genoveil/he/hetest"
	kernels "genoveil/kernels/cuda"
)

func TestRingsOutsideTheKernels(t *testing.T) {
	d, err := gpu.Open(0, kernels.Modules())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for logN, want := range map[int]string{9: "ring degree 512 is not", 16: "ring degree 2^16 is more than GPUs support, 2^15; processors support it"} {
		if _, err := newUnit(hetest.Chain(logN, 1, 0), nil, d); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("N = 2^%d: %v", logN, err)
		}
	}
}

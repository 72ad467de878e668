//go:build cuda

package cuda_test

import (
	"sync"
	"testing"

	"genoveil/gpu"
	"genoveil/he"
	"genoveil/he/cuda"
	"genoveil/he/hetest"
	"genoveil/he/reference"
	kernels "genoveil/kernels/cuda"
)

// devices are all that there are.
var devices = sync.OnceValues(func() ([]*gpu.Device, error) {
	infos, err := gpu.Devices()
	if err != nil {
		return nil, err
	}
	var all []*gpu.Device
	for i := range infos {
		d, err := gpu.Open(i, kernels.Modules())
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
})

func slow(keys *he.EvaluationKeys) (he.Engine, error) { return reference.New(keys) }

func fast(keys *he.EvaluationKeys) (he.Engine, error) {
	all, err := devices()
	if err != nil {
		return nil, err
	}
	return cuda.New(keys, all)
}

func TestEnginesAgree(t *testing.T) {
	shapes := []hetest.EngineShape{
		{LogN: 10, Sums: 2, Dropped: 1},
		{LogN: 11, Sums: 4, Dropped: 2},
		{LogN: 13, Sums: 3, Dropped: 1},
	}
	if testing.Short() {
		shapes = shapes[:1]
	}
	hetest.EnginesAgree(t, shapes, slow, fast)
}

func TestEnginesContinueEachOther(t *testing.T) { hetest.EnginesContinueEachOther(t, 10, slow, fast) }

//go:build cuda

package pipeline

import (
	"bytes"
	"os"
	"testing"

	"genoveil/genomics/shareddata"
	"genoveil/gpu"
	"genoveil/he/cuda"
	kernels "genoveil/kernels/cuda"
)

// TestCUDAHapMap3 evaluates real genotypes on GPUs: the file of sums is that of
// processors, to the byte. On the test driver it takes 20 s.
func TestCUDAHapMap3(t *testing.T) {
	data := shareddata.Dir(t, "hapmap3")
	if testing.Short() {
		t.Skip("long")
	}
	infos, err := gpu.Devices()
	if err != nil {
		t.Fatal(err)
	}
	var devices []*gpu.Device
	for i := range infos {
		d, err := gpu.Open(i, kernels.Modules())
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		devices = append(devices, d)
	}
	w := hapMap3World(t, data)
	w.run("case", "cpu")
	job := w.job("case", "cuda", Whole)
	engine, err := cuda.New(w.keys, devices)
	if err != nil {
		t.Fatal(err)
	}
	job.Engine, job.Memory = engine, min(engine.Memory(), job.Memory)
	w.must(job.Run(t.Context()))
	want, err := os.ReadFile(w.path("cpu.sums"))
	w.must(err)
	got, err := os.ReadFile(w.path("cuda.sums"))
	w.must(err)
	if !bytes.Equal(got, want) {
		t.Error("the sums of GPUs differ from those of processors")
	}
}

//go:build cuda

package pipeline_test

import (
	"bytes"
	"os"
	"testing"

	"genoveil/genomics/shareddata"
	"genoveil/gpu"
	"genoveil/he/cuda"
	kernels "genoveil/kernels/cuda"
	"genoveil/pipeline/format"
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
	w.Run("case", "cpu")
	job := w.Job("case", "cuda", format.Whole)
	engine, err := cuda.New(w.Keys, devices)
	if err != nil {
		t.Fatal(err)
	}
	job.Engine, job.Memory = engine, min(engine.Memory(), job.Memory)
	w.Must(job.Run(t.Context()))
	want, err := os.ReadFile(w.Path("cpu.sums"))
	w.Must(err)
	got, err := os.ReadFile(w.Path("cuda.sums"))
	w.Must(err)
	if !bytes.Equal(got, want) {
		t.Error("the sums of GPUs differ from those of processors")
	}
}

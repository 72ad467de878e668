//go:build cuda

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"genoveil/gpu"
	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/cuda"
	kernels "genoveil/kernels/cuda"
)

// genoveil-cuda. It runs only where there is an NVIDIA driver and a GPU
// (device_cpu.go).
const withCUDA = true

func (*session) place(context.Context, *deviceFlags) error { return nil }

// findProgram is for genoveil, which looks for this program.
func findProgram() (string, *noGPU) { return "", nil }

// findGPUs lists what the driver shows.
func findGPUs(context.Context) ([]gpuDevice, *noGPU) {
	infos, err := gpu.Devices()
	if err != nil {
		return nil, &noGPU{reason: err.Error(), advice: "run nvidia-smi to see why"}
	}
	var devices []gpuDevice
	for _, i := range infos {
		devices = append(devices, gpuDevice{i.Ordinal, i.Name, i.Memory, i.Free, i.Major, i.Minor, i.Processors, i.SharedMemory, i.Unfit()})
	}
	return devices, nil
}

// addProbe adds --probe, by which genoveil learns whether this program runs here.
func addProbe(root *cobra.Command) {
	probe := root.Flags().Bool("probe", false, "print the GPUs as JSON and end")
	root.Flags().Lookup("probe").Hidden = true
	help := root.RunE
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if !*probe {
			return help(cmd, args)
		}
		devices, missing := findGPUs(cmd.Context())
		if missing != nil {
			return missing
		}
		return json.NewEncoder(cmd.OutOrStdout()).Encode(devices)
	}
}

// gpuFailure is what went wrong on a GPU, if that is why err is there.
func gpuFailure(err error) error {
	if missing := (*noGPU)(nil); errors.As(err, &missing) {
		return missing
	}
	if failure := (*gpu.Error)(nil); errors.As(err, &failure) {
		return failure
	}
	return nil
}

// gpus are all that can be used, open until the process ends.
var gpus = sync.OnceValues(func() ([]*gpu.Device, error) {
	devices, missing := findGPUs(context.Background())
	if missing == nil {
		devices, missing = usable(devices)
	}
	if missing != nil {
		return nil, missing
	}
	var open []*gpu.Device
	for _, found := range devices {
		d, err := gpu.Open(found.Ordinal, kernels.Modules())
		if err != nil {
			return nil, err
		}
		open = append(open, d)
	}
	return open, nil
})

// openGPUs opens them and says which they are.
func openGPUs(s *session) ([]*gpu.Device, error) {
	open, err := gpus()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, d := range open {
		names = append(names, d.Info().Name)
	}
	s.log.Info(fmt.Sprintf("computing on %s: %s", count(len(open), "GPU"), strings.Join(names, ", ")), "device", cudaDevice, "gpus", len(open))
	return open, nil
}

func newEngine(s *session, device string, keys *he.EvaluationKeys, threads int) (he.Engine, error) {
	if device == cpuDevice {
		return cpu.New(keys, threads)
	}
	open, err := openGPUs(s)
	if err != nil {
		return nil, err
	}
	return cuda.New(keys, open)
}

func newScorer(s *session, device string, keys *he.ScoreKeys, threads int) (he.Scorer, error) {
	if device == cpuDevice {
		return cpu.NewScorer(keys, threads)
	}
	open, err := openGPUs(s)
	if err != nil {
		return nil, err
	}
	return cuda.NewScorer(keys, open)
}

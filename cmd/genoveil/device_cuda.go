//go:build cuda

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"genoveil/gpu"
	"genoveil/he"
	"genoveil/he/cpu"
)

// genoveil-cuda. It runs only where there is an NVIDIA driver and a GPU
// (device_cpu.go).
const withCUDA = true

func place(*cobra.Command, *slog.Logger, string) error { return nil }

// findProgram is for genoveil, which looks for this program.
func findProgram() (string, *noGPU) { return "", nil }

// findGPUs lists what the driver shows.
func findGPUs(context.Context) ([]gpuDevice, *noGPU) {
	infos, err := gpu.Devices()
	if err != nil {
		return nil, &noGPU{reason: err.Error(), advice: "see what nvidia-smi says"}
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
	if failure := new(gpu.Error); errors.As(err, &failure) {
		return failure
	}
	return nil
}

func newEngine(_ *slog.Logger, _ string, keys *he.EvaluationKeys, threads int) (he.Engine, error) {
	return cpu.New(keys, threads)
}

func newScorer(_ *slog.Logger, _ string, keys *he.ScoreKeys, threads int) (he.Scorer, error) {
	return cpu.NewScorer(keys, threads)
}

var _ = fmt.Sprint

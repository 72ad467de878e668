package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"genoveil/kernels/cpu/level"
)

// Values of --device.
const (
	autoDevice = "auto"
	cpuDevice  = "cpu"
	cudaDevice = "cuda"
)

// deviceFlag lets a command compute on GPUs; standard is where it does if nothing is said.
func deviceFlag(cmd *cobra.Command, device *string, standard string) {
	cmd.Flags().StringVar(device, "device", standard, "compute on GPUs ('cuda'), on processors ('cpu'), or on GPUs where there are any ('auto')")
}

// checkDevice refuses other values of --device.
func checkDevice(device string) error {
	if !slices.Contains([]string{autoDevice, cpuDevice, cudaDevice}, device) {
		return usagef("--device takes auto, cpu or cuda, not %q", device)
	}
	return nil
}

// placed marks the context of a command whose place was chosen before: what it runs
// stays there.
type placed struct{}

// A gpuDevice is a GPU as `genoveil-cuda --probe` prints it.
type gpuDevice struct {
	Ordinal      int    `json:"ordinal"`
	Name         string `json:"name"`
	Memory       int64  `json:"memory"` // bytes
	Free         int64  `json:"free"`   // bytes
	Major        int    `json:"major"`  // of the compute capability
	Minor        int    `json:"minor"`
	Processors   int    `json:"processors"`
	SharedMemory int    `json:"shared_memory"`   // bytes a block may use
	Unfit        string `json:"unfit,omitempty"` // why it is not used
}

func (d gpuDevice) String() string {
	text := fmt.Sprintf("GPU %d: %s, compute capability %d.%d, %s, %s of %s free",
		d.Ordinal, d.Name, d.Major, d.Minor, count(d.Processors, "multiprocessor"), humanBytes(d.Free), humanBytes(d.Memory))
	if d.Unfit != "" {
		text += "; not used: " + d.Unfit
	}
	return text
}

// noGPU says why there is no GPU to compute on, and what to do about it.
type noGPU struct{ reason, advice string }

func (e *noGPU) Error() string { return e.reason + "; " + e.advice }

// noDevice is the reason where the driver shows no GPU.
func noDevice() *noGPU {
	reason := "the NVIDIA driver shows no GPU"
	if visible, ok := os.LookupEnv("CUDA_VISIBLE_DEVICES"); ok {
		reason += fmt.Sprintf(" (CUDA_VISIBLE_DEVICES is %q)", visible)
	}
	return &noGPU{reason: reason, advice: "on a cluster, ask the scheduler for one"}
}

// usable are the devices that can be computed on.
func usable(devices []gpuDevice) ([]gpuDevice, *noGPU) {
	fit := slices.DeleteFunc(slices.Clone(devices), func(d gpuDevice) bool { return d.Unfit != "" })
	switch {
	case len(devices) == 0:
		return nil, noDevice()
	case len(fit) == 0:
		return nil, &noGPU{reason: "no GPU can be used (" + devices[0].Name + ": " + devices[0].Unfit + ")", advice: "use --device cpu"}
	}
	return fit, nil
}

// onDevice does work on the device that was asked for. Where the choice is ours and a
// GPU fails, the work is done again on processors, from its last checkpoint if it has
// one: all engines give the same bytes.
func onDevice(cmd *cobra.Command, log *slog.Logger, device string, work func(device string) error) error {
	if device == cpuDevice || !withCUDA {
		return work(cpuDevice)
	}
	annotate(cmd, deviceAnnotation, cudaDevice)
	err := work(cudaDevice)
	if failure := gpuFailure(err); failure != nil && device == autoDevice {
		log.Warn(fmt.Sprintf("%v; computing on the CPU from here on", failure))
		annotate(cmd, deviceAnnotation, cpuDevice)
		err = work(cpuDevice)
	}
	return err
}

func newDevices() *cobra.Command {
	return &cobra.Command{
		Use:   "devices",
		Short: "List what there is to compute on, and what would be used",
		Long: `Lists the GPUs that the NVIDIA driver shows and the processors, and what 'genoveil run'
and 'genoveil score' use with --device auto. All GPUs are used; CUDA_VISIBLE_DEVICES,
which schedulers set, chooses among them.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprint(cmd.OutOrStdout(), describeDevices(cmd.Context()))
			return nil
		},
	}
}

func describeDevices(ctx context.Context) string {
	var text strings.Builder
	devices, missing := findGPUs(ctx)
	for _, d := range devices {
		fmt.Fprintln(&text, d)
	}
	fmt.Fprintf(&text, "CPU: %s, %s\n", count(runtime.NumCPU(), "processor"), level.Best())
	fit, unfit := usable(devices)
	if missing == nil {
		missing = unfit
	}
	switch {
	case missing != nil:
		fmt.Fprintf(&text, "--device auto uses the CPU: %s\n(%s)\n", missing.reason, missing.advice)
	case len(fit) == 1:
		fmt.Fprintf(&text, "--device auto uses GPU %d\n", fit[0].Ordinal)
	default:
		fmt.Fprintf(&text, "--device auto uses %s\n", count(len(fit), "GPU"))
	}
	return text.String()
}

package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/spf13/pflag"
)

// Values of --device.
const (
	autoDevice = "auto"
	cpuDevice  = "cpu"
	cudaDevice = "cuda"
)

// deviceFlags say where a command computes.
type deviceFlags struct {
	device string
	chosen bool // --device is given
}

// register lets a command compute on GPUs; standard is where it does if nothing is said.
func (d *deviceFlags) register(f *pflag.FlagSet, standard string) {
	f.StringVar(&d.device, "device", standard, "where to compute: on GPUs ('cuda'), on processors ('cpu'), or on GPUs if there are any ('auto')")
}

// check refuses other values of --device.
func (d *deviceFlags) check(f *pflag.FlagSet) error {
	if !slices.Contains([]string{autoDevice, cpuDevice, cudaDevice}, d.device) {
		return usagef("--device takes auto, cpu or cuda, not %q", d.device)
	}
	d.chosen = f.Changed("device")
	return nil
}

// on is the device that --device says.
func (d *deviceFlags) on() string { return d.device }

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
func (s *session) onDevice(device string, work func(device string) error) error {
	if device == cpuDevice || !withCUDA {
		return work(cpuDevice)
	}
	s.took.Device = cudaDevice
	err := work(cudaDevice)
	if failure := gpuFailure(err); failure != nil && device == autoDevice {
		s.log.Warn(fmt.Sprintf("%v; continuing on the CPU", failure))
		s.took.Device = cpuDevice
		err = work(cpuDevice)
	}
	return err
}

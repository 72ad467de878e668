//go:build !cuda

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"genoveil/he"
	"genoveil/he/cpu"
)

// This program is free of cgo and runs anywhere. The same program with the CUDA engine
// stands beside it and takes over where there is a GPU: what it is linked to ends a
// process that finds none, so that this one asks first, in a child.
const (
	withCUDA    = false
	cudaProgram = "genoveil-cuda"
	probeFlag   = "--probe"
)

// probeLimit is far more than the driver takes to start, which is seconds on nodes with
// many GPUs and no persistence daemon.
const probeLimit = time.Minute

// place sees that a command runs where --device says. Where that is a GPU it does not
// return: genoveil-cuda takes the process over with the same arguments.
func (s *session) place(ctx context.Context, o *deviceFlags) error {
	if o.device == cpuDevice || s.placed {
		return nil
	}
	path, notInstalled := findProgram()
	devices, missing := findGPUs(ctx)
	if missing == nil {
		_, missing = usable(devices)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case missing == nil:
		return fmt.Errorf("start %s: %w", path, syscall.Exec(path, append([]string{path}, os.Args[1:]...), os.Environ()))
	case o.device == cudaDevice:
		return fmt.Errorf("--device cuda: %w", missing)
	case notInstalled == nil || hasDriver() || o.chosen:
		// Whoever has neither GPU nor genoveil-cuda and asked for neither wants to hear of neither.
		s.log.Info("computing on the CPU: "+missing.reason, "device", cpuDevice)
	}
	return nil
}

// findGPUs asks genoveil-cuda what it sees.
func findGPUs(ctx context.Context) ([]gpuDevice, *noGPU) {
	path, missing := findProgram()
	if missing != nil {
		return nil, missing
	}
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	var stdout, stderr bytes.Buffer
	probe := exec.CommandContext(ctx, path, probeFlag)
	probe.Stdout, probe.Stderr, probe.WaitDelay = &stdout, &stderr, time.Second
	if err := probe.Run(); err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("no answer in %v", probeLimit)
		}
		return nil, explainProbe(stdout.String(), stderr.String(), err)
	}
	var devices []gpuDevice
	if err := json.Unmarshal(stdout.Bytes(), &devices); err != nil {
		return nil, &noGPU{reason: fmt.Sprintf("%s %s: %v", path, probeFlag, err), advice: "put genoveil and genoveil-cuda of the same version side by side"}
	}
	return devices, nil
}

// cudaError is what gorgonia.org/cu prints when CUDA does not start, before it ends the
// process.
var cudaError = regexp.MustCompile(`Error in initialization.* on: (\S+)`)

// explainProbe says why a probe failed.
func explainProbe(stdout, stderr string, err error) *noGPU {
	if m := cudaError.FindStringSubmatch(stdout); m != nil {
		if m[1] == "NoDevice" {
			return noDevice()
		}
		return &noGPU{reason: "the NVIDIA driver does not start (CUDA says " + m[1] + ")", advice: "run nvidia-smi to see why"}
	}
	last := strings.TrimSpace(stderr)
	if at := strings.LastIndexByte(last, '\n'); at >= 0 {
		last = last[at+1:]
	}
	switch {
	case strings.Contains(stderr, "libcuda.so"):
		return &noGPU{reason: "no NVIDIA driver (libcuda.so.1 is not found)", advice: "use a machine with a GPU; in a container, add --nv or --gpus"}
	case last != "":
		return &noGPU{reason: cudaProgram + " does not start: " + last, advice: "see docs/gpu.md"}
	}
	return &noGPU{reason: cudaProgram + " does not start: " + err.Error(), advice: "run nvidia-smi to see why"}
}

// findProgram is the path of genoveil-cuda, in the folder of this program.
func findProgram() (string, *noGPU) {
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self)
	}
	if err != nil {
		return "", &noGPU{reason: "the program cannot find its own directory: " + err.Error(), advice: "use --device cpu"}
	}
	path := filepath.Join(filepath.Dir(self), cudaProgram)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", &noGPU{reason: cudaProgram + " is not in " + filepath.Dir(self), advice: "build it with `make cuda` and put it beside genoveil"}
	}
	return path, nil
}

// hasDriver says that the machine has an NVIDIA driver that runs.
func hasDriver() bool {
	_, err := os.Stat("/proc/driver/nvidia/version")
	return err == nil
}

func gpuFailure(error) error { return nil }

func addProbe(*cobra.Command) {}

func newEngine(_ *session, _ string, keys *he.EvaluationKeys, threads int) (he.Engine, error) {
	return cpu.New(keys, threads)
}

// newEncryptor leaves encryption to processors.
func newEncryptor(*session, string, he.PlaneParams, *he.SecretKey, int) (he.ChunkEncryptor, func() error, error) {
	return nil, func() error { return nil }, nil
}

func newScorer(_ *session, _ string, keys *he.ScoreKeys, threads int) (he.Scorer, error) {
	return cpu.NewScorer(keys, threads)
}

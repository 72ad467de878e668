package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"genoveil/kernels/cpu/level"
)

func newDevices(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "devices",
		Short: "List GPUs and processors, and say which would be used",
		Long: `Lists the GPUs that the NVIDIA driver shows and the processors of this machine. It
then says what 'genoveil run' and 'genoveil score' would use with --device auto. They
use all GPUs. To choose among them, set CUDA_VISIBLE_DEVICES, as schedulers do.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(s.stdout, describeDevices(cmd.Context()))
			return err
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

package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"genoveil/kernels/cpu"
)

func newDevices(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "devices",
		Short: "List what there is to compute on, and what would be used",
		Long: `Lists the GPUs that the NVIDIA driver shows and the processors, and what 'genoveil run'
and 'genoveil score' use with --device auto. All GPUs are used; CUDA_VISIBLE_DEVICES,
which schedulers set, chooses among them.`,
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
	fmt.Fprintf(&text, "CPU: %s, %s\n", count(runtime.NumCPU(), "processor"), cpu.Instructions())
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

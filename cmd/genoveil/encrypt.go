package main

import (
	"runtime"

	"github.com/spf13/cobra"
)

func newEncrypt() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "encrypt (genotypes | traits | model)",
		Short: "Encrypt genotypes, traits or a model on the owner's side",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef("say what to encrypt: genotypes, traits or model")
		},
	}
	cmd.AddCommand(newEncryptGenotypes(), newEncryptTraits(), newEncryptModel())
	return cmd
}

// threadsPerProcessor bounds --threads: more do not compute faster, and take memory.
const threadsPerProcessor = 8

// threadsFlag adds --threads and applies it to the whole process. What has it
// takes long enough to be timed.
func threadsFlag(cmd *cobra.Command, threads *int) {
	timed(cmd)
	cmd.Flags().String("record", "", "when done, write what it took to this file")
	cmd.Flags().IntVar(threads, "threads", runtime.GOMAXPROCS(0), "processor threads to use")
	check := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *threads < 1 {
			return usagef("--threads must be at least 1")
		}
		if limit := threadsPerProcessor * runtime.NumCPU(); *threads > limit {
			return usagef("--threads takes up to %d on this machine, %d for each processor, not %d", limit, threadsPerProcessor, *threads)
		}
		if cmd.Flags().Changed("threads") {
			runtime.GOMAXPROCS(*threads)
		}
		return check(cmd, args)
	}
}

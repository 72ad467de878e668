package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/pipeline/site"
)

// mergeFlags say how to merge.
type mergeFlags struct {
	taskFlags
	memoryText string
	complete   bool

	memory int64 // as check read it
}

func newMerge(s *session) *cobra.Command {
	o := new(mergeFlags)
	cmd := &cobra.Command{
		Use:   "merge FILE… -o FILE",
		Short: "Add the encrypted sums of shards, or join their scores",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("give the .sums files to merge")
			}
			return nil
		},
		PreRunE: func(cmd *cobra.Command, _ []string) error { return o.check(cmd.Flags()) },
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return o.timed(cmd, s, func(ctx context.Context, s *session) error { return o.run(ctx, s, args) })
	}
	o.register(cmd.Flags())
	require(cmd, "out")
	return cmd
}

func (o *mergeFlags) register(f *pflag.FlagSet) {
	f.StringVarP(&o.out, "out", "o", "", "output; `FILE` of encrypted sums")
	f.BoolVar(&o.complete, "complete", false, "refuse to merge unless all samples are present, and list the missing ones")
	f.StringVar(&o.memoryText, "memory", "2GB", "memory to compute in; each time it is full, the files are read once more")
	o.taskFlags.register(f)
}

func (o *mergeFlags) check(f *pflag.FlagSet) (err error) {
	if err := o.taskFlags.check(f); err != nil {
		return err
	}
	if o.memory, err = parseBytes(o.memoryText); err != nil {
		return usageError{err}
	}
	return nil
}

func (o *mergeFlags) run(ctx context.Context, s *session, paths []string) error {
	if err := s.claim(&o.outputFlags, []string{o.out}, paths); err != nil {
		return err
	}
	s.warnReplaced(o.out)
	progress, finish := s.progress("files")
	job := site.MergeJob{Paths: paths, Path: o.out, Complete: o.complete, Threads: o.threads, Memory: o.memory, Progress: progress}
	merged, err := job.Run(ctx)
	finish()
	if err != nil {
		return err
	}
	n := merged.Parts.Count()
	s.log.Info(fmt.Sprintf("%s holds %d of %d samples", o.out, n, merged.Samples), "samples", n, "of", merged.Samples)
	return nil
}

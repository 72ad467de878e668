package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"genoveil/pipeline/slurm"
)

func newStatus(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "status OUT.slurm",
		Short: "Show the progress of a submitted job",
		Args:  oneJob,
		RunE:  func(cmd *cobra.Command, args []string) error { return showStatus(cmd.Context(), s.stdout, args[0]) },
	}
}

// showStatus writes how far the job of a directory is.
func showStatus(ctx context.Context, out io.Writer, dir string) error {
	job, err := slurm.Load(dir)
	if err != nil {
		return err
	}
	status, err := job.Status(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %s: %d done, %d running, %d waiting, %d missing\n", job.Dir(), count(job.Shards, "shard"),
		status.Count(slurm.Done), status.Count(slurm.Running), status.Count(slurm.Pending), status.Count(slurm.Missing))
	if status.Blind != nil {
		fmt.Fprintf(out, "waiting and running shards count as missing: %v\n", status.Blind)
	}
	for i, shard := range status.Shards {
		showShard(out, i+1, shard)
	}
	if left := status.Left(job, time.Now()); left > 0 {
		fmt.Fprintf(out, "about %s left with %s running\n", left.Round(time.Second), count(status.Count(slurm.Running), "shard"))
	}
	switch {
	case status.Merged:
		fmt.Fprintf(out, "complete: %s\n", job.Product())
	case status.Count(slurm.Missing) > 0 || status.Count(slurm.Done) == job.Shards && !status.Merging:
		fmt.Fprintf(out, "'genoveil resume %s' submits what is missing\n", job.Dir())
	}
	return nil
}

// showShard writes a line about a shard that is not done.
func showShard(out io.Writer, n int, shard slurm.Shard) {
	switch {
	case shard.State == slurm.Missing && shard.Failure != "":
		fmt.Fprintf(out, "  shard %d is missing; see %s: %s\n", n, shard.Log, shard.Failure)
	case shard.State == slurm.Missing:
		fmt.Fprintf(out, "  shard %d is missing; see %s\n", n, shard.Log)
	case shard.State == slurm.Running && shard.Share > 0:
		fmt.Fprintf(out, "  shard %d runs as %s, %.0f %% done\n", n, shard.ID, 100*shard.Share)
	case shard.State == slurm.Running:
		fmt.Fprintf(out, "  shard %d runs as %s\n", n, shard.ID)
	case shard.State == slurm.Pending:
		fmt.Fprintf(out, "  shard %d waits as %s (%s)\n", n, shard.ID, shard.Reason)
	}
}

// oneJob takes the directory of a job.
func oneJob(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("give the directory that 'genoveil submit' made")
	}
	return nil
}

package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"genoveil/pipeline/slurm"
	"genoveil/pipeline/tasks"
)

func newStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status OUT.slurm",
		Short: "Show how far a submitted job is",
		Args:  oneJob,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		job, err := slurm.Load(args[0])
		if err != nil {
			return err
		}
		status, err := job.Status(cmd.Context())
		if err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		fmt.Fprintf(out, "%s: %s: %d done, %d running, %d waiting, %d missing\n", job.Dir(), count(job.Shards, "shard"),
			status.Count(slurm.Done), status.Count(slurm.Running), status.Count(slurm.Pending), status.Count(slurm.Missing))
		for i, s := range status.Shards {
			switch s.State {
			case slurm.Missing:
				fmt.Fprintf(out, "  shard %d is missing; see %s\n", i+1, s.Log)
			case slurm.Running:
				fmt.Fprintf(out, "  shard %d runs as %s\n", i+1, s.ID)
			case slurm.Pending:
				fmt.Fprintf(out, "  shard %d waits as %s (%s)\n", i+1, s.ID, s.Reason)
			}
		}
		if left := timeLeft(job, status); left > 0 {
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
	return cmd
}

func newResume() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "resume OUT.slurm",
		Short: "Submit again what is missing of a job",
		Long: `Submits the shards of a job that are neither done nor in the queue, and the merge.
Shards that were interrupted continue from their last checkpoint.`,
		Args: oneJob,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		log := newLog(cmd)
		job, err := slurm.Load(args[0])
		if err != nil {
			return err
		}
		before := len(job.Submitted)
		shards, err := job.Submit(cmd.Context())
		if err != nil {
			return err
		}
		switch {
		case len(shards) > 0:
			log.Info("submitted "+count(len(shards), "shard")+" again", "shards", shards)
		case len(job.Submitted) > before:
			log.Info("submitted the merge again")
		default:
			log.Info("nothing is missing; 'genoveil status' shows how far it is")
		}
		return nil
	}
	return cmd
}

// oneJob takes the directory of a job.
func oneJob(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("give the directory that 'genoveil submit' made")
	}
	return nil
}

// timeLeft is how long the shards that are not done take at the pace of those that
// are, or 0 where nothing runs or nothing is done.
func timeLeft(job *slurm.Job, status *slurm.Status) time.Duration {
	running, seconds, n := status.Count(slurm.Running), 0.0, 0
	for i, s := range status.Shards {
		if s.State != slurm.Done {
			continue
		}
		if r, err := tasks.Read(job.Record(i + 1)); err == nil {
			seconds, n = seconds+r.Seconds, n+1
		}
	}
	if running == 0 || n == 0 {
		return 0
	}
	left := float64(job.Shards - status.Count(slurm.Done))
	return time.Duration(seconds / float64(n) * left / float64(running) * float64(time.Second))
}

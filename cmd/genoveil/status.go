package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"genoveil/pipeline/slurm"
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
		if status.Blind != nil {
			fmt.Fprintf(out, "what waits or runs counts as missing: %v\n", status.Blind)
		}
		for i, s := range status.Shards {
			switch {
			case s.State == slurm.Missing && s.Failure != "":
				fmt.Fprintf(out, "  shard %d is missing; see %s: %s\n", i+1, s.Log, s.Failure)
			case s.State == slurm.Missing:
				fmt.Fprintf(out, "  shard %d is missing; see %s\n", i+1, s.Log)
			case s.State == slurm.Running && s.Share > 0:
				fmt.Fprintf(out, "  shard %d runs as %s, %.0f %% done\n", i+1, s.ID, 100*s.Share)
			case s.State == slurm.Running:
				fmt.Fprintf(out, "  shard %d runs as %s\n", i+1, s.ID)
			case s.State == slurm.Pending:
				fmt.Fprintf(out, "  shard %d waits as %s (%s)\n", i+1, s.ID, s.Reason)
			}
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
		if err := checkSpelling(job); err != nil {
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

// checkSpelling refuses a job whose script has flags of before they were renamed: its
// tasks would only fail. The script is the user's, and changed by nobody else.
func checkSpelling(job *slurm.Job) error {
	script := filepath.Join(job.Dir(), slurm.ShardsName)
	text, err := os.ReadFile(script)
	if err != nil {
		return err
	}
	for old, now := range renamed {
		if strings.Contains(string(text), " --"+old+" ") {
			return fmt.Errorf("%s: --%s is now --%s; change it there first", script, old, now)
		}
	}
	return nil
}

// oneJob takes the directory of a job.
func oneJob(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("give the directory that 'genoveil submit' made")
	}
	return nil
}

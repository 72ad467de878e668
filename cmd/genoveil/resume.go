package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"genoveil/pipeline/slurm"
)

func newResume(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "resume OUT.slurm",
		Short: "Submit the missing parts of a job again",
		Long: `Submits the shards of a job that are neither done nor in the queue, and the merge.
Interrupted shards continue from their last checkpoint.`,
		Args: oneJob,
		RunE: func(cmd *cobra.Command, args []string) error { return resume(cmd.Context(), s, args[0]) },
	}
}

// resume submits what is missing of the job of a directory.
func resume(ctx context.Context, s *session, dir string) error {
	job, err := slurm.Load(dir)
	if err != nil {
		return err
	}
	if err := checkSpelling(job); err != nil {
		return err
	}
	before := len(job.Submitted)
	shards, err := job.Submit(ctx)
	if err != nil {
		return err
	}
	switch {
	case len(shards) > 0:
		s.log.Info("submitted "+count(len(shards), "shard")+" again", "shards", shards)
	case len(job.Submitted) > before:
		s.log.Info("submitted the merge again")
	default:
		s.log.Info("nothing is missing; 'genoveil status' shows its progress")
	}
	return nil
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

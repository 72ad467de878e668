package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"genoveil/pipeline/info"
)

func newInfo(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "info FILE …",
		Short: "Show what a file is, who may see it and what it holds",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("give a file or cohort directory")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return describeFiles(cmd.Context(), s, args) },
	}
}

// describeFiles describes what can be described. The last error ends the command.
func describeFiles(ctx context.Context, s *session, paths []string) (failed error) {
	described := 0
	for _, path := range paths {
		var lines []string
		err := await(ctx, func() (err error) {
			lines, err = info.Describe(path)
			return err
		})
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			if failed != nil {
				s.log.Error(failed.Error())
			}
			failed = err
			continue
		}
		if described > 0 {
			fmt.Fprintln(s.stdout)
		}
		described++
		fmt.Fprintf(s.stdout, "%s\n", printable(path))
		for _, line := range lines {
			fmt.Fprintf(s.stdout, "  %s\n", printable(line))
		}
	}
	return failed
}

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"genoveil/pipeline"
)

func newInfo() *cobra.Command {
	return &cobra.Command{
		Use:   "info FILE …",
		Short: "Say what a file is, who may see it and what it holds",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("give a file or cohort directory")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			log, described := newLog(cmd), 0
			var failed error // the last, which ends the command
			for _, path := range args {
				var lines []string
				err := await(cmd.Context(), func() (err error) {
					lines, err = pipeline.Describe(path)
					return err
				})
				if cmd.Context().Err() != nil {
					return err
				}
				if err != nil {
					if failed != nil {
						log.Error(failed.Error())
					}
					failed = err
					continue
				}
				if described > 0 {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				described++
				fmt.Fprintf(cmd.OutOrStdout(), "%s\n", printable(path))
				for _, line := range lines {
					fmt.Fprintf(cmd.OutOrStdout(), "  %s\n", printable(line))
				}
			}
			return failed
		},
	}
}

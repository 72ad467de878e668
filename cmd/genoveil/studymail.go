package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"genoveil/pipeline/study"
)

func newStudyExport(s *session) *cobra.Command {
	var o homeFlags
	var to, size, out string
	var headers bool
	cmd := &cobra.Command{
		Use:   "export DIR --home HOME --to NAME -o PREFIX [--max-size SIZE] [--headers]",
		Short: "Pack what another party's folder lacks into files to mail",
		Long: `For parties that cannot mount the folder. Packs the files of this folder that were not
packed for NAME before, apart from what NAME wrote, as PREFIX-1-of-N.genoveil and so on.
The files are signed, and what is secret in them is encrypted or masked, so a mail will
do. Their order does not matter, and a file may arrive twice.

Payloads that NAME has no use for are left out. --headers leaves out all payloads but
this party's own: for who mails to somebody that has the folder.`,
		Args: studyArgs(0, 0, ""),
		RunE: func(_ *cobra.Command, args []string) error {
			limit, err := parseBytes(size)
			if err != nil {
				return usagef("--max-size: %v", err)
			}
			d, err := study.Open(args[0])
			if err != nil {
				return err
			}
			names, err := d.Export(o.home, to, out, limit, headers)
			if err != nil {
				return err
			}
			if names == nil {
				s.log.Info("nothing new for " + to)
				return nil
			}
			s.log.Info(fmt.Sprintf("wrote %s for %s: %s", count(len(names), "file"), to, strings.Join(names, ", ")))
			return nil
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "party or person that the files are for; what was packed is remembered by this name")
	cmd.Flags().StringVar(&size, "max-size", "18MB", "largest file; a mail of 25 MB has room for 18 MB")
	cmd.Flags().BoolVar(&headers, "headers", false, "without payloads that others wrote")
	cmd.Flags().StringVarP(&out, "out", "o", "", "output; `PREFIX` of the files")
	require(cmd, "to", "out")
	o.register(cmd)
	return cmd
}

func newStudyImport(s *session) *cobra.Command {
	var o homeFlags
	cmd := &cobra.Command{
		Use:   "import DIR FILE … --home HOME",
		Short: "Put files from mails into the folder",
		Long: `Unpacks files that 'genoveil study export' made. It replaces nothing: what is there with
other content stays, and is reported. Files may come in any order, and twice.`,
		Args: studyArgs(1, 100000, " and the files"),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, path := range args[1:] {
				r, err := study.Import(args[0], o.home, path)
				if err != nil {
					return err
				}
				for _, c := range r.Conflicts {
					s.log.Warn(fmt.Sprintf("%s: %s is there with other content, and stays as it is", path, printable(c)))
				}
				for _, i := range r.Ignored {
					s.log.Warn(fmt.Sprintf("%s: %s is no file of a study, and was left out", path, printable(i)))
				}
				s.log.Info(fmt.Sprintf("%s: %d new, %d known, %d waiting for other files", path, r.New, r.Known, r.Waiting))
			}
			return nil
		},
	}
	o.register(cmd)
	return cmd
}

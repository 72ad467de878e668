package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"genoveil/pipeline/study"
)

func newStudyStatus(s *session) *cobra.Command {
	var html string
	cmd := &cobra.Command{
		Use:   "status DIR [--html FILE]",
		Short: "Show the analyses of a study, their rounds, and who is late",
		Long: `Shows what the folder has: analyses, rounds, and who has sent a message in each. It takes
no key. --html also writes it as a page that loads itself again every minute.`,
		Args: studyArgs(0, 0, ""),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := study.Open(args[0])
			if err != nil {
				return err
			}
			b, err := d.Board()
			if err != nil {
				return err
			}
			writeBoard(s.stdout, b)
			if html == "" {
				return nil
			}
			return writeFile(html, 0o666, func(w io.Writer) error { return b.WritePage(w, now()) })
		},
	}
	cmd.Flags().StringVar(&html, "html", "", "also write a page")
	return cmd
}

// writeBoard writes a board as text.
func writeBoard(w io.Writer, b *study.Board) {
	fmt.Fprintf(w, "study %s: %s\n", b.Study, strings.Join(b.Parties, ", "))
	if b.Missing != nil {
		fmt.Fprintf(w, "not joined yet: %s\n", strings.Join(b.Missing, ", "))
	}
	for v, who := range b.Programs() {
		fmt.Fprintf(w, "program %s: %s\n", printable(v), strings.Join(who, ", "))
	}
	for _, a := range b.Analyses {
		fmt.Fprintf(w, "\nanalysis %s, kind %s, expires %s\n", a.Name, a.Kind, a.Expires)
		if a.Problem != "" {
			fmt.Fprintf(w, "  %s\n", printable(a.Problem))
			continue
		}
		width := 24
		for _, r := range a.Rounds {
			line := fmt.Sprintf("  %-*s", width, r.Name)
			for _, p := range b.Parties {
				mark := strings.Repeat(" ", len(p))
				if slices.Contains(r.Sent, p) {
					mark = p
				}
				line += " " + mark
			}
			fmt.Fprintln(w, strings.TrimRight(line, " "))
		}
		switch {
		case a.Abandoned != nil:
			fmt.Fprintf(w, "  abandoned by %s\n", strings.Join(a.Abandoned, ", "))
		case len(a.Waiting) > 0:
			fmt.Fprintf(w, "  waits for %s\n", strings.Join(a.Waiting, ", "))
		}
	}
}

func newStudyAudit(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "audit DIR",
		Short: "Check every signature, transcript and payload of a study, and tell its story",
		Long: `Reads all messages of the folder and checks them with the keys and the charter that it
has. It takes no home. Whether these keys are the right ones only the phrase can tell.`,
		Args: studyArgs(0, 0, ""),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := study.Open(args[0])
			if err != nil {
				return err
			}
			all, err := d.Audit()
			if err != nil {
				return err
			}
			problems := 0
			for _, a := range all {
				fmt.Fprintf(s.stdout, "analysis %s\n", a.Name)
				for _, line := range a.Story {
					fmt.Fprintln(s.stdout, "  "+printable(line))
				}
				for _, p := range a.Problems {
					s.log.Warn(fmt.Sprintf("analysis %s: %s", a.Name, p))
				}
				problems += len(a.Problems)
			}
			if problems > 0 {
				return fmt.Errorf("%s found", count(problems, "problem"))
			}
			s.log.Info(fmt.Sprintf("%s: all messages and payloads are as they were signed", analyses(len(all))))
			return nil
		},
	}
}

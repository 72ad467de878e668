package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"genoveil/pipeline/study"
)

func newStudy(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "study COMMAND",
		Short: "Analyse the data of several institutions, of which nobody sees more than totals",
		Long: `Institutions that may not pool their data analyse it together. What each adds to a
total leaves it masked, and the masks of all cancel in the total alone. All that passes
between them is signed files in a shared folder. The commands, in order:

  one of them     genoveil study new DIR
  every party     genoveil study join DIR --site NAME --home HOME
  every party     genoveil study confirm DIR --home HOME
  anybody         genoveil study propose DIR analysis.yaml
  every party     genoveil study approve DIR --home HOME
  every party     genoveil study step DIR --home HOME --watch
  recipients      genoveil study result DIR ANALYSIS --home HOME -o NAME

HOME is a directory of the party's own, which nobody else may read. Do not copy it, and
leave it out of backups. docs/studies.md has a worked example, and what can be learnt
from a total.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("%q is not a command of 'genoveil study'", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newStudyNew(s), newStudyVariants(s), newStudyJoin(s), newStudyConfirm(s), newStudyPropose(s), newStudyApprove(s), newStudyStep(s),
		newStudyStatus(s), newStudyResult(s), newStudyAudit(s), newStudyAbandon(s), newStudyRecover(s), newStudyExport(s), newStudyImport(s))
	return cmd
}

// homeFlags say where a party keeps what is its own.
type homeFlags struct {
	home   string
	phrase *string // as it was typed
}

func (o *homeFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.home, "home", "", "directory of this party alone, with its key, its secrets and its ledger")
	require(cmd, "home")
}

// site opens the home of a study's party.
func (o *homeFlags) site(ctx context.Context, dir string) (*study.Site, error) {
	d, err := study.Open(dir)
	if err != nil {
		return nil, err
	}
	return d.OpenSite(o.home, version(), func() (string, error) { return o.passphrase(ctx) }, now())
}

// passphrase asks once, also where --watch opens the home again and again.
func (o *homeFlags) passphrase(ctx context.Context) (string, error) {
	if o.phrase == nil {
		phrase, err := askPassphrase(ctx, "Passphrase of the site's key: ")
		if err != nil {
			return "", err
		}
		o.phrase = &phrase
	}
	return *o.phrase, nil
}

// studyArgs takes the folder of a study, and then between least and most names.
func studyArgs(least, most int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < 1+least || len(args) > 1+most {
			return usagef("give the study's folder%s", what)
		}
		return nil
	}
}

// ask has a person answer a question with yes.
func (s *session) ask(question string, yes bool) error {
	if yes {
		return nil
	}
	if !s.typed() {
		return errors.New("a person has to say yes, and there is no terminal to ask on; read the above, and give --yes")
	}
	fmt.Fprintf(s.stderr, "%s [yes/no] ", question)
	line, err := bufio.NewReader(s.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(strings.ToLower(line)) != "yes" {
		return errors.New("not approved: only 'yes' is a yes")
	}
	return nil
}

// typed says whether a person types the input.
func (s *session) typed() bool {
	f, ok := s.stdin.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// yesFlag answers questions in scripts.
func yesFlag(f *pflag.FlagSet, yes *bool) {
	f.BoolVar(yes, "yes", false, "answer the question with yes; for scripts, after a person has read the same")
}

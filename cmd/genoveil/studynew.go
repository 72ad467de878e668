package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"genoveil/pipeline/study"
)

func newStudyNew(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "new DIR",
		Short: "Make the folder of a study, with a charter to fill in",
		Long: `Makes the directory DIR with a commented charter.yaml: who takes part, what is analysed,
and the rules. Edit it before anybody joins. DIR is to be where all parties can read and
write: a network folder, a synchronised one, a mounted object store. Parties without one
use 'genoveil study export' and 'import'.`,
		Args: studyArgs(0, 0, ""),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := study.Create(args[0]); err != nil {
				return err
			}
			s.log.Info(fmt.Sprintf("wrote %s/charter.yaml; edit it, and have every party join", args[0]))
			return nil
		},
	}
}

func newStudyJoin(s *session) *cobra.Command {
	var o homeFlags
	var name string
	var open bool
	cmd := &cobra.Command{
		Use:   "join DIR --site NAME --home HOME",
		Short: "Take part: make this party's key",
		Long: `Makes the signing key of the site or recipient NAME of the charter in HOME, and puts its
public half into the folder. HOME is made if it is not there; keep it on a local disk
that is not in a backup. For a site, HOME/site.yaml says which data it has: edit it.

The key is protected by a passphrase. You are asked for it, unless the environment
variable ` + passphraseVariable + ` has it.`,
		Args: studyArgs(0, 0, ""),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := study.Open(args[0])
			if err != nil {
				return err
			}
			fresh := func() (string, error) {
				if open {
					return "", nil
				}
				return newPassphrase(cmd.Context())
			}
			known := func() (string, error) { return askPassphrase(cmd.Context(), "Passphrase of the site's key: ") }
			if err := d.Join(name, o.home, fresh, known); err != nil {
				return err
			}
			s.log.Info(fmt.Sprintf("%s has joined %s; when all have, 'genoveil study confirm' has the phrase", name, d.Charter.Study))
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "site", "", "name of this site or recipient in the charter")
	cmd.Flags().BoolVar(&open, "no-passphrase", false, "keep the key without a passphrase")
	require(cmd, "site")
	o.register(cmd)
	return cmd
}

func newStudyConfirm(s *session) *cobra.Command {
	var o homeFlags
	var show bool
	cmd := &cobra.Command{
		Use:   "confirm DIR --home HOME [--show]",
		Short: "Confirm charter and keys by a phrase that all parties say to each other",
		Long: `The phrase is eight words, made of the charter and the keys of all parties. In one call
of all parties, one of them reads it out from 'genoveil study confirm --show'. Everybody
types what was read out. If somebody's program does not take it, that party has another
charter or another key in its folder, and nobody should go on.

Nothing is contributed before the phrase was typed. A later change of the charter or of
a key has everybody confirm again. Where there is no terminal the phrase is read from
standard input.`,
		Args: studyArgs(0, 0, ""),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := study.Open(args[0])
			if err != nil {
				return err
			}
			if show {
				phrase, err := d.Phrase()
				if err == nil {
					fmt.Fprintln(s.stdout, phrase)
				}
				return err
			}
			if o.home == "" {
				return usagef("--home is required")
			}
			if _, err := d.Phrase(); err != nil {
				return err
			}
			if s.typed() {
				fmt.Fprint(s.stderr, "Type the phrase that you heard: ")
			}
			typed, err := bufio.NewReader(s.stdin).ReadString('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			if strings.TrimSpace(typed) == "" {
				return errors.New("no phrase was typed")
			}
			if err := d.Confirm(o.home, typed); err != nil {
				return err
			}
			s.log.Info(fmt.Sprintf("confirmed the charter and the keys of the %d parties of %s", len(d.Keys), d.Charter.Study))
			return nil
		},
	}
	cmd.Flags().StringVar(&o.home, "home", "", "directory of this party alone, with its key, its secrets and its ledger")
	cmd.Flags().BoolVar(&show, "show", false, "print the phrase, for reading it out")
	return cmd
}

func newStudyRecover(s *session) *cobra.Command {
	var o homeFlags
	var open bool
	cmd := &cobra.Command{
		Use:   "recover DIR --home HOME",
		Short: "Make a home that was copied or restored from a backup a home again",
		Long: `A home that was copied or restored does not know what it has released since. This
abandons its analyses in this study for good, tells the others, and makes a new key. All
parties then confirm the study again. The ledger counts the abandoned analyses as
released.`,
		Args: studyArgs(0, 0, ""),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := study.Open(args[0])
			if err != nil {
				return err
			}
			known := func() (string, error) { return askPassphrase(cmd.Context(), "Passphrase of the site's key: ") }
			err = d.Recover(o.home, known, func() (string, error) {
				if open {
					return "", nil
				}
				return newPassphrase(cmd.Context())
			}, now())
			if err == nil {
				s.log.Info("abandoned the analyses of this home and made a new key; have all parties confirm the study again")
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&open, "no-passphrase", false, "keep the key without a passphrase")
	o.register(cmd)
	return cmd
}

func newStudyPropose(s *session) *cobra.Command {
	var askConsent bool
	cmd := &cobra.Command{
		Use:   "propose DIR FILE",
		Short: "Propose an analysis, or a batch of them, for approval",
		Long: `Reads a description in YAML and writes its canonical form into the folder, for all
parties to approve. Every default is written out, and the history: the earlier analyses
of the study. Several analyses stand in a list under 'batch:'.

  name: ldl-2031
  kind: meta              # or fit, forest
  trait: ldl
  genomic-control: yes

Where totals, alone or with those of earlier analyses, tell something about few sites
by themselves, the proposal is refused, with the smallest leaving-out that helps. With
--ask-consent these sites are asked for their consent instead.`,
		Args: studyArgs(1, 1, " and the file that describes the analysis"),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := study.Open(args[0])
			if err != nil {
				return err
			}
			text, err := os.ReadFile(args[1])
			if err != nil {
				return err
			}
			p, err := d.Propose(text, now(), askConsent)
			if err != nil {
				return fmt.Errorf("%s: %w", args[1], err)
			}
			for _, w := range p.Warnings {
				s.log.Warn(w)
			}
			s.log.Info(fmt.Sprintf("proposed %s; every party approves with 'genoveil study approve'", strings.Join(p.Names, ", ")))
			return nil
		},
	}
	cmd.Flags().BoolVar(&askConsent, "ask-consent", false, "ask sites that the totals expose for their consent")
	return cmd
}

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"genoveil/pipeline/study"
	"genoveil/pipeline/study/protocol"
)

// now is the time. Tests put it forward.
var now = time.Now

func newStudyApprove(s *session) *cobra.Command {
	var o homeFlags
	var yes, consent, qc, anyway bool
	cmd := &cobra.Command{
		Use:   "approve DIR [ANALYSIS …] --home HOME",
		Short: "Look at what analyses would tell, and approve them",
		Long: `Reads this party's data without changing anything, says what would leave the house and
what may be learnt from it, and asks. A yes is signed. Without names it goes through all
analyses that wait for this party's approval.

Totals may tell something about this site by itself, as in a cell of two cohorts. The
text then says EXPOSED, and the approval takes --consent.

--qc approves the quality control of analyses that have come so far: what every site
found when it compared itself with the others. Where something is wrong, the message
says what, and the association stays closed.`,
		Args: studyArgs(0, 1000, ""),
		RunE: func(cmd *cobra.Command, args []string) error {
			site, err := o.site(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer site.Close()
			if qc {
				return s.approveQC(cmd.Context(), site, args[1:], yes, anyway)
			}
			return s.approve(cmd.Context(), site, args[1:], yes, consent)
		},
	}
	o.register(cmd)
	yesFlag(cmd.Flags(), &yes)
	cmd.Flags().BoolVar(&consent, "consent", false, "consent to totals that tell something about this site by itself")
	cmd.Flags().BoolVar(&qc, "qc", false, "approve the quality control of analyses that wait for it")
	cmd.Flags().BoolVar(&anyway, "despite-problems", false, "with --qc; go on although sites reported problems")
	return cmd
}

func (s *session) approve(ctx context.Context, site *study.Site, names []string, yes, consent bool) error {
	if len(names) == 0 {
		var err error
		if names, err = site.Pending(); err != nil {
			return err
		}
		if len(names) == 0 {
			s.log.Info("no analysis waits for an approval of " + site.Name)
			return nil
		}
	}
	var questions []*study.Question
	var asked []string
	var failed error // one of several analyses does not hinder the others
	for _, name := range names {
		q, err := site.Ask(name)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		for _, line := range q.Lines {
			fmt.Fprintln(s.stdout, printable(line))
		}
		for _, p := range q.Problems {
			s.log.Warn(fmt.Sprintf("analysis %s: %s", name, p))
		}
		fmt.Fprintln(s.stdout)
		questions, asked = append(questions, q), append(asked, name)
	}
	if questions == nil {
		return failed
	}
	if err := s.ask(fmt.Sprintf("Does %s approve %s?", site.Name, strings.Join(asked, ", ")), yes); err != nil {
		return errors.Join(failed, err)
	}
	for _, q := range questions {
		if err := site.Approve(ctx, q, consent); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		s.log.Info(fmt.Sprintf("approved %s", q.Name))
	}
	return failed
}

func (s *session) approveQC(ctx context.Context, site *study.Site, names []string, yes, anyway bool) error {
	if len(names) == 0 {
		var err error
		if names, err = site.Analyses(); err != nil {
			return err
		}
	}
	reviewed := 0
	for _, name := range names {
		r, err := site.Review(ctx, name)
		if err != nil {
			if ended := (*protocol.Ended)(nil); errors.As(err, &ended) {
				continue
			}
			return err
		}
		if r == nil {
			continue
		}
		reviewed++
		for _, line := range r.Lines {
			fmt.Fprintln(s.stdout, printable(line))
		}
		for _, p := range r.Problems {
			s.log.Warn(fmt.Sprintf("analysis %s: %s", name, p))
		}
		if n := len(r.Problems); n > 0 && !anyway {
			return fmt.Errorf("analysis %q: %s in its quality control, and nothing of the association was opened. Abandon it, and have it proposed again when the data are mended. --despite-problems goes on with them as they are", name, count(n, "problem"))
		}
		if err := s.ask(fmt.Sprintf("Does %s approve the quality control of %s?", site.Name, name), yes); err != nil {
			return err
		}
		if err := site.Agree(ctx, r, anyway); err != nil {
			return err
		}
		s.log.Info(fmt.Sprintf("approved the quality control of %s", name))
	}
	if reviewed == 0 {
		s.log.Info("no analysis waits for its quality control to be approved by " + site.Name)
	}
	return nil
}

// watchPause is the time between two steps of --watch. Folders that are synchronised take
// longer.
const watchPause = 20 * time.Second

func newStudyStep(s *session) *cobra.Command {
	var o homeFlags
	var watch bool
	cmd := &cobra.Command{
		Use:   "step DIR --home HOME [--watch]",
		Short: "Do all that this party can do now",
		Long: `Does all that this party can do in all analyses that it has approved, and says what each
waits for. It may be killed at any moment: the same command goes on. The exit code is 75
while something waits, and 0 when nothing does.

--watch goes on until nothing waits any more, and looks every 20 seconds. A cron job
without --watch does as well.`,
		Args: studyArgs(0, 0, ""),
		RunE: func(cmd *cobra.Command, args []string) error {
			said := map[string]string{}
			for {
				waits, err := s.step(cmd.Context(), &o, args[0], said)
				if err != nil || !waits {
					return err
				}
				if !watch {
					return errWaits
				}
				select {
				case <-cmd.Context().Done():
					return cmd.Context().Err()
				case <-time.After(watchPause):
				}
			}
		},
	}
	cmd.Flags().BoolVar(&watch, "watch", false, "go on until nothing waits")
	o.register(cmd)
	return cmd
}

// errWaits ends a step after which something waits for others.
var errWaits = errors.New("something waits")

// step takes a step in all analyses, and says what it did not say before.
func (s *session) step(ctx context.Context, o *homeFlags, dir string, said map[string]string) (waits bool, err error) {
	site, err := o.site(ctx, dir)
	if err != nil {
		return false, err
	}
	defer site.Close()
	if changed := site.Changed(); changed != "" && said[""] != changed {
		s.log.Warn(changed + "; analyses that were approved go on as they were. Find out why, and confirm the study again")
		said[""] = changed
	}
	steps, err := site.Step(ctx)
	failed := 0
	for _, step := range steps {
		for _, n := range step.State.Notes {
			s.sayOnce(said, n, func() { s.log.Warn(n) })
		}
		text := stepText(&step)
		s.sayOnce(said, step.Name+text, func() {
			if ended := (*protocol.Ended)(nil); step.Err != nil && !errors.As(step.Err, &ended) {
				s.log.Error(text)
			} else {
				s.log.Info(text)
			}
		})
		if ended := (*protocol.Ended)(nil); step.Err != nil && !errors.As(step.Err, &ended) {
			failed++
		}
		waits = waits || step.Waits()
	}
	if err == nil && failed > 0 {
		err = fmt.Errorf("%s of this study did not go on; the messages above say why", analyses(failed))
	}
	return waits, err
}

func analyses(n int) string {
	if n == 1 {
		return "1 analysis"
	}
	return fmt.Sprintf("%d analyses", n)
}

// sayOnce says a text that was not said before.
func (s *session) sayOnce(said map[string]string, text string, say func()) {
	if _, there := said[text]; !there {
		said[text] = ""
		say()
	}
}

func stepText(step *study.Step) string {
	ended := (*protocol.Ended)(nil)
	switch {
	case errors.As(step.Err, &ended):
		return fmt.Sprintf("analysis %s: over without a result: %v", step.Name, ended)
	case step.Err != nil:
		return fmt.Sprintf("analysis %s: %v", step.Name, step.Err)
	case step.State.Done:
		return fmt.Sprintf("analysis %s: complete", step.Name)
	case step.State.Person && step.State.Round == "approve":
		return fmt.Sprintf("analysis %s: waits for this site's approval ('genoveil study approve')", step.Name)
	case step.State.Person:
		return fmt.Sprintf("analysis %s: waits for this site to approve the quality control ('genoveil study approve --qc')", step.Name)
	}
	waiting := slices.Clone(step.State.Waiting)
	return fmt.Sprintf("analysis %s: in the round %s, waits for %s", step.Name, step.State.Round, strings.Join(waiting, ", "))
}

func newStudyAbandon(s *session) *cobra.Command {
	var o homeFlags
	cmd := &cobra.Command{
		Use:   "abandon DIR ANALYSIS --home HOME",
		Short: "End an analysis for good",
		Long: `Destroys this party's secrets of an analysis and tells the others, who end it, too. What
was not opened by then can never be opened. What was opened stays in the ledger.`,
		Args: studyArgs(1, 1, " and the analysis"),
		RunE: func(cmd *cobra.Command, args []string) error {
			site, err := o.site(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer site.Close()
			if err := site.Abandon(args[1]); err != nil {
				return err
			}
			s.log.Info(fmt.Sprintf("abandoned %s", args[1]))
			return nil
		},
	}
	o.register(cmd)
	return cmd
}

func newStudyResult(s *session) *cobra.Command {
	var o homeFlags
	var out string
	var minusOwn bool
	cmd := &cobra.Command{
		Use:   "result DIR ANALYSIS --home HOME -o NAME",
		Short: "Write the tables and the report of a complete analysis",
		Long: `Writes the result on a recipient. Of kind meta: NAME.tbl (METAL's columns), NAME.ldsc.tsv
(for LD score regression and risk scores), NAME.ssf.tsv (GWAS-SSF) and NAME.html; with
several cells also those of each, as NAME.CELL.tbl. Of kind fit: NAME.coefficients.tsv,
and NAME.weights.tsv where all columns are variants. Of kind forest: NAME.forest.tsv.

--minus-own takes this site's own samples off, as for scores that it will test on them.`,
		Args: studyArgs(1, 1, " and the analysis"),
		RunE: func(cmd *cobra.Command, args []string) error {
			site, err := o.site(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer site.Close()
			r, err := site.Result(cmd.Context(), args[1], out, minusOwn)
			if err != nil {
				return err
			}
			for _, w := range r.Warnings {
				s.log.Warn(w)
			}
			for _, line := range r.Lines {
				s.log.Info(line)
			}
			s.log.Info("wrote " + strings.Join(r.Files, ", "))
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "output; `NAME` with which the files begin")
	cmd.Flags().BoolVar(&minusOwn, "minus-own", false, "without this site's own samples")
	require(cmd, "out")
	o.register(cmd)
	return cmd
}

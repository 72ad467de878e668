// Command genoveil runs genome-wide association studies on genotypes that stay
// encrypted. See README.md, or 'genoveil help'.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/site"
)

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// Exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 75 // EX_TEMPFAIL: the same command continues, or begins again
)

// run is the whole program, for main and for tests.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	// SIGTERM and SIGUSR1 are what schedulers warn with before they kill. They may send
	// several, to a job script and to its children, so that none of them may end the
	// program before it has saved what it has; a second Ctrl-C does.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGUSR1)
	defer stop()
	context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt) })

	s := newSession(args, stdin, stdout, stderr)
	root := newRoot(s)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		err = s.stdout.err
	}
	code := s.finish(ctx, cmd, err)
	if errors.Is(err, atomicfile.ErrLocked) {
		s.journal.path = "" // it is of the command that has the lock
	}
	if err := s.saveJournal(code); err != nil {
		s.log.Warn(fmt.Sprintf("the log of this command was not written: %v", err))
	}
	return code
}

// finish says why a command failed, and returns the exit code.
func (s *session) finish(ctx context.Context, cmd *cobra.Command, err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage), strings.HasPrefix(err.Error(), "unknown command"):
		fmt.Fprintf(s.stderr, "error: %s\nusage: %s\n", printable(err.Error()), cmd.UseLine())
		return exitUsage
	case errors.As(err, &halfSubmitted{}):
	case errors.Is(err, errWaits):
		return exitInterrupted
	case errors.Is(err, site.ErrContinues):
		s.log.Error(err.Error())
		return exitInterrupted
	case ctx.Err() != nil:
		s.log.Error(errInterrupted.Error())
		return exitInterrupted
	}
	s.log.Error(err.Error())
	return exitFailed
}

// errInterrupted is what an interrupted command that has saved nothing says in place
// of the error that the interrupt made somewhere inside.
var errInterrupted = errors.New("interrupted; nothing incomplete was left under a final name, and the same command starts again")

// usageError marks wrong usage of a command.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func newRoot(s *session) *cobra.Command {
	var logFormat string
	root := &cobra.Command{
		Use:   "genoveil",
		Short: "Genome-wide association studies on genotypes that stay encrypted",
		Long: `genoveil runs genome-wide association studies on genotypes that stay encrypted.

The owner of the data encrypts genotypes and traits. A compute site, which has no
secret key, evaluates them. Only the owner can decrypt the result. It equals what PLINK
would have printed. The commands, in order:

  owner    genoveil keygen
  owner    genoveil encrypt genotypes
  owner    genoveil encrypt traits
  compute  genoveil run
  owner    genoveil decrypt

For polygenic scores, with weights that the owner of the genotypes does not see:

  owner    genoveil keygen --score
  owner    genoveil encrypt genotypes --for score
  owner    genoveil panel
  model    genoveil score
  owner    genoveil decrypt --scores

'genoveil demo' shows a whole study on a simulated cohort.

For institutions that may not pool their data, and get the result of the pooled data:

  every site    genoveil study

Exit codes: 0 done, 1 failed, 2 wrong usage, 75 interrupted or waiting. After 75, give
the same command again: it continues or starts again.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Version:       version(),

		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.openLog(logFormat); err != nil {
				return err
			}
			if err := refuseEmpty(cmd.Flags()); err != nil {
				return err
			}
			return checkRequired(cmd.Flags())
		},
	}
	root.SetIn(s.stdin)
	root.SetOut(s.stdout)
	root.SetErr(s.stderr)
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { fmt.Fprint(cmd.OutOrStdout(), helpText(cmd)) })
	root.SetUsageFunc(func(cmd *cobra.Command) error { // where 'help' is asked of no command
		_, err := fmt.Fprint(cmd.OutOrStderr(), helpText(cmd))
		return err
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().StringVar(&logFormat, "log", textLog, "log as 'text' or 'json'")
	root.AddCommand(newKeygen(s), newEncrypt(s), newRun(s), newPanel(s), newScore(s), newMerge(s), newDecrypt(s), newReport(s), newCall(s), newInfo(s), newSimulate(s), newDemo(s),
		newPlan(s), newSubmit(s), newStatus(s), newResume(s), newDevices(s), newStudy(s), newManual())
	refuseUnknownTopics(root)
	addProbe(root)
	givenOnce(root)
	return root
}

// noArgs refuses positional arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("unexpected argument %q%s", args[0], belongsTo(cmd.Flags(), args[0]))
	}
	return nil
}

// belongsTo says what to do with an argument that seems to be a flag's: a modifier of
// PLINK's, or one of several files.
func belongsTo(flags *pflag.FlagSet, arg string) string {
	switch {
	case arg == "midp" && flags.Changed("hwe"):
		return "; leave it out, for --hwe always has the mid-p value"
	case arg == "ref-first" && flags.Changed("bgen"):
		return "; leave it out, for REF is the first allele unless --ref-last says otherwise"
	case arg == "ref-last" && flags.Changed("bgen"):
		return "; write --ref-last"
	case flags.Changed("bam"):
		return "; repeat --bam for every file, or list the files in one for --bam-list"
	}
	for _, name := range []string{"vcf", "bfile", "pfile", "bgen"} {
		if flags.Changed(name) {
			return fmt.Sprintf("; repeat --%s for every file, or write @ for the chromosome, as in chr@", name)
		}
	}
	return ""
}

package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/pipeline/atomicfile"
)

// newManual is for packages: 'make install' and 'make dist' call it.
func newManual() *cobra.Command {
	return &cobra.Command{
		Use:    "manual DIR",
		Short:  "Write a manual page for every command into a directory",
		Hidden: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("give the directory for the pages")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkDirectory(args[0]); err != nil {
				return err
			}
			return writeManual(cmd.Root(), args[0])
		},
	}
}

// writeManual writes the page of a command and those of its subcommands.
func writeManual(cmd *cobra.Command, dir string) error {
	// The number of processors is not the same wherever the pages are made.
	if f := cmd.Flags().Lookup("threads"); f != nil {
		f.DefValue = "all processors"
	}
	if err := atomicfile.Write(filepath.Join(dir, pageName(cmd)+".1"), manualPage(cmd), 0o666); err != nil {
		return err
	}
	for _, sub := range cmd.Commands() {
		if !sub.IsAvailableCommand() {
			continue
		}
		if err := writeManual(sub, dir); err != nil {
			return err
		}
	}
	return nil
}

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manualPage is a command's help in the language of man. The lines of its description
// are kept: they have examples and lists.
func manualPage(cmd *cobra.Command) []byte {
	var page bytes.Buffer
	fmt.Fprintf(&page, ".TH %s 1 \"\" \"genoveil %s\"\n", strings.ToUpper(pageName(cmd)), release)
	fmt.Fprintf(&page, ".SH NAME\n%s \\- %s\n", roff(pageName(cmd)), roff(cmd.Short))
	fmt.Fprintf(&page, ".SH SYNOPSIS\n%s\n", roff(cmd.UseLine()))
	if cmd.Long != "" {
		fmt.Fprintf(&page, ".SH DESCRIPTION\n.EX\n%s\n.EE\n", roff(cmd.Long))
	}
	fmt.Fprintf(&page, ".SH OPTIONS\n")
	cmd.NonInheritedFlags().VisitAll(func(f *pflag.Flag) { writeManualFlag(&page, f) })
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { writeManualFlag(&page, f) })
	var related []string
	if cmd.HasParent() {
		related = append(related, pageName(cmd.Parent()))
	}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			related = append(related, pageName(sub))
		}
	}
	fmt.Fprintf(&page, ".SH SEE ALSO\n%s(1)\n", roff(strings.Join(related, "(1), ")))
	return page.Bytes()
}

func writeManualFlag(page *bytes.Buffer, f *pflag.Flag) {
	if f.Hidden {
		return
	}
	names := `\fB` + roff("--"+f.Name) + `\fR`
	if f.Shorthand != "" {
		names = `\fB` + roff("-"+f.Shorthand) + `\fR, ` + names
	}
	_, usage := pflag.UnquoteUsage(f)
	if is := metavariable(f); is != "" {
		names += ` \fI` + roff(is) + `\fR`
	}
	switch f.DefValue {
	case "", "0", "0s", "false", "[]":
	default:
		usage += " (default " + f.DefValue + ")"
	}
	fmt.Fprintf(page, ".TP\n%s\n%s\n", names, roff(usage))
}

// roff writes text such that man prints it as it is. A line that begins with a dot or
// an apostrophe would be a request.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

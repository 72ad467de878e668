package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// everyCommand calls visit for all commands that a user can find.
func everyCommand(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			everyCommand(sub, visit)
		}
	}
}

func TestEveryCommandAndFlagIsExplained(t *testing.T) {
	commands := 0
	everyCommand(newRoot(new(session)), func(cmd *cobra.Command) {
		commands++
		if cmd.Short == "" {
			t.Errorf("%s: no short help", cmd.CommandPath())
		}
		if strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: the short help is no sentence and has no full stop", cmd.CommandPath())
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s: no help", cmd.CommandPath(), f.Name)
			}
		})
	})
	if commands != 41 { // with help
		t.Errorf("%d commands", commands)
	}
}

// TestHelpFitsTheScreen demands of all help 80 columns, and that it shows every flag once,
// with a metavariable in place of a type.
func TestHelpFitsTheScreen(t *testing.T) {
	everyCommand(newRoot(new(session)), func(cmd *cobra.Command) {
		text := helpText(cmd)
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > helpWidth {
				t.Errorf("%s: %d columns: %s", cmd.CommandPath(), n, line)
			}
		}
		for _, kind := range []string{"string", "strings", "stringArray", "int", "float", "duration", "uint"} {
			if strings.Contains(text, " "+kind+" ") {
				t.Errorf("%s: help shows the type %s", cmd.CommandPath(), kind)
			}
		}
		check := func(f *pflag.Flag) {
			if f.Hidden {
				return
			}
			if n := len(regexp.MustCompile(`(?m)^  (    |-., )--`+f.Name+`( |$)`).FindAllString(text, -1)); n != 1 {
				t.Errorf("%s: help shows --%s %d times", cmd.CommandPath(), f.Name, n)
			}
		}
		cmd.Flags().VisitAll(check)
		cmd.InheritedFlags().VisitAll(check)
	})
}

func TestHelpListsAllCommands(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"help"}, strings.NewReader(""), &stdout, &stderr); code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	for _, cmd := range newRoot(new(session)).Commands() {
		if cmd.Hidden {
			continue
		}
		if want := "\n  " + cmd.Name() + " "; !strings.Contains(stdout.String(), want) {
			t.Errorf("help does not list %s", cmd.Name())
		}
	}
	for _, step := range []string{"keygen", "encrypt genotypes", "encrypt traits", "run", "decrypt", "demo"} {
		if !strings.Contains(stdout.String(), "genoveil "+step+"\n") && !strings.Contains(stdout.String(), "'genoveil "+step+"'") {
			t.Errorf("help does not show genoveil %s in its order", step)
		}
	}
}

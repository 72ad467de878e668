package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// everyCommand calls visit for all commands that a user can find.
func everyCommand(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		everyCommand(sub, visit)
	}
}

func TestEveryCommandAndFlagIsExplained(t *testing.T) {
	commands := 0
	everyCommand(newRoot(), func(cmd *cobra.Command) {
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
	if commands != 25 {
		t.Errorf("%d commands", commands)
	}
}

func TestHelpListsAllCommands(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"help"}, strings.NewReader(""), &stdout, &stderr); code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	for _, cmd := range newRoot().Commands() {
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

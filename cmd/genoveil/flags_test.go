package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestOneWordOneMeaning demands that a flag has one type, one metavariable and one
// meaning in all commands. What a flag means is its help as far as the first semicolon;
// what follows is of one command.
func TestOneWordOneMeaning(t *testing.T) {
	// What --out names is a file, a directory or a prefix, and its metavariable says which.
	several := map[string]bool{"out": true}

	type word struct{ kind, metavariable, meaning string }
	first, where := map[string]word{}, map[string]string{}
	visit := func(cmd *cobra.Command, f *pflag.Flag) {
		meaning, _, _ := strings.Cut(f.Usage, ";")
		w := word{f.Value.Type(), metavariable(f), meaning}
		if several[f.Name] {
			w.metavariable = ""
		}
		if f.Name == "help" {
			w.meaning = "" // cobra names the command
		}
		if before, ok := first[f.Name]; !ok {
			first[f.Name], where[f.Name] = w, cmd.CommandPath()
		} else if before != w {
			t.Errorf("--%s is %q in %s and %q in %s", f.Name, before, where[f.Name], w, cmd.CommandPath())
		}
		if isSwitch := f.Value.Type() == "bool"; isSwitch != (metavariable(f) == "") {
			t.Errorf("%s --%s: type %s, metavariable %q", cmd.CommandPath(), f.Name, f.Value.Type(), metavariable(f))
		}
	}
	everyCommand(newRoot(new(session)), func(cmd *cobra.Command) {
		cmd.InitDefaultHelpFlag()
		cmd.InitDefaultVersionFlag()
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { visit(cmd, f) })
	})

	listed := map[string]bool{}
	for _, g := range flagGroups {
		g.each(func(name, _ string) {
			if listed[name] {
				t.Errorf("--%s is in two groups", name)
			}
			listed[name] = true
			if _, ok := first[name]; !ok {
				t.Errorf("no command has --%s", name)
			}
		})
	}
	for name := range first {
		if !listed[name] {
			t.Errorf("--%s is in no group", name)
		}
	}
	for old, now := range renamed {
		if _, ok := first[now]; !ok {
			t.Errorf("--%s is now --%s, which no command has", old, now)
		}
	}
	for old, now := range foreign {
		flag, _, _ := strings.Cut(strings.ReplaceAll(now, ",", " "), " ")
		if _, ok := first[flag]; !ok {
			t.Errorf("for --%s we say --%s, which no command has", old, now)
		}
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics/simulate"
)

func newDemo() *cobra.Command {
	var o simulate.Options
	var device string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Simulate a cohort and run an encrypted GWAS on it, step by step",
		Long: `Simulates a cohort, encrypts it, computes on the ciphertexts, decrypts, and compares
the table with the one computed from the plaintext genotypes, byte for byte. It runs
the same commands that you would, each role in a directory of its own.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		if err := checkDevice(device); err != nil {
			return err
		}
		if err := place(cmd, newLog(cmd), device); err != nil {
			return err
		}
		cmd.SetContext(context.WithValue(cmd.Context(), placed{}, true))
		// In a folder of its own, so that the commands are short and can be typed.
		dir, err := os.MkdirTemp("", "genoveil-demo-")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		before, err := os.Getwd()
		if err != nil {
			return err
		}
		if err := os.Chdir(dir); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.Chdir(before)) }()
		d := &demo{cmd: cmd, options: o, spent: map[string]time.Duration{}}
		return d.run()
	}
	simulateFlags(cmd, &o)
	deviceFlag(cmd, &device, autoDevice)
	return cmd
}

// The roles, and the directory of each. Files move between them as they would
// between machines.
const (
	owner = "owner"
	site  = "site"
)

var roleNames = map[string]string{owner: "the owner", site: "the compute site"}

// A demo plays both roles.
type demo struct {
	cmd     *cobra.Command
	options simulate.Options
	spent   map[string]time.Duration // by role
}

// A demoStep is one command, and what then goes to the compute site.
type demoStep struct {
	role, title, args string
	move              []string
}

func (d *demo) steps() []demoStep {
	simulated := fmt.Sprintf("simulate --samples %d --variants %d", d.options.Samples, d.options.Variants)
	d.cmd.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains([]string{"samples", "variants", "device"}, f.Name) && d.cmd.InheritedFlags().Lookup(f.Name) == nil {
			simulated += fmt.Sprintf(" --%s %s", f.Name, f.Value)
		}
	})
	evaluate := "run --cohort site/cohort --traits site/case.traits --eval-key site/eval.key -o site/case.sums"
	if device := d.cmd.Flags().Lookup("device"); device.Changed {
		evaluate += " --device " + device.Value.String()
	}
	return []demoStep{
		{owner, "simulate a cohort", simulated + " -o owner/sim", nil},
		{owner, "make keys", "keygen -o owner/keys", []string{"keys/eval.key"}},
		{owner, "encrypt the genotypes", "encrypt genotypes --vcf owner/sim.vcf.gz --keys owner/keys -o owner/cohort", []string{"cohort"}},
		{owner, "encrypt the trait", "encrypt traits --index owner/cohort.index --pheno owner/sim.pheno.txt --pheno-name CASE --keys owner/keys -o owner/case", []string{"case.traits"}},
		{site, "evaluate", evaluate, nil},
		{owner, "decrypt and check", "decrypt --sums site/case.sums --index owner/cohort.index --private owner/case.private --keys owner/keys -o owner/case", nil},
	}
}

func (d *demo) run() error {
	for dir := range roleNames {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	d.say("%s and %s are simulated and analysed encrypted.", count(d.options.Samples, "sample"), count(d.options.Variants, "variant"))
	for _, s := range d.steps() {
		if err := d.step(s); err != nil {
			return err
		}
	}
	for _, report := range []func() error{d.strongest, d.compare, d.show} {
		d.say("")
		if err := report(); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) step(s demoStep) error {
	d.say("\n%s: %s\n$ genoveil %s", roleNames[s.role], s.title, s.args)
	start := time.Now()
	command := newRoot()
	command.SetArgs(strings.Fields(s.args))
	command.SetOut(d.cmd.OutOrStdout())
	command.SetErr(d.cmd.OutOrStdout())
	if err := command.ExecuteContext(d.cmd.Context()); err != nil {
		return err
	}
	d.spent[s.role] += time.Since(start)
	for _, name := range s.move {
		if err := os.Rename(filepath.Join(owner, name), filepath.Join(site, filepath.Base(name))); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.cmd.OutOrStdout(), format+"\n", args...)
}

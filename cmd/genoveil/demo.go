package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics/simulate"
)

// demoFlags say what to show.
type demoFlags struct {
	deviceFlags
	study     bool
	options   simulate.Options
	simulated string // further flags of the simulation, as they were given
}

func newDemo(s *session) *cobra.Command {
	o := new(demoFlags)
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Simulate a cohort and run an encrypted GWAS on it, step by step",
		Long: `Simulates a cohort, encrypts it, computes on the ciphertexts and decrypts the result.
It then compares the table with the one computed from the plaintext genotypes, byte
for byte. The demo runs the same commands that you would run, each role in its own
directory.

With --study, three hospitals that may not pool their data run a meta-analysis and a
regression together, with an analyst. The result is compared with the one computed from
the pooled data.`,
		Args:    noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return o.check(cmd.Flags()) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), s) },
	}
	o.register(cmd.Flags())
	return cmd
}

func (o *demoFlags) register(f *pflag.FlagSet) {
	f.BoolVar(&o.study, "study", false, "three hospitals and an analyst instead, who run a study")
	registerSimulation(f, &o.options)
	o.deviceFlags.register(f, autoDevice)
}

func (o *demoFlags) check(f *pflag.FlagSet) error {
	f.Visit(func(flag *pflag.Flag) {
		if !slices.Contains([]string{"samples", "variants", "device", "log", "study"}, flag.Name) {
			o.simulated += fmt.Sprintf(" --%s %s", flag.Name, flag.Value)
		}
	})
	if o.study && f.NFlag() > 1 {
		return usagef("--study takes no other flags")
	}
	return o.deviceFlags.check(f)
}

// run shows it in a folder of its own, so that the commands are short and can be typed.
func (o *demoFlags) run(ctx context.Context, s *session) error {
	if o.study {
		return o.runStudy(ctx, s)
	}
	if err := s.place(ctx, &o.deviceFlags); err != nil {
		return err
	}
	d := &demo{demoFlags: o, out: s.stdout, spent: map[string]time.Duration{}}
	return inTemporary(func() error { return d.run(ctx) })
}

// inTemporary does something in a folder of its own, which is gone afterwards.
func inTemporary(do func() error) (err error) {
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
	return do()
}

// The roles, and the directory of each. Files move between them as they would
// between machines.
const (
	ownerRole = "owner"
	siteRole  = "site"
)

var roleNames = map[string]string{ownerRole: "the owner", siteRole: "the compute site"}

// A demo plays both roles.
type demo struct {
	*demoFlags
	out   io.Writer
	spent map[string]time.Duration // by role
}

// A demoStep is one command, and what then goes to the compute site.
type demoStep struct {
	role, title, args string
	move              []string
}

func (d *demo) steps() []demoStep {
	simulated := fmt.Sprintf("simulate --samples %d --variants %d%s", d.options.Samples, d.options.Variants, d.simulated)
	evaluate := "run --cohort site/cohort --traits site/case.traits --eval-key site/eval.key -o site/case.sums"
	if d.chosen {
		evaluate += " --device " + d.device
	}
	return []demoStep{
		{ownerRole, "simulate a cohort", simulated + " -o owner/sim", nil},
		{ownerRole, "make keys", "keygen -o owner/keys", []string{"keys/eval.key"}},
		{ownerRole, "encrypt the genotypes", "encrypt genotypes --vcf owner/sim.vcf.gz --keys owner/keys -o owner/cohort", []string{"cohort"}},
		{ownerRole, "encrypt the trait", "encrypt traits --index owner/cohort.index --pheno owner/sim.pheno.txt --pheno-name CASE --keys owner/keys -o owner/case", []string{"case.traits"}},
		{siteRole, "evaluate", evaluate, nil},
		{ownerRole, "decrypt and check", "decrypt --sums site/case.sums --index owner/cohort.index --private owner/case.private --keys owner/keys -o owner/case", nil},
	}
}

func (d *demo) run(ctx context.Context) error {
	for dir := range roleNames {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	d.say("%s and %s are simulated and analysed encrypted.", count(d.options.Samples, "sample"), count(d.options.Variants, "variant"))
	for _, s := range d.steps() {
		if err := d.step(ctx, s); err != nil {
			return err
		}
	}
	for _, report := range []func(context.Context) error{d.strongest, d.compare, d.show} {
		d.say("")
		if err := report(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) step(ctx context.Context, s demoStep) error {
	d.say("\n%s: %s\n$ genoveil %s", roleNames[s.role], s.title, s.args)
	start := time.Now()
	called := newSession(nil, strings.NewReader(""), d.out, d.out)
	called.placed = true // as the demo is
	command := newRoot(called)
	command.SetArgs(strings.Fields(s.args))
	if err := command.ExecuteContext(ctx); err != nil {
		return err
	}
	d.spent[s.role] += time.Since(start)
	for _, name := range s.move {
		if err := os.Rename(filepath.Join(ownerRole, name), filepath.Join(siteRole, filepath.Base(name))); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.out, format+"\n", args...)
}

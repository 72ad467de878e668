package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"genoveil/genomics/simulate"
)

// The parties of the demonstration of a study, and how large it is.
var (
	hospitals = []string{"brno", "lund", "porto"}
	analyst   = "analyst"
)

const (
	hospitalSamples  = 500
	hospitalVariants = 2000
	mostSteps        = 60 // of every party; a fit of nine rounds takes 30
)

// A studyDemo plays all parties of a study.
type studyDemo struct {
	out  io.Writer
	data *simulate.Consortium
	show loudness
}

// A loudness is what is shown of commands.
type loudness int

const (
	whole       loudness = iota // the command and what it prints
	commandLine                 // the command
	nothing
)

// runStudy shows a study in a folder of its own.
func (o *demoFlags) runStudy(ctx context.Context, s *session) error {
	return inTemporary(func() error { return (&studyDemo{out: s.stdout}).run(ctx) })
}

func (d *studyDemo) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

func (d *studyDemo) parties() []string { return append(slices.Clone(hospitals), analyst) }

func (d *studyDemo) run(ctx context.Context) error {
	d.say("Three hospitals, which may not pool their data, and an analyst, who has none.")
	for _, step := range []func(context.Context) error{d.simulate, d.begin, d.join, d.propose, d.takeSteps, d.results, d.compare, d.whoSaw} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// command runs a command as a party would type it.
func (d *studyDemo) command(ctx context.Context, stdin, args string) error {
	if d.show < nothing {
		d.say("$ genoveil %s", args)
	}
	out := io.Discard
	if d.show == whole {
		out = d.out
	}
	called := newSession(nil, strings.NewReader(stdin), out, out)
	command := newRoot(called)
	command.SetArgs(strings.Fields(args))
	err := command.ExecuteContext(ctx)
	if errors.Is(err, errWaits) {
		return nil
	}
	return err
}

// simulate gives each hospital a home with its data.
func (d *studyDemo) simulate(context.Context) (err error) {
	d.data, err = simulate.NewConsortium(hospitals, hospitalSamples, hospitalVariants, 1)
	d.say("Each hospital has %d people and its own table of %d variants (simulated).", hospitalSamples, hospitalVariants)
	return err
}

const demoCharter = `study: demo
sites: [brno, lund, porto]
recipients: [analyst]
traits: [{name: ldl, kind: quantitative, sd: 1.1, unit: mmol/l}]
variants: variants.tsv
`

func (d *studyDemo) begin(ctx context.Context) error {
	d.say("\nOne of them makes the folder, and writes the charter:")
	if err := d.command(ctx, "", "study new folder"); err != nil {
		return err
	}
	for name, text := range map[string][]byte{"charter.yaml": []byte(demoCharter), "variants.tsv": d.data.List} {
		if err := os.WriteFile(filepath.Join("folder", name), text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

func (d *studyDemo) join(ctx context.Context) error {
	d.say("\nEvery party makes its key:")
	for _, p := range d.parties() {
		if err := d.command(ctx, "", fmt.Sprintf("study join folder --site %s --home %s --no-passphrase", p, p)); err != nil {
			return err
		}
	}
	for _, h := range hospitals {
		files := map[string][]byte{
			"ldl.regenie": d.data.Tables[h], "people.tsv": d.data.Rows[h],
			"site.yaml": []byte("strata:\n- {ancestry: all, cohort: Hospital of " + h + ", tables: {ldl: {file: ldl.regenie, build: 38}}, rows: people.tsv}\n"),
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(h, name), text, 0o600); err != nil {
				return err
			}
		}
	}
	d.say("\nIn a call, one reads the phrase of the study out, and every party types what it hears:")
	var phrase bytes.Buffer
	called := newSession(nil, strings.NewReader(""), &phrase, d.out)
	command := newRoot(called)
	command.SetArgs([]string{"study", "confirm", "folder", "--show"})
	if err := command.ExecuteContext(ctx); err != nil {
		return err
	}
	d.say("$ genoveil study confirm folder --show\n%s", strings.TrimSpace(phrase.String()))
	d.show = commandLine
	for _, p := range d.parties() {
		if err := d.command(ctx, phrase.String(), "study confirm folder --home "+p); err != nil {
			return err
		}
	}
	return nil
}

const demoAnalyses = `batch:
- {name: ldl, kind: meta, trait: ldl, genomic-control: yes}
- {name: prs, kind: fit, model: linear, outcome: ldl, columns: [age, sex, prs]}
`

func (d *studyDemo) propose(ctx context.Context) error {
	d.say("\nThe analyst proposes a meta-analysis and a regression on everybody's rows:")
	if err := os.WriteFile("analyses.yaml", []byte(demoAnalyses), 0o666); err != nil {
		return err
	}
	d.show = whole
	if err := d.command(ctx, "", "study propose folder analyses.yaml"); err != nil {
		return err
	}
	d.say("\nEvery party reads what would leave the house, and approves. What %s reads:", hospitals[0])
	for _, p := range d.parties() {
		if err := d.command(ctx, "", "study approve folder --yes --home "+p); err != nil {
			return err
		}
		d.show = commandLine
	}
	return nil
}

// takeSteps has all parties take steps until the recipient has everything.
func (d *studyDemo) takeSteps(ctx context.Context) error {
	d.say("\nFrom here on the program goes on by itself ('step --watch', or cron):")
	for range mostSteps {
		before, err := messages("folder")
		if err != nil {
			return err
		}
		for _, p := range d.parties() {
			if err := d.command(ctx, "", "study step folder --home "+p); err != nil {
				return err
			}
		}
		d.show = nothing
		if after, err := messages("folder"); err != nil || before == after {
			break
		}
	}
	d.show = whole
	d.say("\nWhere it is, as everybody can look up:")
	return d.command(ctx, "", "study status folder")
}

// messages counts the messages in a study's folder.
func messages(dir string) (n int, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".msg") {
			n++
		}
		return err
	})
	return n, err
}

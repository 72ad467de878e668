// Command scores compares encrypted scores with PLINK 2's --score.
//
//	go run ./benchmarks/scores
//	go run ./benchmarks/scores -vcf cohort.vcf.gz -weights model.txt -simulated 100000
//
// It builds genoveil and takes HapMap 3, unless you give other genotypes. It scores two
// models: a --score table, and a simulated one whose effect alleles are REF or ALT.
// Frequencies are those of 'plink2 --freq'. Every command of docs/scoring.md runs as a
// process of its own, with a hidden model and with an encrypted one. Two things must hold
// for every sample. The decrypted table equals, byte for byte, what the same fixed-point
// weights give on the plaintext. And each score S is within 5e-6·|S| + 1e-6·SD(S) of
// PLINK's, which has six digits.
//
// Times are processor time, user and system.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"genoveil/genomics/score"
	"genoveil/he"
)

func main() {
	const hapmap3 = "../shared/data/hapmap3/"
	vcfPath := flag.String("vcf", hapmap3+"hapmap3.vcf.gz", "genotypes, with IDs")
	weights := flag.String("weights", hapmap3+"causal.txt", "a --score table with a header and one column of weights")
	simulated := flag.Int("simulated", 10000, "number of weights of the simulated model")
	seed := flag.Uint64("seed", 1, "seed of the simulated model")
	dir := flag.String("dir", "", "directory for temporary files, about 45 bytes a genotype")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dir, *vcfPath, *weights, *simulated, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "scores:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, dir, vcfPath, weights string, simulated int, seed uint64) error {
	dir, err := os.MkdirTemp(dir, "scores-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{ctx: ctx, dir: dir}
	cohort, err := readCohort(vcfPath)
	if err != nil {
		return err
	}
	if simulated > len(cohort.variants) {
		return fmt.Errorf("-simulated: %s has only %d variants", vcfPath, len(cohort.variants))
	}
	if err := errors.Join(renameScore(weights, b.path("given.txt"), "given"), cohort.simulate(b.path("simulated.txt"), simulated, seed)); err != nil {
		return err
	}
	files := []string{b.path("given.txt"), b.path("simulated.txt")}
	if err := b.plink(vcfPath, files); err != nil {
		return err
	}
	frequencies := b.path("plink.afreq")
	model, err := cohort.match(files, frequencies)
	if err != nil {
		return err
	}
	if _, err := b.time("go", "build", "-o", b.path("genoveil"), "genoveil/cmd/genoveil"); err != nil {
		return err
	}
	for _, mode := range []struct {
		purpose string
		plan    func(V int64) (he.ScoreParams, error)
	}{{"score", he.PlanScore}, {"private-model", he.PlanPrivateModel}} {
		params, err := mode.plan(1)
		if err != nil {
			return err
		}
		table, err := b.encrypted(mode.purpose, vcfPath, files, frequencies)
		if err != nil {
			return err
		}
		limits := score.Limits{Answer: params.MaxAnswer(), Norm: params.MaxNorm(), Steps: 1}
		plain, err := cohort.table(model, limits, params.N(), vcfPath)
		if err != nil {
			return err
		}
		if !bytes.Equal(table, plain) {
			return fmt.Errorf("%s: the decrypted table differs from that of the plaintext in fixed point", mode.purpose)
		}
		fmt.Printf("%-13s  decrypted table equals the plaintext's in fixed point\n", mode.purpose)
		for _, name := range model.Names {
			if err := b.comparePlink(mode.purpose, name, table); err != nil {
				return err
			}
		}
	}
	return nil
}

// A bench runs programs in a directory.
type bench struct {
	ctx context.Context
	dir string
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// encrypted runs the program as both sides would, and returns the table of scores.
func (b *bench) encrypted(purpose, vcfPath string, files []string, frequencies string) ([]byte, error) {
	p := func(name string) string { return b.path(purpose + "." + name) }
	var weights []string
	for _, f := range files {
		weights = append(weights, "--weights", f)
	}
	weights = append(weights, "--read-freq", frequencies)
	scoring := append([]string{"score", "--panel", p("vcf.gz")}, weights...)
	steps := [][]string{
		{"keygen", "--score", "-o", p("keys")},
		{"encrypt", "genotypes", "--for", purpose, "--vcf", vcfPath, "--keys", p("keys"), "-o", p("cohort")},
		{"panel", "--index", p("cohort.index"), "-o", p("vcf.gz")},
	}
	if purpose == "private-model" {
		scoring = []string{"score", "--encrypted-model", p("model")}
		steps[2] = append([]string{"encrypt", "model", "--index", p("cohort.index"), "--keys", p("keys"), "-o", b.path(purpose)}, weights...)
	}
	steps = append(steps, append(scoring, "--cohort", p("cohort"), "--eval-key", p("keys/eval-score.key"), "-o", p("scores")),
		[]string{"decrypt", "--scores", p("scores"), "--index", p("cohort.index"), "--keys", p("keys"), "-o", b.path(purpose)})
	for _, step := range steps {
		used, err := b.time(b.path("genoveil"), step...)
		if err != nil {
			return nil, err
		}
		fmt.Printf("%-13s  %7.2f s  genoveil %s\n", purpose, used.Seconds(), strings.Join(step[:words(step)], " "))
	}
	table, err := os.ReadFile(p("sscore"))
	if err != nil {
		return nil, err
	}
	return table, os.RemoveAll(p("cohort"))
}

// words counts the words before the first flag.
func words(args []string) int {
	for i, arg := range args {
		if strings.HasPrefix(arg, "-") {
			return i
		}
	}
	return len(args)
}

// time runs a program and returns the processor time that it took.
func (b *bench) time(program string, args ...string) (time.Duration, error) {
	cmd := exec.CommandContext(b.ctx, program, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// renameScore copies a table of one score under another name, as two scores may not
// share one.
func renameScore(from, to, name string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	header, rest, _ := strings.Cut(string(text), "\n")
	fields := strings.Fields(header)
	if len(fields) != 3 {
		return fmt.Errorf("%s: %d columns; give a table of ID, allele and one weight", from, len(fields))
	}
	if _, err := strconv.ParseFloat(fields[2], 64); err == nil {
		return fmt.Errorf("%s: give a table with a header", from)
	}
	return os.WriteFile(to, []byte("ID\tA1\t"+name+"\n"+rest), 0o644)
}

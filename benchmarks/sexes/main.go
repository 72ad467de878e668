// Command sexes compares tables of a cohort of both sexes with PLINK's, on all chromosomes.
//
//	go run ./benchmarks/sexes
//	go run ./benchmarks/sexes -seed 7 -repeat 20
//
// It needs PLINK 1.9 and PLINK 2. It builds genoveil and simulates a cohort of males, females
// and samples of unknown sex, on 1 to 22, X with its pseudo-autosomal regions, Y and
// mitochondria. Calls are missing, some of one sex alone, and where a sample has one copy of
// a chromosome some are heterozygous. Every seed is another cohort. It goes two ways:
//
//   - as a PLINK 1 fileset with XY and the sexes in its .fam file;
//   - as a VCF with haploid calls and all of X in one, with --sex and --split-par.
//
// Every command runs as a process of its own, up to the decrypted tables. Then these hold:
//
//   - .assoc and .model equal PLINK 1.9's, byte for byte;
//   - .glm.linear and .glm.logistic have PLINK 2's lines, their columns up to OBS_CT, and its
//     error codes, but for those of a fit that failed (docs/from-sums-to-p-values.md);
//   - their statistics are as near to PLINK 2's as compare.go says;
//   - --maf, --geno, --chr and --split-par leave the variants that PLINK 2 leaves.
//
// PLINK 2 counts a heterozygous call of one copy as half a copy. It is told to make it
// missing, as PLINK 1.9 does.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	seed := flag.Uint64("seed", 1, "seed of the first cohort")
	repeat := flag.Int("repeat", 1, "number of cohorts, of as many seeds from the first on")
	samples := flag.Int("samples", 300, "number of samples")
	variants := flag.Int("variants", 2000, "number of variants")
	dir := flag.String("dir", "", "directory for temporary files, about 100 MB for every 500 samples")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dir, *seed, *repeat, *samples, *variants); err != nil {
		fmt.Fprintln(os.Stderr, "sexes:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, seed uint64, repeat, samples, variants int) error {
	if samples < 100 || variants < 100 {
		return fmt.Errorf("%d samples and %d variants: give at least 100 of each, or regressions have nothing to fit", samples, variants)
	}
	dir, err := os.MkdirTemp(dir, "sexes-")
	if err != nil {
		return err
	}
	b := &bench{ctx: ctx, dir: dir, worst: map[string]difference{}}
	err = b.call("go", "build", "-o", b.path("genoveil"), "genoveil/cmd/genoveil")
	if err == nil {
		err = b.genoveil("keygen", "-o", b.path("keys"))
	}
	for i := range uint64(repeat) {
		if err == nil {
			err = b.cohort(seed+i, samples, variants)
		}
		if err != nil {
			return fmt.Errorf("seed %d: %w\nThe files are in %s", seed+i, err, dir)
		}
		fmt.Printf("seed %d: %d samples × %d variants, as BED and as VCF: tables and filters are PLINK's\n", seed+i, samples, variants)
	}
	b.report()
	return os.RemoveAll(dir)
}

// A bench runs programs in a directory.
type bench struct {
	ctx   context.Context
	dir   string
	worst map[string]difference // by statistic and kind of chromosome

	oneSex map[string]bool // variants of X at which hardly anybody of one sex is called
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) genoveil(args ...string) error { return b.call(b.path("genoveil"), args...) }

func (b *bench) call(program string, args ...string) error {
	if out, err := exec.CommandContext(b.ctx, program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, out)
	}
	return nil
}

// cohort simulates a cohort and compares everything.
func (b *bench) cohort(seed uint64, samples, variants int) error {
	var err error
	if b.oneSex, err = simulate(b.path("sim"), seed, samples, variants); err != nil {
		return err
	}
	vcf := []string{"--vcf", b.path("sim.vcf"), "--split-par", "b38"}
	for _, way := range []struct {
		name          string
		ours, plink2s []string
	}{
		{"bed", []string{"--bfile", b.path("sim")}, []string{"--bfile", b.path("sim")}},
		{"vcf", append(vcf, "--sex", b.path("sim.psam")), append(vcf, "--psam", b.path("sim.psam"))},
	} {
		if err := b.plink(way.name, way.plink2s); err != nil {
			return err
		}
		if err := b.tables(way.name, way.ours); err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
		if err := b.filters(way.name, way.ours); err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
	}
	return nil
}

// Command compare measures an encrypted GWAS from end to end, and PLINK on the
// plaintext of the same cohort.
//
//	go run ./benchmarks/compare
//	go run ./benchmarks/compare --samples 512 --variants 262144 --tags noavx512 --json noavx512.json
//
// It builds genoveil and simulates a cohort without missing calls (two planes per
// genotype). It runs every step as a process of its own, as a user would, and reports
// what the operating system counts for the process. All input is in the page cache. A
// genotype is one sample at one variant. A core-ns is a nanosecond of processor time,
// user and system.
//
// Evaluation has a cost per sample and column, the expansion, whatever the number of
// variants. It also has a cost per genotype. Hence two figures: "all in" is the whole
// process divided by its genotypes, and "slope" is what the second half of the variants
// adds to the first. Everything is repeated. Every repetition runs ours and theirs in
// turn. Medians are reported; ratios are medians of the ratios within a repetition.
// Machines differ and are noisy: compare ratios.
//
// If PLINK 1.9 is installed, the decrypted table must equal its --assoc byte for byte.
// genoveil decrypt itself checks all sums.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"genoveil/pipeline/format"
)

// options are what is measured.
type options struct {
	Samples    int    `json:"samples"`
	Variants   int    `json:"variants"`
	Covariates int    `json:"covariates"`
	Threads    int    `json:"threads"`
	Repeat     int    `json:"repeat"`
	Tags       string `json:"tags"` // of go build
}

func main() {
	var o options
	flag.IntVar(&o.Samples, "samples", 256, "number of `samples`")
	flag.IntVar(&o.Variants, "variants", 131072, "number of `variants`: whole blocks, and an even number of them")
	flag.IntVar(&o.Covariates, "covariates", 10, "number of covariates of the logistic regression")
	flag.IntVar(&o.Threads, "threads", 1, "threads, and processors, of every program; the double is measured too where there are as many processors")
	flag.IntVar(&o.Repeat, "repeat", 3, "repetitions")
	flag.StringVar(&o.Tags, "tags", "", "build tags of genoveil, such as noavx512")
	dir := flag.String("dir", "", "directory for about 60 bytes a genotype of temporary files")
	out := flag.String("json", "", "`file` for all figures")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, *dir, *out); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, dir, out string) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	dir, err = os.MkdirTemp(dir, "compare-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{
		ctx: ctx, options: o, dir: dir, progress: os.Stderr,
		plink1: findPlink(ctx, "PLINK v1.9", "plink1.9", "plink"),
		plink2: findPlink(ctx, "PLINK v2", "plink2", "plink"),
	}
	r, err := b.run()
	if err != nil {
		return err
	}
	if out != "" {
		if err := r.writeJSON(out); err != nil {
			return err
		}
	}
	return r.print(os.Stdout)
}

// check refuses what cannot be measured. Half of the variants have to fill
// blocks, or the slope would count the padding of the last one.
func (o options) check() error {
	if o.Samples < 2 || o.Covariates < 1 || o.Threads < 1 || o.Repeat < 1 {
		return fmt.Errorf("there must be at least 2 samples, and 1 covariate, thread and repetition")
	}
	params, err := format.Plan(o.Samples, format.HardCalls)
	if err != nil {
		return err
	}
	if pair := 2 * params.N(); o.Variants < pair || o.Variants%pair != 0 {
		return fmt.Errorf("%d variants; give a multiple of %d, two blocks", o.Variants, pair)
	}
	return nil
}

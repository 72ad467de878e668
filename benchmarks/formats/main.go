// Command formats measures how fast each format of genotypes is read, beside PLINK 2.
//
//	go run ./benchmarks/formats
//	go run ./benchmarks/formats -samples 5000 -variants 50000 -repeat 5
//
// It simulates a cohort, and PLINK 2 writes it in all formats. What is read must be the same
// in all of them: they are read once to compare that, and then to measure.
//
// Ours: a process that reads all rows through the Source of the format, as encryption does.
//
// PLINK 2 has no command that only reads. Theirs is the least that takes in all genotypes:
//
//   - of BED and PGEN, --freq. It counts calls without looking at single ones; of dosages it
//     takes the sums.
//   - of VCF and BGEN, --make-pgen. Its time includes a first pass over the file and writing a
//     .pgen file, for every import makes one.
//
// Nothing is subtracted. Times are of whole processes, with their start. They run in turn,
// bound to as many processors as they have threads, on files in the page cache. Medians are
// reported; ratios are medians of the ratios within a repetition. A genotype is one sample at
// one variant.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"genoveil/benchmarks/internal/process"
)

func main() {
	samples := flag.Int("samples", 2000, "number of samples")
	variants := flag.Int("variants", 20000, "number of variants")
	repeat := flag.Int("repeat", 3, "repetitions")
	dir := flag.String("dir", "", "directory for about 8 bytes a genotype of temporary files")
	read := flag.String("read", "", "read a file of this format, for the program itself")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *read != "" {
		err = readFile(*read, flag.Arg(0), flag.Arg(1))
	} else {
		err = run(ctx, *dir, *samples, *variants, *repeat)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "formats:", err)
		stop()
		os.Exit(1)
	}
}

// A bench has the formats measured so far.
type bench struct {
	ctx       context.Context
	dir, self string
	genotypes float64
	formats   []*format
}

func run(ctx context.Context, dir string, samples, variants, repeat int) error {
	dir, err := os.MkdirTemp(dir, "formats-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	b := &bench{ctx: ctx, dir: dir, self: self, formats: formats()}
	fmt.Fprintln(os.Stderr, "simulating and writing")
	if err := b.write(samples, variants); err != nil {
		return err
	}
	if err := b.sameRows(); err != nil {
		return err
	}
	threads := []int{1}
	if n := runtime.NumCPU(); n > 1 {
		threads = append(threads, n)
	}
	for i := range repeat {
		fmt.Fprintf(os.Stderr, "repetition %d of %d\n", i+1, repeat)
		for _, n := range threads {
			for _, f := range b.formats {
				if err := b.measure(f, n); err != nil {
					return err
				}
			}
		}
	}
	b.print(samples, threads, repeat)
	return nil
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// measure reads a format with both programs.
func (b *bench) measure(f *format, threads int) error {
	ours, err := process.Run(b.ctx, threads, b.self, "-read", f.reader, b.path(f.file))
	if err != nil {
		return err
	}
	args := append(f.plink(b.path), "--threads", strconv.Itoa(threads), "--out", b.path("read"))
	theirs, err := process.Run(b.ctx, threads, "plink2", args...)
	if err != nil {
		return err
	}
	f.ours[threads], f.theirs[threads] = append(f.ours[threads], ours), append(f.theirs[threads], theirs)
	return nil
}

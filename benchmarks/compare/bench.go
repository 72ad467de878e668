package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"genoveil/benchmarks/internal/process"
)

// Names of the two cohorts: all variants, and the first half of them.
const (
	whole = "whole"
	half  = "half"
)

// A bench has the steps measured so far. After the first error, which err
// keeps, its methods do nothing.
type bench struct {
	options
	ctx            context.Context
	dir, genoveil  string
	plink1, plink2 plink
	progress       io.Writer
	steps          []*step
	err            error
}

// run measures everything.
func (b *bench) run() (*result, error) {
	b.genoveil = b.path("genoveil")
	b.prepare()
	for i := 0; i < b.Repeat && b.err == nil; i++ {
		fmt.Fprintf(b.progress, "repetition %d of %d\n", i+1, b.Repeat)
		b.encryptGenotypes()
		b.chi2()
		b.logistic()
	}
	if b.err != nil {
		return nil, b.err
	}
	return b.result()
}

// prepare builds the program and makes the cohorts and the keys.
func (b *bench) prepare() {
	fmt.Fprintln(b.progress, "building and simulating")
	b.call("go", "build", "-buildvcs=auto", "-tags", b.Tags, "-o", b.genoveil, "genoveil/cmd/genoveil")
	b.call(b.genoveil, "simulate", "--samples", strconv.Itoa(b.Samples), "--variants", strconv.Itoa(b.Variants),
		"--covariates", strconv.Itoa(b.Covariates), "--missing", "0", "-o", b.path("sim"))
	for name, variants := range map[string]int{whole: b.Variants, half: b.Variants / 2} {
		b.do(func() error { return convert(b.path(name), b.path("sim.vcf.gz"), b.path("sim.pheno.txt"), variants) })
	}
	b.call(b.genoveil, "keygen", "-o", b.path("keys"))
}

// threads are the numbers of threads to measure with: the one asked for, and
// the double where there are as many processors.
func (b *bench) threads() []int {
	if 2*b.Threads > runtime.NumCPU() {
		return []int{b.Threads}
	}
	return []int{b.Threads, 2 * b.Threads}
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// do keeps the first error.
func (b *bench) do(action func() error) {
	if b.err == nil {
		b.err = action()
	}
}

// call runs a program that is not measured.
func (b *bench) call(program string, args ...string) {
	b.do(func() error {
		_, err := process.Run(b.ctx, 0, program, args...)
		return err
	})
}

// measure runs a program on one of the cohorts and adds what it took to its
// step. The step stays without a measurement where the program is not installed.
func (b *bench) measure(name string, threads int, cohort, program string, args ...string) *step {
	s := b.step(name, threads)
	if program == "" {
		return s
	}
	b.do(func() error {
		if err := settle(); err != nil {
			return err
		}
		u, err := process.Run(b.ctx, threads, program, args...)
		if cohort == half {
			s.Half = append(s.Half, u)
		} else {
			s.Whole = append(s.Whole, u)
		}
		return err
	})
	return s
}

// step finds a step, or adds it after the others.
func (b *bench) step(name string, threads int) *step {
	for _, s := range b.steps {
		if s.Name == name && s.Threads == threads {
			return s
		}
	}
	s := &step{Name: name, Threads: threads, Genotypes: int64(b.Samples) * int64(b.Variants)}
	b.steps = append(b.steps, s)
	return s
}

// bytes sets how much a step wrote: a file, or all files in a directory.
func (s *step) bytes(path string) error {
	s.Bytes = 0
	return filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			s.Bytes += info.Size()
		}
		return err
	})
}

func (b *bench) remove(names ...string) {
	for _, name := range names {
		b.do(func() error { return os.RemoveAll(b.path(name)) })
	}
}

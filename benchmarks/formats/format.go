package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"genoveil/benchmarks/internal/process"
)

// A format is a file with the cohort.
type format struct {
	name, file string
	reader     string                                  // as -read names it
	plink      func(path func(string) string) []string // reads the file
	rounded    bool                                    // it cannot hold the dosages of the others
	dosages    bool

	ours, theirs map[int][]process.Usage // by threads
	rows         rows
	bytes        int64 // of the file with genotypes
}

const ds = "dosage=DS"

// formats are those of calls, then those of dosages.
func formats() (all []*format) {
	add := func(name, file, reader string, plink ...string) *format {
		f := &format{name: name, file: file, reader: reader, ours: map[int][]process.Usage{}, theirs: map[int][]process.Usage{}}
		f.plink = func(path func(string) string) []string {
			args := []string{plink[0], path(file)}
			for _, arg := range plink[1:] {
				if filepath.Ext(arg) == ".sample" {
					arg = path(arg)
				}
				args = append(args, arg)
			}
			return args
		}
		all = append(all, f)
		return f
	}
	for _, kind := range []string{"calls", "dosages"} {
		first := len(all)
		if kind == "calls" {
			add("VCF.gz, calls", "calls.vcf.gz", "vcf", "--vcf", "--make-pgen")
			add("BED", "calls", "bed", "--bfile", "--freq")
		} else {
			add("VCF.gz, DS", "dosages.vcf.gz", "vcf-ds", "--vcf", ds, "--make-pgen")
		}
		suffix := map[string]string{"calls": "", "dosages": "-ds"}[kind]
		add("PGEN, "+kind, kind, "pgen"+suffix, "--pfile", "--freq")
		add("BGEN 8 bits zlib, "+kind, kind+"8.bgen", "bgen"+suffix, "--bgen", "ref-first", "--sample", kind+"8.sample", "--make-pgen").rounded = kind == "dosages"
		add("BGEN 16 bits zstd, "+kind, kind+"16.bgen", "bgen"+suffix, "--bgen", "ref-first", "--sample", kind+"16.sample", "--make-pgen")
		for _, f := range all[first:] {
			f.dosages = kind == "dosages"
		}
	}
	return all
}

// write simulates the cohort and has PLINK write it in all formats.
func (b *bench) write(samples, variants int) error {
	call := func(program string, args ...string) error {
		_, err := process.Run(b.ctx, 0, program, args...)
		return err
	}
	err := errors.Join(
		call("go", "build", "-o", b.path("genoveil"), "genoveil/cmd/genoveil"),
		call(b.path("genoveil"), "simulate", "--samples", fmt.Sprint(samples), "--variants", fmt.Sprint(variants), "--dosage", "-o", b.path("sim")),
	)
	if err != nil {
		return err
	}
	if err := call("plink2", "--vcf", b.path("sim.vcf.gz"), "--make-bed", "--out", b.path("calls")); err != nil {
		return err
	}
	for kind, input := range map[string][]string{"calls": {"--bfile", b.path("calls")}, "dosages": {"--vcf", b.path("sim.vcf.gz"), ds}} {
		if err := call("plink2", append(input, "--make-pgen", "--out", b.path(kind))...); err != nil {
			return err
		}
		for out, export := range map[string][]string{"": {"vcf", "bgz"}, "8": {"bgen-1.2", "bits=8", "ref-first"}, "16": {"bgen-1.3", "bits=16", "ref-first"}} {
			args := append([]string{"--pfile", b.path(kind), "--out", b.path(kind + out), "--export"}, export...)
			if out == "" && kind == "dosages" {
				args = append(args, "vcf-dosage=DS")
			}
			if err := call("plink2", args...); err != nil {
				return err
			}
		}
	}
	for _, f := range b.formats {
		suffix := map[string]string{"bed": ".bed", "pgen": ".pgen", "pgen-ds": ".pgen"}[f.reader]
		info, err := os.Stat(b.path(f.file + suffix))
		if err != nil {
			return err
		}
		f.bytes = info.Size()
	}
	b.genotypes = float64(samples) * float64(variants)
	return nil
}

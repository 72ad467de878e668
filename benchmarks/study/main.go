// Command study measures studies of several institutions.
//
//	go run ./benchmarks/study
//	go run ./benchmarks/study -only meta -sites 12 -variants 12000000 -core -mail -parallel 2
//
// It has three parts:
//
//   - masks: a million words of one of 64 sites are masked on one core, beside AES-256 in
//     counter mode alone over as many bytes, in turn.
//   - meta: a whole study of kind meta on simulated tables, from the approval to the table of
//     results.
//   - fit: a whole study of kind fit, a logistic regression with ten columns.
//
// Every command of a site is a process of its own, on one core, whose time and peak memory
// the operating system counts. With -mail one site does not see the folder: all that it sends
// and is sent goes through files of at most -max-size. These are counted.
//
// What is equal on this disk is kept once: what a site sent, which its home has as well, and
// the copies of the list of variants. A real site has both.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

type options struct {
	sites, variants, columns, rows, parallel, repeat int
	core, full, mail, recipient                      bool
	maxSize                                          int64
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == childCommand {
		child(os.Args[2:])
		return
	}
	var o options
	only := flag.String("only", "masks,meta,fit", "parts to measure")
	flag.IntVar(&o.sites, "sites", 64, "number of sites")
	flag.IntVar(&o.variants, "variants", 100_000, "number of variants of the list")
	flag.IntVar(&o.columns, "columns", 10, "columns of the fit")
	flag.IntVar(&o.rows, "rows", 2000, "rows of each site of the fit")
	flag.IntVar(&o.parallel, "parallel", runtime.NumCPU(), "sites at work at the same time, each on one core")
	flag.IntVar(&o.repeat, "repeat", 15, "repetitions of masks")
	flag.BoolVar(&o.core, "core", false, "add up core sums alone")
	flag.BoolVar(&o.full, "heterogeneity", false, "add up sums of squares, too")
	flag.BoolVar(&o.mail, "mail", false, "the last site mails files")
	flag.BoolVar(&o.recipient, "mail-recipient", false, "with -mail; the last site receives the result, as all others do")
	flag.Int64Var(&o.maxSize, "max-size", 18_000_000, "bytes of a file to mail")
	dir := flag.String("dir", "", "directory for temporary files: about 16 bytes a site, variant and word, and 50 bytes a site and variant")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dir, strings.Split(*only, ","), &o); err != nil {
		fmt.Fprintln(os.Stderr, "study:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, parts []string, o *options) error {
	dir, err := os.MkdirTemp(dir, "study-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	b := &bench{ctx: ctx, self: self, options: o, out: os.Stdout, log: os.Stderr}
	for _, part := range []struct {
		name string
		run  func() error
	}{
		{"masks", func() error { return b.masks() }},
		{"meta", func() error { return b.meta(filepath.Join(dir, "meta")) }},
		{"fit", func() error { return b.fit(filepath.Join(dir, "fit")) }},
	} {
		if !slices.Contains(parts, part.name) {
			continue
		}
		if err := part.run(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

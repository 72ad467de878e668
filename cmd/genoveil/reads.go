package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"genoveil/genomics/bam"
	"genoveil/genomics/chrom"
	"genoveil/genomics/sites"
	"genoveil/genomics/text"
)

// bamFlags say which reads to call genotypes from, and how.
type bamFlags struct {
	bams        []string
	list, sites string
	options     bam.Options
}

func (b *bamFlags) register(f *pflag.FlagSet) {
	f.StringArrayVar(&b.bams, "bam", nil, "BAM file of one sample, - for standard input; may be repeated")
	f.StringVar(&b.list, "bam-list", "", "file that lists BAM files, one a line")
	f.StringVar(&b.sites, "sites", "", "VCF of the sites to call, plain, gzip or BGZF; - for standard input")
	f.IntVar(&b.options.MinGQ, "min-gq", 20, "least genotype quality; calls with less are missing")
	f.IntVar(&b.options.MinDepth, "min-depth", 4, "least number of fragments that show REF or ALT; calls with fewer are missing")
	f.IntVar(&b.options.MinMapQ, "min-mq", 20, "least mapping quality of a read")
	f.IntVar(&b.options.MinBaseQ, "min-bq", 13, "least quality of a base")
}

// given reports whether any BAM files are named.
func (b *bamFlags) given() bool { return len(b.bams) > 0 || b.list != "" }

// ownFlags are the flags that mean nothing without BAM files.
var ownFlags = []string{"sites", "min-gq", "min-depth", "min-mq", "min-bq"}

// check refuses flags that make no sense, whatever the files.
func (b *bamFlags) check(f *pflag.FlagSet) error {
	if !b.given() {
		for _, name := range ownFlags {
			if f.Changed(name) {
				return usagef("--%s needs --bam or --bam-list", name)
			}
		}
		return nil
	}
	if b.sites == "" {
		return usagef("--bam needs --sites, a VCF of the sites to call")
	}
	for _, bound := range []struct {
		flag           string
		value, lo, top int
	}{
		{"min-gq", b.options.MinGQ, 0, 99}, {"min-depth", b.options.MinDepth, 1, 65535},
		{"min-mq", b.options.MinMapQ, 0, 254}, {"min-bq", b.options.MinBaseQ, 0, 93},
	} {
		if bound.value < bound.lo || bound.value > bound.top {
			return usagef("--%s takes a whole number from %d to %d, not %d", bound.flag, bound.lo, bound.top, bound.value)
		}
	}
	return nil
}

// paths names the BAM files.
func (b *bamFlags) paths() ([]string, error) {
	paths := slices.Clone(b.bams)
	if b.list != "" {
		more, err := readLines(b.list, "BAM files")
		if err != nil {
			return nil, err
		}
		paths = append(paths, more...)
	}
	if i := slices.Index(paths, "-"); i >= 0 && (b.sites == "-" || slices.Contains(paths[i+1:], "-")) {
		return nil, errors.New("standard input (-) is given twice; give one of the files by its name, or as <(COMMAND)")
	}
	return paths, nil
}

// inputs names all files that are read.
func (b *bamFlags) inputs(ctx context.Context) (paths []string, err error) {
	err = await(ctx, func() (err error) {
		paths, err = b.paths()
		return err
	})
	return append(slices.Clone(paths), b.list, b.sites), err
}

// open opens the BAM files and the sites, of which only those on some chromosomes are
// called if chroms selects any.
func (b *bamFlags) open(ctx context.Context, stdin io.Reader, chroms *chrom.Selection, threads int) (*bam.Caller, error) {
	paths, err := b.paths()
	if err != nil {
		return nil, err
	}
	given := []givenFile{{sitesFlag, b.sites}}
	for _, path := range paths {
		given = append(given, givenFile{bamFlag, path})
	}
	if err := checkFormats(given); err != nil {
		return nil, err
	}
	var called *sites.Reader
	if b.sites == "-" {
		called, err = sites.NewReader(interruptible(ctx, stdin), "standard input")
	} else if pipe, failed := openPipe(ctx, b.sites); pipe != nil || failed != nil {
		if err = failed; err == nil {
			called, err = sites.NewReader(pipe, b.sites)
		}
	} else {
		called, err = sites.Open(b.sites)
	}
	if err != nil {
		return nil, err
	}
	called.Only(chroms)
	options := b.options
	options.Threads = threads
	options.Pipe = func(path string) (io.Reader, error) {
		if path == "-" {
			return interruptible(ctx, stdin), nil
		}
		return openPipe(ctx, path)
	}
	return bam.Open(ctx, called, paths, options)
}

// readLines reads the lines of a list of files that are not empty.
func readLines(path, what string) ([]string, error) {
	in, err := text.Open(path, 1<<20, "a list of "+what)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var lines []string
	for {
		line, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if line := strings.TrimSpace(string(line)); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s names no %s", path, what)
	}
	return lines, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/biogo/hts/bgzf"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics"
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
	f.StringArrayVar(&b.bams, "bam", nil, "BAM file of one sample; may be repeated")
	f.StringVar(&b.list, "bam-list", "", "file that names BAM files, one a line")
	f.StringVar(&b.sites, "sites", "", "VCF of the sites to call, plain, gzip or BGZF; - for standard input")
	f.IntVar(&b.options.MinGQ, "min-gq", 20, "least genotype quality; calls below it are missing")
	f.IntVar(&b.options.MinDepth, "min-depth", 4, "least number of fragments that show REF or ALT; calls below it are missing")
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
	if b.list == "" {
		return b.bams, nil
	}
	more, err := readLines(b.list)
	return append(slices.Clone(b.bams), more...), err
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
func (b *bamFlags) open(cmd *cobra.Command, chroms *chrom.Selection, threads int) (*bam.Caller, error) {
	paths, err := b.paths()
	if err != nil {
		return nil, err
	}
	var called *sites.Reader
	if b.sites == "-" {
		called, err = sites.NewReader(interruptible(cmd.Context(), cmd.InOrStdin()), "standard input")
	} else if pipe, failed := openPipe(cmd.Context(), b.sites); pipe != nil || failed != nil {
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
	return bam.Open(cmd.Context(), called, paths, options)
}

// readLines reads the lines of a file that are not empty.
func readLines(path string) ([]string, error) {
	in, err := text.Open(path, 1<<20, "a list of BAM files")
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
		return nil, fmt.Errorf("%s names no BAM files", path)
	}
	return lines, nil
}

// logSkipped says what was left out, and logNotes what the reads were like.
func logSkipped(log *slog.Logger, skipped map[string]int) {
	for _, reason := range slices.Sorted(maps.Keys(skipped)) {
		n := skipped[reason]
		log.Info(fmt.Sprintf("%s left out: %s", count(n, "variant"), reason), "variants", n, "reason", reason)
	}
}

// selectChromosomes reads --chr; nil where it is not given.
func selectChromosomes(list []string) (*chrom.Selection, error) {
	if len(list) == 0 {
		return nil, nil
	}
	s, err := chrom.Select(list)
	if err != nil {
		return nil, usagef("--chr: %w", err)
	}
	return s, nil
}

// logAbsent says which chromosomes of --chr the input does not have.
func logAbsent(log *slog.Logger, s *chrom.Selection) {
	if s == nil || s.Absent() == "" {
		return
	}
	log.Warn(fmt.Sprintf("--chr: the input has no variant on %s; it has variants on %s", s.Absent(), s.Met()), "absent", s.Absent())
}

func logNotes(log *slog.Logger, notes []genomics.Note) {
	for _, note := range notes {
		level := slog.LevelInfo
		if note.Warning {
			level = slog.LevelWarn
		}
		log.Log(context.Background(), level, note.Text)
	}
}

func newCall() *cobra.Command {
	var in bamFlags
	var chr []string
	var out string
	var threads int
	cmd := &cobra.Command{
		Use:   "call (--bam FILE | --bam-list FILE) --sites FILE -o FILE",
		Short: "Call genotypes from BAM files, to look at them",
		Long: `Writes the genotypes that 'encrypt genotypes --bam' encrypts as a VCF (BGZF), for
people who want to look at them. It is not needed for encryption.

docs/bam.md says which reads are used and how genotypes are called.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if !in.given() {
			return usagef("give --bam or --bam-list")
		}
		if err := in.check(cmd.Flags()); err != nil {
			return err
		}
		chroms, err := selectChromosomes(chr)
		if err != nil {
			return err
		}
		inputs, err := in.inputs(cmd.Context())
		if err != nil {
			return err
		}
		if err := claim(cmd, []string{out}, inputs); err != nil {
			return err
		}
		var caller *bam.Caller
		err = await(cmd.Context(), func() (err error) {
			caller, err = in.open(cmd, chroms, threads)
			return err
		})
		if err != nil {
			return err
		}
		defer caller.Close()
		log.Info(count(len(caller.Samples()), "sample")+" to call", "samples", len(caller.Samples()))
		var failed error // of the input: it does not concern the file written
		// Genotypes of persons are for their owner alone.
		err = writeFile(out, 0o600, func(w io.Writer) error {
			z := bgzf.NewWriter(w, threads)
			failed = bam.WriteVCF(z, caller, "##source=genoveil call")
			return errors.Join(failed, z.Close())
		})
		if failed != nil {
			return failed
		}
		if err != nil {
			return err
		}
		logSkipped(log, caller.Skipped())
		logAbsent(log, chroms)
		logNotes(log, caller.Notes())
		log.Info("wrote "+out, "file", out)
		return nil
	}
	in.register(cmd.Flags())
	cmd.Flags().StringSliceVar(&chr, "chr", nil, "chromosomes to keep: names and ranges, such as 1-22,X")
	cmd.Flags().StringVarP(&out, "out", "o", "", "output; `FILE`, a VCF (.vcf.gz)")
	threadsFlag(cmd, &threads)
	require(cmd, "out")
	return cmd
}

package main

import (
	"context"
	"errors"
	"io"

	"github.com/biogo/hts/bgzf"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics/bam"
	"genoveil/genomics/chrom"
)

// callFlags say what to call.
type callFlags struct {
	taskFlags
	in  bamFlags
	chr []string

	chroms *chrom.Selection // as check read chr
}

func newCall(s *session) *cobra.Command {
	o := new(callFlags)
	cmd := &cobra.Command{
		Use:   "call (--bam FILE | --bam-list FILE) --sites FILE -o FILE",
		Short: "Call genotypes from BAM files, to look at them",
		Long: `Writes the genotypes that 'encrypt genotypes --bam' encrypts as a VCF (BGZF), so that
you can look at them. You do not need it for encryption.

docs/bam.md says which reads are used and how genotypes are called.`,
		Args:    noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return o.check(cmd.Flags()) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.timed(cmd, s, o.run) },
	}
	o.register(cmd.Flags())
	require(cmd, "out")
	return cmd
}

func (o *callFlags) register(f *pflag.FlagSet) {
	o.in.register(f)
	f.StringSliceVar(&o.chr, "chr", nil, "chromosomes to keep: names and ranges, such as 1-22,X")
	f.StringVarP(&o.out, "out", "o", "", "output; `FILE`, a VCF (.vcf.gz)")
	o.taskFlags.register(f)
}

func (o *callFlags) check(f *pflag.FlagSet) (err error) {
	if err := o.taskFlags.check(f); err != nil {
		return err
	}
	if !o.in.given() {
		return usagef("give --bam or --bam-list")
	}
	if err := o.in.check(f); err != nil {
		return err
	}
	o.chroms, err = selectChromosomes(o.chr)
	return err
}

func (o *callFlags) run(ctx context.Context, s *session) error {
	inputs, err := o.in.inputs(ctx)
	if err != nil {
		return err
	}
	if err := s.claim(&o.outputFlags, []string{o.out}, inputs); err != nil {
		return err
	}
	var caller *bam.Caller
	err = await(ctx, func() (err error) {
		caller, err = o.in.open(ctx, s.stdin, o.chroms, o.threads)
		return err
	})
	if err != nil {
		return err
	}
	defer caller.Close()
	s.log.Info(count(len(caller.Samples()), "sample")+" to call", "samples", len(caller.Samples()))
	if err := o.write(caller); err != nil {
		return err
	}
	logSkipped(s.log, caller.Skipped())
	logAbsent(s.log, o.chroms)
	logNotes(s.log, caller.Notes())
	s.log.Info("wrote "+o.out, "file", o.out)
	return nil
}

// write writes the calls. Genotypes of persons are for their owner alone.
func (o *callFlags) write(caller *bam.Caller) error {
	var failed error // of the input: it does not concern the file written
	err := writeFile(o.out, 0o600, func(w io.Writer) error {
		z := bgzf.NewWriter(w, o.threads)
		failed = bam.WriteVCF(z, caller, "##source=genoveil call")
		return errors.Join(failed, z.Close())
	})
	if failed != nil {
		return failed
	}
	return err
}

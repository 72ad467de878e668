package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics"
	"genoveil/genomics/assoc"
	"genoveil/genomics/bam"
	"genoveil/genomics/bed"
	"genoveil/genomics/chrom"
	"genoveil/genomics/panel"
	"genoveil/genomics/pheno"
	"genoveil/genomics/vcf"
	"genoveil/he"
	"genoveil/pipeline"
)

// genotypeFlags say which genotypes to read.
type genotypeFlags struct {
	vcf, bfile   string
	regions      []string
	keep, remove string
	chr          []string
	chroms       *chrom.Selection // of chr, nil for all
	maf, geno    float64
	dosage       string
	half         string
	panel        string
	reads        bamFlags
	caller       *bam.Caller // once opened, where there are BAM files

	notes  func() []genomics.Note // of the file, once opened; nil for none
	loaded int                    // assoc.IDWidth over the variants that --chr leaves
}

// genotypes are what the sources of hard calls and dosages have in common.
type genotypes interface {
	Samples() []string
	Skipped() map[string]int
	Close() error
}

// cohortFlags say how to make a cohort of genotypes.
type cohortFlags struct {
	in                     genotypeFlags
	keys, out              string
	shardText, purposeText string
	device                 string
	threads                int
	renew                  bool

	shard   pipeline.Shard // as check read them
	purpose pipeline.Purpose
}

func newEncryptGenotypes() *cobra.Command { return new(cohortFlags).command() }

func (o *cohortFlags) command() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "genotypes (--vcf FILE | --bfile PREFIX | --bam FILE… --sites FILE) --keys DIR -o DIR",
		Short: "Encrypt a VCF, a PLINK fileset, or what BAM files show",
		Long: `Encrypts genotypes into the directory DIR (upload it to the compute site) and
writes DIR.index (keep it: it has the samples' names and the variants).

VCF may be plain, gzip or BGZF; '-' reads standard input, for example from
'bcftools view'. Only biallelic sites with called genotypes (GT) are used; others
are counted and left out. A haploid call counts as homozygous.

A call of which one allele is missing, such as 1/., is an error, unless --half-call says
what it is: missing; reference (the missing allele is REF); or haploid (1/. is 1). Odd
records are counted and left out, and the log says where the first is.

With --dosage-field DS, GP or HDS, imputed dosages are encrypted instead, in thousandths. They
take 20 bytes a genotype and plane instead of 12, and eval-dosage.key at the
compute site (keygen --dosage).

With --bam (or --bam-list), one file a sample, genotypes are called from reads at the
biallelic SNVs of the VCF --sites, and encrypted at once: no genotype is written to
disk. docs/bam.md says how; 'genoveil call' shows the calls.

With --for score, the cohort is encrypted for polygenic scores instead of a GWAS: a
model's owner evaluates its weights on it (docs/scoring.md), 'genoveil panel' writes
the list of variants that it needs, and --panel takes such a list from it and
encrypts exactly those variants. With --for private-model the model is encrypted, too.

With --shard i/n, n tasks encrypt one cohort together on a file system that they share,
in any order. Each takes every n-th block of variants, and whichever ends last writes
the index: the cohort is that of one task. Give all the same input, filters and name.
Each reads the whole input, at 3 ns a genotype from compressed VCF and 1 ns from BED;
encrypting takes 35 and more on a core. So shards of more than a dozen cores together
need BED, and calling from BAM files gains little from shards.

With --device cuda or auto, GPUs encrypt. Their memory holds the secret key and
genotypes meanwhile, so that it takes asking for. It saves processors' time; where
these keep up with the disk, nothing else.

With --renew-check, nothing is encrypted. DIR.index gets new keys for the check of
results, computed from the genotypes: give the files and filters that the cohort was
encrypted with. The old index is kept as DIR.index.before-1; queries that are under
way decrypt with that one. docs/security.md says when to renew.

If it is interrupted, the same command continues where it stopped.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if err := o.check(cmd); err != nil {
			return err
		}
		if err := place(cmd, log, o.device); err != nil {
			return err
		}
		source, fitted, secret, err := o.open(cmd, log)
		if err != nil {
			return err
		}
		defer source.Close()
		index := o.out + ".index"
		if err := begin(cmd, index); err != nil {
			return err
		}
		log.Info(count(len(source.Samples()), "sample")+" to encrypt", "samples", len(source.Samples()))
		progress, finish := newProgress(cmd, log, "variants")
		job := pipeline.GenotypeJob{Purpose: o.purpose, Secret: secret, Dir: o.out, Index: index, Threads: o.threads, Shard: o.shard, Progress: progress,
			IDWidth: func() int { return o.in.loaded }}
		encoding := pipeline.HardCalls
		switch source := source.(type) {
		case genomics.Source:
			job.Source = source
		case genomics.DosageSource:
			job.Dosages, encoding = source, pipeline.Dosages
		}
		if o.renew {
			kept, err := job.RenewCheck(cmd.Context())
			finish()
			if err != nil {
				return err
			}
			log.Info(fmt.Sprintf("%s has new keys of the check; decrypt queries of before with %s", job.Index, kept), "index", job.Index, "kept", kept)
			return nil
		}
		if job.Params, err = o.purpose.Plan(len(source.Samples()), encoding); err != nil {
			return err
		}
		if chain := job.Params.Chain(); o.purpose != pipeline.GWAS {
			log.Info(fmt.Sprintf("for scores, genotypes take %d bytes each and plane, with %d-bit security", 4*len(chain.Sums), chain.Security()),
				"bytes", 4*len(chain.Sums), "security", chain.Security())
		} else if encoding == pipeline.Dosages {
			log.Info(fmt.Sprintf("dosages take %d bytes each and plane (calls take 12), with %d-bit security", 4*len(chain.Sums), chain.Security()),
				"bytes", 4*len(chain.Sums), "security", chain.Security())
		}
		encryptor, release, err := newEncryptor(cmd, log, o.device, job.Params, secret, o.threads)
		if err != nil {
			return err
		}
		job.Encryptor = encryptor
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(o.threads + pipeline.Writers))
		result, err := job.Run(cmd.Context())
		if failed := release(); failed != nil {
			log.Warn(failed.Error())
		}
		finish()
		if err != nil && cmd.Context().Err() != nil {
			return pipeline.ErrContinues
		}
		none := errors.Is(err, pipeline.ErrNoVariants)
		if err == nil || none {
			logSkipped(log, source.Skipped())
			if o.in.notes != nil {
				logNotes(log, o.in.notes())
			}
		}
		if none && o.in.chroms != nil {
			if none := o.in.chroms.Check(); none != nil {
				return none
			}
		}
		if err != nil {
			return err
		}
		logAbsent(log, o.in.chroms)
		if fitted != nil {
			n := fitted()
			log.Info(fmt.Sprintf("%s of %s found, %d with REF and ALT exchanged; %d are missing in all samples", count(n.Found, "variant"), o.in.panel, n.Turned, n.Absent),
				"found", n.Found, "turned", n.Turned, "absent", n.Absent)
		}
		if result.Resumed > 0 {
			log.Info("kept from the interrupted run: "+count(result.Resumed, "block"), "blocks", result.Resumed)
		}
		describe(cmd, o.shardText, o.threads, int64(result.Variants)*int64(result.Samples))
		if len(result.Left) > 0 {
			log.Info(fmt.Sprintf("shard %s done: %s in %s, %s in %s; still to come: %s", o.shard, count(result.Variants, "variant"), count(len(result.Blocks), "block"), humanBytes(result.Bytes()), o.out, count(len(result.Left), "shard")),
				"shard", o.shard.String(), "variants", result.Variants, "blocks", len(result.Blocks), "bytes", result.Bytes(), "shards_left", len(result.Left))
			return nil
		}
		log.Info(fmt.Sprintf("encrypted %s of %s in %s: %s in %s (upload), %s (keep)",
			count(result.Variants, "variant"), count(result.Samples, "sample"), count(len(result.Blocks), "block"), humanBytes(result.Bytes()), o.out, job.Index),
			"variants", result.Variants, "samples", result.Samples, "blocks", len(result.Blocks), "bytes", result.Bytes())
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&o.in.vcf, "vcf", "", "VCF file, plain, gzip or BGZF; - for standard input")
	f.StringVar(&o.in.bfile, "bfile", "", "prefix of a PLINK 1 fileset (.bed, .bim, .fam)")
	o.in.reads.register(f)
	f.StringSliceVar(&o.in.regions, "region", nil, "chr or chr:from-to, through the VCF's tabix or CSI index; may be repeated")
	f.StringVar(&o.in.keep, "keep", "", "file of samples to keep")
	f.StringVar(&o.in.remove, "remove", "", "file of samples to leave out")
	f.StringSliceVar(&o.in.chr, "chr", nil, "chromosomes to keep: names and ranges, such as 1-22,X")
	f.Float64Var(&o.in.maf, "maf", 0, "least minor allele frequency")
	f.Float64Var(&o.in.geno, "geno", 1, "largest share of missing calls")
	f.StringVar(&o.in.dosage, "dosage-field", "", "field of imputed dosages to encrypt in place of calls, DS, GP or HDS")
	f.StringVar(&o.in.half, "half-call", string(vcf.HalfError), "what calls such as 1/. are in a VCF; missing, reference, haploid or error")
	f.StringVar(&o.purposeText, "for", pipeline.GWAS.String(), "what the cohort is for: gwas, score or private-model")
	f.StringVar(&o.in.panel, "panel", "", "list of the cohort's variants, of 'genoveil panel'; exactly these are encrypted")
	f.StringVar(&o.keys, "keys", "", "directory with secret.key")
	f.StringVarP(&o.out, "out", "o", "", "output; `DIR` of the cohort, and DIR.index beside it")
	f.BoolVar(&o.renew, "renew-check", false, "give the cohort's index new keys of the check, and encrypt nothing")
	f.StringVar(&o.shardText, "shard", "1/1", "part i/n of the work; of the blocks of variants")
	threadsFlag(cmd, &o.threads)
	deviceFlag(cmd, &o.device, cpuDevice)
	require(cmd, "keys", "out")
	return cmd
}

// check refuses flags that make no sense, whatever the files.
func (o *cohortFlags) check(cmd *cobra.Command) (err error) {
	if err := o.in.check(cmd.Flags()); err != nil {
		return err
	}
	if o.purpose, err = pipeline.ParsePurpose(o.purposeText); err != nil {
		return usageError{err}
	}
	if o.in.panel != "" && o.purpose == pipeline.GWAS {
		return usagef("--panel is for scoring; add --for score or --for private-model")
	}
	for _, name := range []string{"region", "chr", "maf", "geno"} {
		if o.in.panel != "" && cmd.Flags().Changed(name) {
			return usagef("--panel says which variants to encrypt; leave out --%s", name)
		}
	}
	if o.shard, err = pipeline.ParseShard(o.shardText); err != nil {
		return usageError{err}
	}
	if o.renew && (o.purpose != pipeline.GWAS || o.shard != pipeline.Whole) {
		return usagef("--renew-check is for a whole cohort for a GWAS; leave out --for and --shard")
	}
	return checkDevice(o.device)
}

// open opens the key and the genotypes.
func (o *cohortFlags) open(cmd *cobra.Command, log *slog.Logger) (source genotypes, fitted func() panel.Notes, secret *he.SecretKey, err error) {
	inputs, err := o.in.inputs(cmd.Context())
	if err != nil {
		return nil, nil, nil, err
	}
	if err := checkNewDirectory(o.out); err != nil {
		return nil, nil, nil, err
	}
	if err := checkOutputs(cmd, []string{o.out + ".index"}, append(inputs, filepath.Join(o.keys, secretName))); err != nil {
		return nil, nil, nil, err
	}
	if secret, err = loadSecret(cmd.Context(), o.keys); err != nil {
		return nil, nil, nil, err
	}
	err = await(cmd.Context(), func() (err error) {
		source, err = o.in.open(cmd, log, o.threads)
		return err
	})
	if err != nil {
		return nil, nil, nil, err
	}
	aligned, fitted, err := o.in.aligned(cmd.Context(), source)
	if err != nil {
		return nil, nil, nil, errors.Join(err, source.Close())
	}
	return aligned, fitted, secret, nil
}

// rehearse does what a task does before it computes.
func (o *cohortFlags) rehearse(cmd *cobra.Command, log *slog.Logger) error {
	if err := o.check(cmd); err != nil {
		return err
	}
	source, _, _, err := o.open(cmd, log)
	if err != nil {
		return err
	}
	return source.Close()
}

// check refuses flags that make no sense, whatever the files. The comparisons are
// written such that NaN fails them.
func (g *genotypeFlags) check(f *pflag.FlagSet) error {
	inputs := 0
	for _, given := range []bool{g.vcf != "", g.bfile != "", g.reads.given()} {
		if given {
			inputs++
		}
	}
	switch {
	case inputs != 1:
		return usagef("give one of --vcf, --bfile and --bam (or --bam-list)")
	case len(g.regions) > 0 && g.reads.given():
		return usagef("--region needs --vcf; use --chr with --bam")
	case g.dosage != "" && g.reads.given():
		return usagef("--dosage-field needs --vcf; from BAM files genotypes are called")
	case len(g.regions) > 0 && g.bfile != "":
		return usagef("--region needs --vcf; use --chr with --bfile")
	case len(g.regions) > 0 && g.vcf == "-":
		return usagef("--region needs a file with an index; use --chr with standard input")
	case g.dosage != "" && !slices.Contains(vcf.DosageFields, g.dosage):
		return usagef("--dosage-field takes %s, not %q", strings.Join(vcf.DosageFields, ", "), g.dosage)
	case !slices.Contains(halfCalls, vcf.HalfCalls(g.half)):
		return usagef("--half-call takes missing, reference, haploid or error, not %q", g.half)
	case f.Changed("half-call") && g.vcf == "":
		return usagef("--half-call needs --vcf")
	case g.dosage != "" && g.bfile != "":
		return usagef("--dosage-field needs --vcf; a PLINK 1 fileset has no dosages")
	case !(g.maf >= 0 && g.maf <= 0.5):
		return usagef("--maf takes a frequency from 0 to 0.5, not %v", g.maf)
	case !(g.geno >= 0 && g.geno <= 1):
		return usagef("--geno takes a share from 0 to 1, not %v", g.geno)
	}
	var err error
	if g.chroms, err = selectChromosomes(g.chr); err != nil {
		return err
	}
	return g.reads.check(f)
}

// inputs names the files that are read.
func (g *genotypeFlags) inputs(ctx context.Context) ([]string, error) {
	paths, err := g.reads.inputs(ctx)
	if g.bfile != "" {
		paths = append(paths, withSuffixes(g.bfile, ".bed", ".bim", ".fam")...)
	}
	return append(paths, g.vcf, g.keep, g.remove, g.panel), err
}

// aligned brings genotypes into the order of the list --panel, if there is one. fitted
// then tells, at the end, how they fitted.
func (g *genotypeFlags) aligned(ctx context.Context, source genotypes) (aligned genotypes, fitted func() panel.Notes, err error) {
	if g.panel == "" {
		return source, nil, nil
	}
	var list *panel.List
	err = await(ctx, func() (err error) {
		list, err = panel.Read(g.panel)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if dosages, ok := source.(genomics.DosageSource); ok {
		a, err := list.AlignDosages(dosages)
		if err != nil {
			return nil, nil, err
		}
		return a, a.Notes, nil
	}
	a, err := list.Align(source.(genomics.Source))
	if err != nil {
		return nil, nil, err
	}
	return a, a.Notes, nil
}

// open opens the genotypes with all filters applied: a genomics.Source, or a
// genomics.DosageSource with --dosage-field.
func (g *genotypeFlags) open(cmd *cobra.Command, log *slog.Logger, threads int) (genotypes, error) {
	if g.dosage != "" {
		source, err := g.openDosages(cmd)
		if err != nil {
			return nil, err
		}
		return filtered(g, log, source, genomics.Filter.ApplyDosages)
	}
	source, err := g.openCalls(cmd, threads)
	if err != nil {
		return nil, err
	}
	return filtered(g, log, source, genomics.Filter.Apply)
}

// halfCalls are the values of --half-call.
var halfCalls = []vcf.HalfCalls{vcf.HalfError, vcf.HalfMissing, vcf.HalfReference, vcf.HalfHaploid}

func (g *genotypeFlags) openCalls(cmd *cobra.Command, threads int) (genomics.Source, error) {
	switch {
	case g.reads.given():
		var err error
		if g.caller, err = g.reads.open(cmd, g.chroms, threads); err == nil {
			g.notes = g.caller.Notes
		}
		return g.caller, err
	case g.bfile != "":
		return bed.Open(g.bfile)
	}
	return openVCF(g, cmd, vcf.Open, vcf.NewReader)
}

func (g *genotypeFlags) openDosages(cmd *cobra.Command) (genomics.DosageSource, error) {
	return openVCF(g, cmd,
		func(path string, regions []string) (*vcf.DosageReader, error) {
			return vcf.OpenDosages(path, regions, g.dosage)
		},
		func(r io.Reader, name string) (*vcf.DosageReader, error) {
			return vcf.NewDosageReader(r, name, g.dosage)
		})
}

// A vcfReader is what readers of calls and of dosages have in common.
type vcfReader interface {
	genotypes
	HalfCalls(vcf.HalfCalls)
	Notes() []genomics.Note
}

// openVCF opens the VCF as a file, or reads it from a pipe.
func openVCF[R vcfReader](g *genotypeFlags, cmd *cobra.Command, open func(string, []string) (R, error), read func(io.Reader, string) (R, error)) (r R, err error) {
	if g.vcf == "-" {
		r, err = read(interruptible(cmd.Context(), cmd.InOrStdin()), "standard input")
	} else if pipe, failed := openPipe(cmd.Context(), g.vcf); failed != nil {
		return r, failed
	} else if pipe != nil && len(g.regions) == 0 {
		r, err = read(pipe, g.vcf)
	} else {
		r, err = open(g.vcf, g.regions)
	}
	if err == nil {
		r.HalfCalls(vcf.HalfCalls(g.half))
		g.notes = r.Notes
	}
	return r, err
}

// filtered applies the filters to a source, and closes it if that fails.
func filtered[S genotypes](g *genotypeFlags, log *slog.Logger, source S, apply func(genomics.Filter, S) (S, error)) (genotypes, error) {
	filter := genomics.Filter{MinMAF: g.maf, MaxMissing: g.geno}
	var err error
	if filter.Keep, err = readNames(log, g.keep, source.Samples()); err == nil {
		filter.Remove, err = readNames(log, g.remove, source.Samples())
		if errors.Is(err, pheno.ErrNoSamples) {
			log.Warn(err.Error() + "; none is removed")
			err = nil
		}
	}
	filter.Loaded = func(v *genomics.Variant) { g.loaded = assoc.IDWidth(g.loaded, v.ID) }
	if g.caller == nil { // which has selected its sites
		filter.Chrom = g.chroms
	}
	if err != nil {
		source.Close()
		return nil, err
	}
	chosen, err := apply(filter, source)
	if err != nil {
		source.Close()
		return nil, err
	}
	if out := len(source.Samples()) - len(chosen.Samples()); out > 0 {
		log.Info(fmt.Sprintf("%s left out: --keep, --remove", count(out, "sample")), "samples", out)
	}
	return chosen, nil
}

// readNames reads a list of samples, or nil where there is no file.
func readNames(log *slog.Logger, path string, samples []string) (map[string]bool, error) {
	if path == "" {
		return nil, nil
	}
	ids, err := pheno.ReadIDs(path)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, id := range ids {
		names[id] = true
	}
	if unknown := genomics.CountUnknown(names, samples); unknown > 0 {
		log.Warn(fmt.Sprintf("%s names %s that the genotypes do not have, of %d", path, count(unknown, "sample"), len(ids)), "file", path, "unknown", unknown)
	}
	return names, nil
}

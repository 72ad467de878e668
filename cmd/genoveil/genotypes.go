package main

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics"
	"genoveil/genomics/bam"
	"genoveil/genomics/bed"
	"genoveil/genomics/chrom"
	"genoveil/genomics/panel"
	"genoveil/genomics/pheno"
	"genoveil/genomics/vcf"
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
	panel        string
	reads        bamFlags
	caller       *bam.Caller // once opened, where there are BAM files
}

// genotypes are what the sources of hard calls and dosages have in common.
type genotypes interface {
	Samples() []string
	Skipped() map[string]int
	Close() error
}

func newEncryptGenotypes() *cobra.Command {
	var in genotypeFlags
	var keys, out, shardText, purposeText, device string
	var threads int
	var renew bool
	cmd := &cobra.Command{
		Use:   "genotypes (--vcf FILE | --bfile PREFIX | --bam FILE… --sites PANEL) --keys DIR -o NAME",
		Short: "Encrypt a VCF, a PLINK fileset, or what BAM files show",
		Long: `Encrypts genotypes into the directory NAME (upload it to the compute site) and
writes NAME.index (keep it: it has the samples' names and the variants).

VCF may be plain, gzip or BGZF; '-' reads standard input, for example from
'bcftools view'. Only biallelic sites with called genotypes (GT) are used; others
are counted and left out. A haploid call counts as homozygous.

With --dosage DS or GP, imputed dosages are encrypted instead, in thousandths. They
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

With --renew-check, nothing is encrypted. NAME.index gets new keys for the check of
results, computed from the genotypes: give the files and filters that the cohort was
encrypted with. The old index is kept as NAME.index.before-1; queries that are under
way decrypt with that one. docs/security.md says when to renew.

If it is interrupted, the same command continues where it stopped.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if err := in.check(cmd.Flags()); err != nil {
			return err
		}
		purpose, err := pipeline.ParsePurpose(purposeText)
		if err != nil {
			return usageError{err}
		}
		if in.panel != "" && purpose == pipeline.GWAS {
			return usagef("--panel is for scoring; add --for score or --for private-model")
		}
		for _, name := range []string{"region", "chr", "maf", "geno"} {
			if in.panel != "" && cmd.Flags().Changed(name) {
				return usagef("--panel says which variants to encrypt; leave out --%s", name)
			}
		}
		shard, err := pipeline.ParseShard(shardText)
		if err != nil {
			return usageError{err}
		}
		if renew && (purpose != pipeline.GWAS || shard != pipeline.Whole) {
			return usagef("--renew-check is for a whole cohort for a GWAS; leave out --for and --shard")
		}
		if err := place(cmd, log, device); err != nil {
			return err
		}
		inputs, err := in.inputs()
		if err != nil {
			return err
		}
		if err := checkNewDirectory(out); err != nil {
			return err
		}
		if err := claim(cmd, []string{out + ".index"}, append(inputs, filepath.Join(keys, secretName))); err != nil {
			return err
		}
		secret, err := loadSecret(keys)
		if err != nil {
			return err
		}
		source, err := in.open(cmd, log, threads)
		if err != nil {
			return err
		}
		defer source.Close()
		source, fitted, err := in.aligned(source)
		if err != nil {
			return err
		}
		if onlyChecked(cmd) {
			return nil
		}
		log.Info(count(len(source.Samples()), "sample")+" to encrypt", "samples", len(source.Samples()))
		progress, finish := newProgress(cmd, log, "variants")
		job := pipeline.GenotypeJob{Purpose: purpose, Secret: secret, Dir: out, Index: out + ".index", Threads: threads, Shard: shard, Progress: progress}
		encoding := pipeline.HardCalls
		switch source := source.(type) {
		case genomics.Source:
			job.Source = source
		case genomics.DosageSource:
			job.Dosages, encoding = source, pipeline.Dosages
		}
		if renew {
			kept, err := job.RenewCheck(cmd.Context())
			finish()
			if err != nil {
				return err
			}
			log.Info(fmt.Sprintf("%s has new keys of the check; decrypt queries of before with %s", job.Index, kept), "index", job.Index, "kept", kept)
			return nil
		}
		if job.Params, err = purpose.Plan(len(source.Samples()), encoding); err != nil {
			return err
		}
		if chain := job.Params.Chain(); purpose != pipeline.GWAS {
			log.Info(fmt.Sprintf("for scores, genotypes take %d bytes each and plane, with %d-bit security", 4*len(chain.Sums), chain.Security()),
				"bytes", 4*len(chain.Sums), "security", chain.Security())
		} else if encoding == pipeline.Dosages {
			log.Info(fmt.Sprintf("dosages take %d bytes each and plane (calls take 12), with %d-bit security", 4*len(chain.Sums), chain.Security()),
				"bytes", 4*len(chain.Sums), "security", chain.Security())
		}
		encryptor, release, err := newEncryptor(cmd, log, device, job.Params, secret, threads)
		if err != nil {
			return err
		}
		job.Encryptor = encryptor
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads + pipeline.Writers))
		result, err := job.Run(cmd.Context())
		if failed := release(); failed != nil {
			log.Warn(failed.Error())
		}
		finish()
		if err != nil && cmd.Context().Err() != nil {
			return pipeline.ErrContinues
		}
		if errors.Is(err, pipeline.ErrNoVariants) && in.chroms != nil {
			if none := in.chroms.Check(); none != nil {
				return none
			}
		}
		if err != nil {
			return err
		}
		logSkipped(log, source.Skipped())
		logAbsent(log, in.chroms)
		if fitted != nil {
			n := fitted()
			log.Info(fmt.Sprintf("%s of %s found, %d with REF and ALT exchanged; %d are missing in all samples", count(n.Found, "variant"), in.panel, n.Turned, n.Absent),
				"found", n.Found, "turned", n.Turned, "absent", n.Absent)
		}
		if in.caller != nil {
			logNotes(log, in.caller.Notes())
		}
		if result.Resumed > 0 {
			log.Info("kept from the interrupted run: "+count(result.Resumed, "block"), "blocks", result.Resumed)
		}
		describe(cmd, shardText, threads, int64(result.Variants)*int64(result.Samples))
		if len(result.Left) > 0 {
			log.Info(fmt.Sprintf("shard %s done: %s in %s, %s in %s; still to come: %s", shard, count(result.Variants, "variant"), count(len(result.Blocks), "block"), humanBytes(result.Bytes()), out, count(len(result.Left), "shard")),
				"shard", shard.String(), "variants", result.Variants, "blocks", len(result.Blocks), "bytes", result.Bytes(), "shards_left", len(result.Left))
			return nil
		}
		log.Info(fmt.Sprintf("encrypted %s of %s in %s: %s in %s (upload), %s (keep)",
			count(result.Variants, "variant"), count(result.Samples, "sample"), count(len(result.Blocks), "block"), humanBytes(result.Bytes()), out, job.Index),
			"variants", result.Variants, "samples", result.Samples, "blocks", len(result.Blocks), "bytes", result.Bytes())
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&in.vcf, "vcf", "", "VCF file, plain, gzip or BGZF; - for standard input")
	f.StringVar(&in.bfile, "bfile", "", "prefix of a PLINK 1 fileset (.bed, .bim, .fam)")
	in.reads.register(f)
	f.StringSliceVar(&in.regions, "region", nil, "chr or chr:from-to, through the VCF's tabix or CSI index; may be repeated")
	f.StringVar(&in.keep, "keep", "", "file of samples to keep")
	f.StringVar(&in.remove, "remove", "", "file of samples to leave out")
	f.StringSliceVar(&in.chr, "chr", nil, "chromosomes to keep: names and ranges, such as 1-22,X")
	f.Float64Var(&in.maf, "maf", 0, "least minor allele frequency")
	f.Float64Var(&in.geno, "geno", 1, "largest share of missing calls")
	f.StringVar(&in.dosage, "dosage", "", "encrypt imputed dosages from this field, DS or GP, instead of calls")
	f.StringVar(&purposeText, "for", pipeline.GWAS.String(), "what the cohort is for: gwas, score or private-model")
	f.StringVar(&in.panel, "panel", "", "encrypt exactly the variants of this list (of 'genoveil panel'), for scoring")
	f.StringVar(&keys, "keys", "", "directory with secret.key")
	f.StringVarP(&out, "out", "o", "", "name of the cohort")
	f.BoolVar(&renew, "renew-check", false, "give the cohort's index new keys of the check, and encrypt nothing")
	f.StringVar(&shardText, "shard", "1/1", "part i/n of the blocks of variants")
	threadsFlag(cmd, &threads)
	deviceFlag(cmd, &device, cpuDevice)
	require(cmd, "keys", "out")
	return cmd
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
		return usagef("--dosage needs --vcf; from BAM files genotypes are called")
	case len(g.regions) > 0 && g.bfile != "":
		return usagef("--region needs --vcf; use --chr with --bfile")
	case len(g.regions) > 0 && g.vcf == "-":
		return usagef("--region needs a file with an index; use --chr with standard input")
	case g.dosage != "" && g.dosage != "DS" && g.dosage != "GP":
		return usagef("--dosage takes DS or GP, not %q", g.dosage)
	case g.dosage != "" && g.bfile != "":
		return usagef("--dosage needs --vcf; a PLINK 1 fileset has no dosages")
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
func (g *genotypeFlags) inputs() ([]string, error) {
	paths, err := g.reads.inputs()
	if g.bfile != "" {
		paths = append(paths, withSuffixes(g.bfile, ".bed", ".bim", ".fam")...)
	}
	return append(paths, g.vcf, g.keep, g.remove, g.panel), err
}

// aligned brings genotypes into the order of the list --panel, if there is one. fitted
// then tells, at the end, how they fitted.
func (g *genotypeFlags) aligned(source genotypes) (aligned genotypes, fitted func() panel.Notes, err error) {
	if g.panel == "" {
		return source, nil, nil
	}
	list, err := panel.Read(g.panel)
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
// genomics.DosageSource with --dosage.
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

func (g *genotypeFlags) openCalls(cmd *cobra.Command, threads int) (genomics.Source, error) {
	switch {
	case g.reads.given():
		var err error
		g.caller, err = g.reads.open(cmd, g.chroms, threads)
		return g.caller, err
	case g.bfile != "":
		return bed.Open(g.bfile)
	case g.vcf == "-":
		return vcf.NewReader(interruptible(cmd.Context(), cmd.InOrStdin()), "standard input")
	}
	return vcf.Open(g.vcf, g.regions)
}

func (g *genotypeFlags) openDosages(cmd *cobra.Command) (genomics.DosageSource, error) {
	if g.vcf == "-" {
		return vcf.NewDosageReader(interruptible(cmd.Context(), cmd.InOrStdin()), "standard input", g.dosage)
	}
	return vcf.OpenDosages(g.vcf, g.regions, g.dosage)
}

// filtered applies the filters to a source, and closes it if that fails.
func filtered[S genotypes](g *genotypeFlags, log *slog.Logger, source S, apply func(genomics.Filter, S) (S, error)) (genotypes, error) {
	filter := genomics.Filter{MinMAF: g.maf, MaxMissing: g.geno}
	var err error
	if filter.Keep, err = readNames(log, g.keep, source.Samples()); err == nil {
		filter.Remove, err = readNames(log, g.remove, source.Samples())
	}
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

package main

import (
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"genoveil/genomics"
	"genoveil/genomics/bed"
	"genoveil/genomics/pheno"
	"genoveil/genomics/vcf"
	"genoveil/pipeline"
)

func newEncrypt() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "encrypt (genotypes | traits)",
		Short: "Encrypt genotypes or traits on the owner's side",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef("say what to encrypt: genotypes or traits")
		},
	}
	cmd.AddCommand(newEncryptGenotypes(), newEncryptTraits())
	return cmd
}

// genotypeFlags say which genotypes to read.
type genotypeFlags struct {
	vcf, bfile   string
	regions      []string
	keep, remove string
	chr          []string
	maf, geno    float64
}

func newEncryptGenotypes() *cobra.Command {
	var in genotypeFlags
	var keys, out string
	var threads int
	cmd := &cobra.Command{
		Use:   "genotypes (--vcf FILE | --bfile PREFIX) --keys DIR -o NAME",
		Short: "Encrypt a VCF or PLINK fileset",
		Long: `Encrypts genotypes into the directory NAME (upload it to the compute site) and
writes NAME.index (keep it: it has the samples' names and the variants).

VCF may be plain, gzip or BGZF; '-' reads standard input, for example from
'bcftools view'. Only biallelic sites with called genotypes (GT) are used; others
are counted and left out. A haploid call counts as homozygous.

If it is interrupted, the same command continues where it stopped.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if err := in.check(); err != nil {
			return err
		}
		secret, err := loadSecret(keys)
		if err != nil {
			return err
		}
		source, err := in.open(cmd, log)
		if err != nil {
			return err
		}
		defer source.Close()
		log.Info(count(len(source.Samples()), "sample")+" to encrypt", "samples", len(source.Samples()))
		params, err := pipeline.Plan(len(source.Samples()), pipeline.HardCalls)
		if err != nil {
			return err
		}
		progress, finish := newProgress(cmd, log, "variants")
		job := pipeline.GenotypeJob{Source: source, Params: params, Secret: secret, Dir: out, Index: out + ".index", Threads: threads, Progress: progress}
		result, err := job.Run(cmd.Context())
		finish()
		if err != nil && cmd.Context().Err() != nil {
			return errContinues
		}
		if err != nil {
			return err
		}
		for _, reason := range slices.Sorted(maps.Keys(source.Skipped())) {
			n := source.Skipped()[reason]
			log.Info(fmt.Sprintf("%s left out: %s", count(n, "variant"), reason), "variants", n, "reason", reason)
		}
		if result.Resumed > 0 {
			log.Info("kept from the interrupted run: "+count(result.Resumed, "block"), "blocks", result.Resumed)
		}
		log.Info(fmt.Sprintf("encrypted %s of %s in %s: %s in %s (upload), %s (keep)",
			count(result.Variants, "variant"), count(result.Samples, "sample"), count(len(result.Blocks), "block"), humanBytes(result.Bytes()), out, job.Index),
			"variants", result.Variants, "samples", result.Samples, "blocks", len(result.Blocks), "bytes", result.Bytes())
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&in.vcf, "vcf", "", "VCF file, plain, gzip or BGZF; - for standard input")
	f.StringVar(&in.bfile, "bfile", "", "prefix of a PLINK 1 fileset (.bed, .bim, .fam)")
	f.StringSliceVar(&in.regions, "region", nil, "chr or chr:from-to, through the VCF's tabix or CSI index; may be repeated")
	f.StringVar(&in.keep, "keep", "", "file of samples to keep")
	f.StringVar(&in.remove, "remove", "", "file of samples to leave out")
	f.StringSliceVar(&in.chr, "chr", nil, "chromosomes to keep, separated by commas")
	f.Float64Var(&in.maf, "maf", 0, "least minor allele frequency")
	f.Float64Var(&in.geno, "geno", 1, "largest share of missing calls")
	f.StringVar(&keys, "keys", "", "directory with secret.key")
	f.StringVarP(&out, "out", "o", "", "name of the cohort")
	threadsFlag(cmd, &threads)
	require(cmd, "keys", "out")
	return cmd
}

// check refuses flags that make no sense, whatever the files. The comparisons are
// written such that NaN fails them.
func (g *genotypeFlags) check() error {
	switch {
	case (g.vcf == "") == (g.bfile == ""):
		return usagef("give either --vcf or --bfile")
	case len(g.regions) > 0 && g.bfile != "":
		return usagef("--region needs --vcf; use --chr with --bfile")
	case len(g.regions) > 0 && g.vcf == "-":
		return usagef("--region needs a file with an index; use --chr with standard input")
	case !(g.maf >= 0 && g.maf <= 0.5):
		return usagef("--maf takes a frequency from 0 to 0.5, not %v", g.maf)
	case !(g.geno >= 0 && g.geno <= 1):
		return usagef("--geno takes a share from 0 to 1, not %v", g.geno)
	}
	return nil
}

// open opens the genotypes with all filters applied.
func (g *genotypeFlags) open(cmd *cobra.Command, log *slog.Logger) (genomics.Source, error) {
	var source genomics.Source
	var err error
	switch {
	case g.bfile != "":
		source, err = bed.Open(g.bfile)
	case g.vcf == "-":
		source, err = vcf.NewReader(interruptible(cmd.Context(), cmd.InOrStdin()), "standard input")
	default:
		source, err = vcf.Open(g.vcf, g.regions)
	}
	if err != nil {
		return nil, err
	}
	filter := genomics.Filter{MinMAF: g.maf, MaxMissing: g.geno}
	if filter.Keep, err = readNames(log, g.keep, source); err == nil {
		filter.Remove, err = readNames(log, g.remove, source)
	}
	if err != nil {
		source.Close()
		return nil, err
	}
	if len(g.chr) > 0 {
		filter.Chrom = map[string]bool{}
		for _, c := range g.chr {
			filter.Chrom[c] = true
		}
	}
	filtered, err := filter.Apply(source)
	if err != nil {
		source.Close()
	}
	return filtered, err
}

// readNames reads a list of samples, or nil where there is no file.
func readNames(log *slog.Logger, path string, source genomics.Source) (map[string]bool, error) {
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
	if unknown := genomics.CountUnknown(names, source.Samples()); unknown > 0 {
		log.Warn(fmt.Sprintf("%s names %s that the genotypes do not have, of %d", path, count(unknown, "sample"), len(ids)), "file", path, "unknown", unknown)
	}
	return names, nil
}

func newEncryptTraits() *cobra.Command {
	var index, table, name, test, keys, out string
	cmd := &cobra.Command{
		Use:   "traits --index FILE --pheno FILE --pheno-name NAME --keys DIR -o NAME",
		Short: "Encrypt a phenotype for a cohort",
		Long: `Encrypts a phenotype into NAME.traits (upload it to the compute site) and writes
NAME.private (keep it: it says what the encrypted columns mean).

The table is read as PLINK 2 does: a header '#IID …' or '#FID IID …', NA for
missing, cases and controls as 2 and 1 (or 1 and 0). Samples of the cohort that
are not in the table count as missing.

Tests:
  chi2  case/control, without covariates: allelic χ², Cochran-Armitage trend,
        genotypic, dominant and recessive`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if test != pipeline.TestChi2 {
			return usagef("--test takes %q, not %q", pipeline.TestChi2, test)
		}
		secret, err := loadSecret(keys)
		if err != nil {
			return err
		}
		cohort, err := pipeline.OpenIndex(index)
		if err != nil {
			return err
		}
		defer cohort.Close()
		phenotypes, err := pheno.Read(table)
		if err != nil {
			return err
		}
		status, counts, err := phenotypes.CaseControl(name, cohort.Samples)
		if err != nil {
			return err
		}
		coding := "2 is a case, 1 a control"
		if counts.ZeroOne {
			coding = "1 is a case, 0 a control"
		}
		log.Info(fmt.Sprintf("%s: %s, %s, %s of the cohort without a value (%s)", name, count(counts.Cases, "case"), count(counts.Controls, "control"), count(counts.Absent, "sample"), coding),
			"trait", name, "cases", counts.Cases, "controls", counts.Controls, "absent", counts.Absent)
		if counts.Unused > 0 {
			log.Info(fmt.Sprintf("%s names %s that the cohort does not have", table, count(counts.Unused, "sample")), "unused", counts.Unused)
		}
		job := pipeline.TraitsJob{
			Index: &cohort.Index, Secret: secret, Test: test, Sections: cohort.Whole(pipeline.Chi2Trait(name, status)),
			TraitsPath: out + ".traits", PrivatePath: out + ".private",
		}
		if _, err := job.Run(); err != nil {
			return err
		}
		log.Info(fmt.Sprintf("encrypted %s into %s (upload) and %s (keep)", name, job.TraitsPath, job.PrivatePath))
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&index, "index", "", "the cohort's .index file")
	f.StringVar(&table, "pheno", "", "phenotype table")
	f.StringVar(&name, "pheno-name", "", "column of the table")
	f.StringVar(&test, "test", pipeline.TestChi2, "test to compute")
	f.StringVar(&keys, "keys", "", "directory with secret.key")
	f.StringVarP(&out, "out", "o", "", "name of the query")
	require(cmd, "index", "pheno", "pheno-name", "keys", "out")
	return cmd
}

// threadsFlag adds --threads and applies it to the whole process.
func threadsFlag(cmd *cobra.Command, threads *int) {
	cmd.Flags().IntVar(threads, "threads", runtime.GOMAXPROCS(0), "processor threads to use")
	check := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *threads < 1 {
			return usagef("--threads must be at least 1")
		}
		if cmd.Flags().Changed("threads") {
			runtime.GOMAXPROCS(*threads)
		}
		return check(cmd, args)
	}
}

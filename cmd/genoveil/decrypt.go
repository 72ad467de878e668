package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"genoveil/genomics/glm"
	"genoveil/pipeline"
)

// Formats of the tables of tests with covariates.
const (
	formatPLINK   = "plink"
	formatREGENIE = "regenie"
	formatSSF     = "ssf"
)

// resultFlags say what to write.
type resultFlags struct {
	out    string
	model  bool
	level  float64
	format string
	mac    float64
	bgzip  bool
	build  string
}

func newDecrypt() *cobra.Command {
	var sumsPath, index, private, keys string
	var out resultFlags
	var scores scoreTableFlags
	var threads int
	cmd := &cobra.Command{
		Use:   "decrypt (--sums FILE --private FILE | --scores FILE) --index FILE --keys DIR -o PREFIX",
		Short: "Decrypt sums or scores and write the table",
		Long: `Decrypts the sums, verifies them against the owner's secret checksums, and writes
the tables of the query's test:

  chi2      PREFIX.assoc, as PLINK 1.9's --assoc writes it, and with --model,
            if the traits were encrypted with it, also PREFIX.model, as
            PLINK's --model --cell 0
  logistic  PREFIX.TRAIT.glm.logistic, as PLINK 2's --glm writes it
  linear    PREFIX.TRAIT.glm.linear
            or, with --format, REGENIE's (PREFIX_TRAIT.regenie) or the GWAS
            Catalog's (PREFIX.TRAIT.tsv and its metadata)

If the check fails, no table is written, only PREFIX.check-failed. That file says where
the sums are wrong. It is as secret as the key.

With --scores, decrypts the answers of 'genoveil score' into PREFIX.sscore, as PLINK 2's
--score writes it. --covar and --covar-weights (a table of names and weights) add the
client's own part to the linear predictor, which is written with its probability.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if scores.path != "" {
			return scores.run(cmd, log, index, keys, out.out, threads)
		}
		if err := scores.unused(cmd); err != nil {
			return err
		}
		if err := out.check(cmd); err != nil {
			return err
		}
		query, err := pipeline.LoadQuery(private)
		if err != nil {
			return err
		}
		if err := out.suits(cmd, query.Test); err != nil {
			return err
		}
		chi2, tables := pipeline.Chi2Output{Prefix: out.out, Model: out.model, Level: out.level}, out.glm(query)
		files := tables.Files(query)
		if query.Test == pipeline.TestChi2 {
			files = chi2.Files(query)
		}
		report := out.out + ".check-failed"
		if err := claim(cmd, append(files, report), []string{sumsPath, index, private, filepath.Join(keys, secretName)}); err != nil {
			return err
		}
		secret, err := loadSecret(cmd.Context(), keys)
		if err != nil {
			return err
		}
		cohort, err := pipeline.OpenIndex(index, pipeline.GWAS)
		if err != nil {
			return err
		}
		defer cohort.Close()
		sums, err := pipeline.OpenSums(sumsPath)
		if err != nil {
			return err
		}
		defer sums.Close()
		progress, finish := newProgress(cmd, log, "variants")
		d := pipeline.Decryption{Sums: sums, Index: cohort, Query: query, Secret: secret, Threads: threads, Report: report, Progress: progress}
		if query.Test == pipeline.TestChi2 {
			written, err := d.WriteChi2(cmd.Context(), chi2)
			finish()
			if err != nil {
				return err
			}
			log.Info(fmt.Sprintf("the sums of %s passed the check; wrote %s", count(cohort.Variants, "variant"), strings.Join(written, ", ")), "variants", cohort.Variants)
			return nil
		}
		reports, err := d.WriteGLM(cmd.Context(), tables)
		finish()
		if err != nil {
			return err
		}
		log.Info(fmt.Sprintf("the sums of %s passed the check", count(cohort.Variants, "variant")), "variants", cohort.Variants)
		for _, r := range reports {
			if out.format == formatSSF {
				log.Info(fmt.Sprintf("%s: wrote %s to %s; left out: %d without a test, %d that the format has no place for (contigs, alleles other than A, C, G and T), %d below --mac %g; %d by Poisson mid-P",
					r.Trait, count(r.Written, "variant"), r.Path, r.Failed, r.NoPlace, r.Rare, out.mac, r.MidP),
					"trait", r.Trait, "path", r.Path, "variants", r.Written, "without_test", r.Failed, "no_place", r.NoPlace, "midp", r.MidP, "below_mac", r.Rare)
				continue
			}
			log.Info(fmt.Sprintf("%s: wrote %s to %s; %d without a test, %d by Poisson mid-P, %d left out below --mac %g",
				r.Trait, count(r.Written, "variant"), r.Path, r.Failed, r.MidP, r.Rare, out.mac),
				"trait", r.Trait, "path", r.Path, "variants", r.Written, "without_test", r.Failed, "midp", r.MidP, "below_mac", r.Rare)
		}
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&sumsPath, "sums", "", "encrypted sums of all samples")
	f.StringVar(&index, "index", "", "the cohort's .index file")
	f.StringVar(&private, "private", "", "the query's .private file")
	f.StringVar(&keys, "keys", "", "directory with secret.key")
	f.StringVarP(&out.out, "out", "o", "", "output; `PREFIX` of the tables")
	f.BoolVar(&out.model, "model", false, "also the trend, genotypic, dominant and recessive tests; for --test chi2")
	f.Float64Var(&out.level, "ci", 0, "level of the confidence interval of the odds ratio, such as 0.95; chi2")
	f.StringVar(&out.format, "format", formatPLINK, "format of tables of logistic and linear; plink, regenie or ssf")
	f.Float64Var(&out.mac, "mac", 0, "least number of copies of the rarer allele; logistic and linear")
	f.BoolVar(&out.bgzip, "bgzip", false, "compress tables with BGZF, and index with tabix where the format allows; logistic and linear")
	f.StringVar(&out.build, "build", "", "genome assembly, such as GRCh38; for the metadata of --format ssf")
	scores.register(f)
	threadsFlag(cmd, &threads)
	require(cmd, "index", "keys", "out")
	return cmd
}

// check refuses values that make no sense, whatever the files. Comparisons are
// written such that NaN fails.
func (r *resultFlags) check(cmd *cobra.Command) error {
	switch {
	case cmd.Flags().Changed("ci") && !(r.level >= 0.01 && r.level < 1):
		return usagef("--ci takes a level from 0.01 to below 1, such as 0.95")
	case !slices.Contains([]string{formatPLINK, formatREGENIE, formatSSF}, r.format):
		return usagef("--format takes plink, regenie or ssf, not %q", r.format)
	case !(r.mac >= 0):
		return usagef("--mac takes a number from 0 up, not %v", r.mac)
	case r.format == formatSSF && r.build == "":
		return usagef("--format ssf needs --build, the genome assembly, such as GRCh38")
	}
	return nil
}

// suits refuses flags that are for another test than the query's.
func (r *resultFlags) suits(cmd *cobra.Command, test string) error {
	others := []string{"model", "ci"}
	if test == pipeline.TestChi2 {
		others = []string{"format", "mac", "bgzip", "build"}
	}
	for _, name := range others {
		if cmd.Flags().Changed(name) {
			return usagef("--%s is not for --test %s, which this query is", name, test)
		}
	}
	return nil
}

// glm says which tables to write in which format.
func (r *resultFlags) glm(query *pipeline.Query) pipeline.GLMOutput {
	out := pipeline.GLMOutput{MinAlleles: r.mac, Compress: r.bgzip}
	switch r.format {
	case formatREGENIE:
		out.Path = func(trait string) string { return r.out + "_" + trait + ".regenie" }
		out.Writer = func(_ string, _ glm.Kind, w io.Writer) (pipeline.GLMWriter, error) { return glm.NewRegenieWriter(w) }
	case formatSSF:
		out.Path = func(trait string) string { return r.out + "." + trait + ".tsv" }
		out.Writer = func(_ string, _ glm.Kind, w io.Writer) (pipeline.GLMWriter, error) { return glm.NewSSFWriter(w) }
		out.Metadata = func(trait pipeline.QueryTrait, path, md5 string) glm.SSFMetadata { return r.metadata(trait, path, md5) }
		out.Header = 1
	default:
		out.Path = func(trait string) string { return r.out + "." + trait + ".glm." + query.Test }
		out.Writer = func(_ string, kind glm.Kind, w io.Writer) (pipeline.GLMWriter, error) {
			return glm.NewPlinkWriter(w, kind)
		}
	}
	return out
}

// metadata describes a table for the GWAS Catalog. What the program cannot know
// is "NR", the standard's word for not reported, for the researcher to fill in.
func (r *resultFlags) metadata(trait pipeline.QueryTrait, path, md5 string) glm.SSFMetadata {
	m := trait.Model
	sample := glm.SSFSample{Ancestry: []string{"NR"}, Size: m.Samples}
	if m.Kind == glm.Logistic {
		sample.CaseControl, sample.Cases, sample.Controls = true, m.Cases, m.Samples-m.Cases
	}
	return glm.SSFMetadata{
		Date: time.Now(), Trait: []string{trait.Name}, GenomeAssembly: r.build,
		GenotypingTechnology: []string{"NR"}, DataFile: path, DataMD5: md5, Software: "genoveil",
		Samples: []glm.SSFSample{sample},
	}
}

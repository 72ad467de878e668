package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"genoveil/genomics"
	"genoveil/genomics/assoc"
	"genoveil/genomics/bam"
	"genoveil/genomics/bed"
	"genoveil/genomics/chrom"
	"genoveil/genomics/panel"
	"genoveil/genomics/pheno"
	"genoveil/genomics/vcf"
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
	binary       binaryFlags
	caller       *bam.Caller // once opened, where there are BAM files

	sex, psam  string         // tables of sexes
	splitPAR   string         // genome assembly
	allDiploid bool           // as cohorts were before sexes were read
	sexes      []genomics.Sex // of the samples, once opened; nil where none is given
	ploidy     ploidyNotes    // once opened

	notes  func() []genomics.Note // of the file, once opened; nil for none
	loaded int                    // assoc.IDWidth over the variants that --chr leaves
}

// genotypes are what the sources of hard calls and dosages have in common.
type genotypes interface {
	Samples() []string
	Skipped() map[string]int
	Close() error
}

func (g *genotypeFlags) register(f *pflag.FlagSet) {
	f.StringVar(&g.vcf, "vcf", "", "VCF file, plain, gzip or BGZF; - for standard input")
	f.StringVar(&g.bfile, "bfile", "", "prefix of a PLINK 1 fileset (.bed, .bim, .fam)")
	g.binary.register(f)
	g.reads.register(f)
	f.StringSliceVar(&g.regions, "region", nil, "chr or chr:from-to, found through the VCF's tabix or CSI index; may be repeated")
	f.StringVar(&g.keep, "keep", "", "file of samples to keep")
	f.StringVar(&g.remove, "remove", "", "file of samples to leave out")
	f.StringSliceVar(&g.chr, "chr", nil, "chromosomes to keep: names and ranges, such as 1-22,X")
	f.StringVar(&g.sex, "sex", "", "table of the samples' sexes, for X and Y; a PLINK fileset has its own")
	f.StringVar(&g.psam, "psam", "", "the same as --sex")
	f.StringVar(&g.splitPAR, "split-par", "", "genome assembly, b36, b37 or b38; its pseudo-autosomal regions of X become PAR1 and PAR2")
	f.Float64Var(&g.maf, "maf", 0, "least minor allele frequency")
	f.Float64Var(&g.geno, "geno", 1, "largest allowed share of missing calls")
	f.StringVar(&g.dosage, "dosage-field", "", "field of imputed dosages to encrypt instead of calls, DS, GP or HDS")
	f.StringVar(&g.half, "half-call", string(vcf.HalfError), "what calls such as 1/. are in a VCF; missing, reference, haploid or error")
	f.StringVar(&g.panel, "panel", "", "list of the cohort's variants, from 'genoveil panel'; exactly these are encrypted")
}

// check refuses flags that make no sense, whatever the files. The comparisons are
// written such that NaN fails them.
func (g *genotypeFlags) check(f *pflag.FlagSet) error {
	inputs := 0
	for _, given := range []bool{g.vcf != "", g.bfile != "", g.binary.pfile != "", g.binary.bgen != "", g.reads.given()} {
		if given {
			inputs++
		}
	}
	switch {
	case inputs != 1:
		return usagef("give one of --vcf, --bfile, --pfile, --bgen and --bam (or --bam-list)")
	case len(g.regions) > 0 && g.reads.given():
		return usagef("--region needs --vcf; use --chr with --bam")
	case g.dosage != "" && g.reads.given():
		return usagef("--dosage-field needs --vcf, --pfile or --bgen; from BAM files genotypes are called")
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
		return usagef("--dosage-field needs --vcf, --pfile or --bgen; a PLINK 1 fileset has no dosages")
	case !(g.maf >= 0 && g.maf <= 0.5):
		return usagef("--maf takes a frequency from 0 to 0.5, not %v", g.maf)
	case !(g.geno >= 0 && g.geno <= 1):
		return usagef("--geno takes a share from 0 to 1, not %v", g.geno)
	}
	if err := g.binary.check(g.dosage, g.regions); err != nil {
		return err
	}
	if err := g.checkSexes(); err != nil {
		return err
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
	paths = append(paths, g.binary.inputs()...)
	return append(paths, g.vcf, g.keep, g.remove, g.panel, g.sex), err
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
func (g *genotypeFlags) open(ctx context.Context, s *session, threads int) (genotypes, error) {
	if err := checkFlagOf(g.vcf, g.bfile); err != nil {
		return nil, err
	}
	if g.dosage != "" {
		source, err := g.openDosages(ctx, s.stdin)
		if err != nil {
			return nil, err
		}
		return filtered(g, s.log, source, genomics.Filter.ApplyDosages)
	}
	source, err := g.openCalls(ctx, s.stdin, threads)
	if err != nil {
		return nil, err
	}
	return filtered(g, s.log, source, genomics.Filter.Apply)
}

// halfCalls are the values of --half-call.
var halfCalls = []vcf.HalfCalls{vcf.HalfError, vcf.HalfMissing, vcf.HalfReference, vcf.HalfHaploid}

func (g *genotypeFlags) openCalls(ctx context.Context, stdin io.Reader, threads int) (genomics.Source, error) {
	switch {
	case g.reads.given():
		var err error
		if g.caller, err = g.reads.open(ctx, stdin, g.chroms, threads); err == nil {
			g.notes = g.caller.Notes
		}
		return g.caller, err
	case g.binary.given():
		return g.binary.openCalls()
	case g.bfile != "":
		return bed.Open(g.bfile)
	}
	return openVCF(ctx, g, stdin, vcf.Open, vcf.NewReader)
}

func (g *genotypeFlags) openDosages(ctx context.Context, stdin io.Reader) (genomics.DosageSource, error) {
	if g.binary.given() {
		return g.binary.openDosages()
	}
	return openVCF(ctx, g, stdin,
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
func openVCF[R vcfReader](ctx context.Context, g *genotypeFlags, stdin io.Reader, open func(string, []string) (R, error), read func(io.Reader, string) (R, error)) (r R, err error) {
	if g.vcf == "-" {
		r, err = read(interruptible(ctx, stdin), "standard input")
	} else if pipe, failed := openPipe(ctx, g.vcf); failed != nil {
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
	filter := genomics.Filter{MinMAF: g.maf, MaxMissing: g.geno, AllDiploid: g.allDiploid}
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
	if err == nil {
		err = g.addSexes(log, &filter, source.Samples())
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
	if p, ok := genotypes(chosen).(ploidyNotes); ok {
		g.ploidy, g.sexes = p, p.Sexes()
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

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
	vcf, bfile   []string
	vcfList      string
	files        []inputFile // as inputs found them
	lacking      []string    // what @ did not find there
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
	filters      filterFlags
	caller       *bam.Caller // once opened, where there are BAM files

	sex, psam  string         // tables of sexes
	splitPAR   string         // genome assembly
	allDiploid bool           // as cohorts were before sexes were read
	sexes      []genomics.Sex // of the samples, once opened; nil where none is given
	ploidy     ploidyNotes    // once opened

	notes  func() []genomics.Note // of the file, once opened; nil for none
	loaded int                    // assoc.IDWidth over the variants that --chr and lists leave
}

// genotypes are what the sources of hard calls and dosages have in common.
type genotypes interface {
	Samples() []string
	Skipped() map[string]int
	Close() error
}

func (g *genotypeFlags) register(f *pflag.FlagSet) {
	f.StringArrayVar(&g.vcf, "vcf", nil, "VCF file, plain, gzip or BGZF; - for standard input; may be repeated, and @ stands for every chromosome")
	f.StringVar(&g.vcfList, "vcf-list", "", "file that lists VCF files, one a line")
	f.StringArrayVar(&g.bfile, "bfile", nil, "prefix of a PLINK 1 fileset (.bed, .bim, .fam); may have @ and be repeated")
	g.binary.register(f)
	g.reads.register(f)
	f.StringArrayVar(&g.regions, "region", nil, "chr or chr:from-to, as samtools writes regions, found through the VCF's tabix or CSI index; may be repeated")
	f.StringVar(&g.keep, "keep", "", "file of samples to keep")
	f.StringVar(&g.remove, "remove", "", "file of samples to leave out")
	f.StringSliceVar(&g.chr, "chr", nil, "chromosomes to keep: names and ranges, such as 1-22,X")
	f.StringVar(&g.sex, "sex", "", "table of the samples' sexes, for X and Y; a .psam or .fam file will do, and filesets have their own")
	f.StringVar(&g.psam, "psam", "", "the same as --sex")
	f.StringVar(&g.splitPAR, "split-par", "", "genome assembly, b36, b37 or b38, whose pseudo-autosomal regions of X become PAR1 and PAR2")
	f.Float64Var(&g.maf, "maf", 0, "least minor allele frequency")
	f.Float64Var(&g.geno, "geno", 1, "largest allowed share of missing calls")
	g.filters.register(f)
	f.StringVar(&g.dosage, "dosage-field", "", "field of imputed dosages to encrypt instead of calls, DS, GP or HDS")
	f.StringVar(&g.half, "half-call", string(vcf.HalfError), "what calls such as 1/. are in a VCF; missing, reference, haploid or error")
	f.StringVar(&g.panel, "panel", "", "list of the cohort's variants, from 'genoveil panel'; exactly these are encrypted")
}

// check refuses flags that make no sense, whatever the files. The comparisons are
// written such that NaN fails them.
func (g *genotypeFlags) check(f *pflag.FlagSet) error {
	g.regions = splitRegions(g.regions)
	inputs := 0
	for _, given := range []bool{g.vcfGiven(), named(g.bfile), named(g.binary.pfile), named(g.binary.bgen), g.reads.given()} {
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
	case len(g.regions) > 0 && named(g.bfile):
		return usagef("--region needs --vcf; use --chr with --bfile")
	case len(g.regions) > 0 && slices.Contains(g.vcf, "-"):
		return usagef("--region needs a file with an index; use --chr with standard input")
	case g.dosage != "" && !slices.Contains(vcf.DosageFields, g.dosage):
		return usagef("--dosage-field takes %s, not %q", strings.Join(vcf.DosageFields, ", "), g.dosage)
	case !slices.Contains(halfCalls, vcf.HalfCalls(g.half)):
		return usagef("--half-call takes missing, reference, haploid or error, not %q", g.half)
	case f.Changed("half-call") && !g.vcfGiven():
		return usagef("--half-call needs --vcf")
	case g.dosage != "" && named(g.bfile):
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
	if err := g.filters.check(f, g); err != nil {
		return err
	}
	var err error
	if g.chroms, err = selectChromosomes(g.chr); err != nil {
		return err
	}
	return g.reads.check(f)
}

// named reports whether a flag that may be repeated names something.
func named(list []string) bool { return len(list) > 0 && !slices.Contains(list, "") }

func (g *genotypeFlags) vcfGiven() bool { return named(g.vcf) || g.vcfList != "" }

// inputs finds and names the files that are read.
func (g *genotypeFlags) inputs(ctx context.Context) ([]string, error) {
	paths, err := g.reads.inputs(ctx)
	if err != nil {
		return nil, err
	}
	err = await(ctx, func() (err error) {
		g.files, g.lacking, err = g.findFiles()
		return err
	})
	for _, file := range g.files {
		paths = append(paths, g.parts()(file.path)...)
		paths = append(paths, file.sample)
	}
	paths = append(paths, g.filters.inputs()...)
	return append(paths, g.vcfList, g.keep, g.remove, g.panel, g.sex), err
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
	if err := g.checkFormats(); err != nil {
		return nil, err
	}
	if named(g.binary.bgen) {
		s.log.Info(g.binary.orderNote())
	}
	for _, warning := range g.lacking {
		s.log.Warn(warning)
	}
	if g.dosage != "" {
		source, err := g.openDosages(ctx, s)
		if err != nil {
			return nil, err
		}
		g.notesOf(source)
		return filtered(g, s.log, source, genomics.Filter.ApplyDosages)
	}
	source, err := g.openCalls(ctx, s, threads)
	if err != nil {
		return nil, err
	}
	g.notesOf(source)
	return filtered(g, s.log, source, genomics.Filter.Apply)
}

// checkFormats refuses a file of another format than its flag is for.
func (g *genotypeFlags) checkFormats() error {
	flag := vcfFlag
	switch {
	case named(g.bfile):
		flag = bfileFlag
	case named(g.binary.pfile):
		flag = pfileFlag
	case named(g.binary.bgen):
		flag = bgenFlag
	}
	var files []givenFile
	for _, file := range g.files {
		files = append(files, givenFile{flag, file.path})
	}
	return checkFormats(files)
}

// halfCalls are the values of --half-call.
var halfCalls = []vcf.HalfCalls{vcf.HalfError, vcf.HalfMissing, vcf.HalfReference, vcf.HalfHaploid}

// notesOf takes the notes of a source that has some.
func (g *genotypeFlags) notesOf(source genotypes) {
	if noting, ok := source.(interface{ Notes() []genomics.Note }); ok {
		g.notes = noting.Notes
	}
}

func (g *genotypeFlags) openCalls(ctx context.Context, s *session, threads int) (genomics.Source, error) {
	if g.reads.given() {
		var err error
		g.caller, err = g.reads.open(ctx, s.stdin, g.chroms, threads)
		return g.caller, err
	}
	return openFiles(g, s.log, genomics.Join, func(file inputFile) (genomics.Source, error) {
		switch {
		case g.binary.given():
			return g.binary.openCalls(file)
		case named(g.bfile):
			return bed.Open(file.path)
		}
		return openVCF(ctx, g, s.stdin, file, vcf.Open, vcf.NewReader)
	})
}

func (g *genotypeFlags) openDosages(ctx context.Context, s *session) (genomics.DosageSource, error) {
	return openFiles(g, s.log, genomics.JoinDosages, func(file inputFile) (genomics.DosageSource, error) {
		if g.binary.given() {
			return g.binary.openDosages(file)
		}
		return openVCF(ctx, g, s.stdin, file,
			func(path string, regions []string) (*vcf.DosageReader, error) {
				return vcf.OpenDosages(path, regions, g.dosage)
			},
			func(r io.Reader, name string) (*vcf.DosageReader, error) {
				return vcf.NewDosageReader(r, name, g.dosage)
			})
	})
}

// A vcfReader is what readers of calls and of dosages have in common.
type vcfReader interface {
	genotypes
	HalfCalls(vcf.HalfCalls)
}

// openVCF opens a VCF as a file, or reads it from a pipe.
func openVCF[R vcfReader](ctx context.Context, g *genotypeFlags, stdin io.Reader, file inputFile, open func(string, []string) (R, error), read func(io.Reader, string) (R, error)) (r R, err error) {
	if file.path == "-" {
		r, err = read(interruptible(ctx, stdin), "standard input")
	} else if pipe, failed := openPipe(ctx, file.path); failed != nil {
		return r, failed
	} else if pipe != nil && len(file.regions) == 0 {
		r, err = read(pipe, file.path)
	} else {
		r, err = open(file.path, file.regions)
	}
	if err == nil {
		r.HalfCalls(vcf.HalfCalls(g.half))
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
	if err == nil {
		err = g.filters.set(&filter, log, source)
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
	if err == nil {
		err = g.checkNames(chosen.Samples())
	}
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

// checkEmpty returns, of a source that gave nothing, an error that says so if there was
// nothing to leave out either.
func (g *genotypeFlags) checkEmpty(source genotypes) error {
	for _, n := range source.Skipped() {
		if n > 0 {
			return nil
		}
	}
	switch {
	case len(g.regions) > 0:
		return fmt.Errorf("no variants to encrypt: there is no record in --region %s", strings.Join(g.regions, ", "))
	case g.reads.given():
		return fmt.Errorf("no variants to encrypt: %s has none", g.reads.sites)
	case len(g.files) > 1:
		return fmt.Errorf("no variants to encrypt: none of the %d files has any", len(g.files))
	case g.files[0].path == "-":
		return errors.New("no variants to encrypt: standard input has none")
	}
	return fmt.Errorf("no variants to encrypt: %s has none", g.files[0].path)
}

// checkNames refuses samples that no table of traits can name.
func (g *genotypeFlags) checkNames(samples []string) error {
	how := "in the table of samples beside the genotypes"
	switch {
	case g.reads.given():
		how = "with samtools reheader"
	case g.vcfGiven():
		how = "with bcftools reheader -s"
	}
	for _, name := range samples {
		switch {
		case strings.ContainsAny(name, " \t"):
			return fmt.Errorf("sample %q has a blank in its name, at which tables of traits are cut; rename it %s", name, how)
		case strings.HasPrefix(name, "#"):
			return fmt.Errorf("sample %q has a name that begins with #, as comments in tables of traits do; rename it %s", name, how)
		}
	}
	return nil
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
	if unknown := genomics.Unknown(ids, samples); len(unknown) > 0 {
		log.Warn(fmt.Sprintf("%s names %s that the genotypes do not have, of %d, such as %.40q; the genotypes have for example %.40q",
			path, count(len(unknown), "sample"), len(ids), unknown[0], samples[0]), "file", path, "unknown", len(unknown))
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

package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/pflag"

	"genoveil/genomics"
	"genoveil/genomics/extract"
)

// filterFlags say which variants to keep, beside --chr, --maf and --geno.
type filterFlags struct {
	extract, exclude string
	maxMAF, mac, hwe float64
	r2, info         float64
	quality          string // of --r2 and --info, the one that is given

	lists    []*extract.List // once read: --extract and, if it is given, --exclude
	untested int             // variants that --hwe did not touch
}

func (o *filterFlags) register(f *pflag.FlagSet) {
	f.Var((*listValue)(&o.extract), "extract", "file of the only variants to keep: IDs; or range=FILE, bed0=FILE")
	f.Var((*listValue)(&o.exclude), "exclude", "file of variants to leave out, as for --extract")
	f.Float64Var(&o.maxMAF, "max-maf", 0, "greatest minor allele frequency")
	f.Float64Var(&o.mac, "mac", 0, "least number of copies of the rarer allele")
	f.Float64Var(&o.hwe, "hwe", 0, "least mid-p value of the exact test for Hardy-Weinberg equilibrium")
	f.Float64Var(&o.r2, "r2", 0, "least imputation quality; R2, DR2 or AR2 in INFO")
	f.Float64Var(&o.info, "info", 0, "least imputation quality; INFO, INFO_SCORE or IMPINFO in INFO")
}

// A listValue is a list of variants, as extract.Read takes it.
type listValue string

func (v *listValue) String() string { return string(*v) }
func (v *listValue) Type() string   { return "string" }
func (v *listValue) Set(list string) error {
	*v = listValue(list)
	return extract.CheckSpelling(list)
}

// siteFilters are the flags that say which variants to read, in the order in which they are
// tried.
var siteFilters = []string{"chr", "region", "r2", "info", "extract", "exclude", "geno", "hwe", "maf", "max-maf", "mac"}

// check refuses flags that make no sense, whatever the files. The comparisons are written
// such that NaN fails them.
func (o *filterFlags) check(f *pflag.FlagSet, g *genotypeFlags) error {
	o.quality = ""
	for _, name := range []string{"r2", "info"} {
		if !f.Changed(name) {
			continue
		}
		if o.quality != "" {
			return usagef("give one of --r2 and --info")
		}
		o.quality = name
		if least := o.least(); !(least >= 0 && least <= 1) {
			return usagef("--%s takes a quality from 0 to 1, not %v", name, least)
		}
		if !g.vcfGiven() && !named(g.binary.pfile) {
			return usagef("--%s needs --vcf or --pfile, whose INFO has the imputation quality; for other inputs, give --extract a list of the good variants", name)
		}
	}
	switch {
	case !(o.maxMAF >= 0 && o.maxMAF <= 0.5):
		return usagef("--max-maf takes a frequency from 0 to 0.5, not %v", o.maxMAF)
	case f.Changed("max-maf") && o.maxMAF == 0:
		return usagef("--max-maf 0 would keep only variants that nobody differs in; give a greater frequency")
	case o.maxMAF > 0 && o.maxMAF < g.maf:
		return usagef("--max-maf %v is below --maf %v, so that no variant is left", o.maxMAF, g.maf)
	case !(o.mac >= 0 && o.mac < 1<<31):
		return usagef("--mac takes a number of copies, 0 or more, not %v", o.mac)
	case !(o.hwe >= 0 && o.hwe < 0.5):
		return usagef("--hwe takes a mid-p value from 0 to below 0.5, which a variant has that nobody differs in; not %v", o.hwe)
	case o.hwe > 0 && g.dosage != "":
		return usagef("--hwe tests calls; leave out --dosage-field, or give --exclude a list of the variants that fail the test")
	}
	return nil
}

// least is the value of --r2 or --info.
func (o *filterFlags) least() float64 {
	if o.quality == "r2" {
		return o.r2
	}
	return o.info
}

// inputs names the files that are read.
func (o *filterFlags) inputs() []string {
	return []string{extract.Path(o.extract), extract.Path(o.exclude)}
}

// set sets a filter for genotypes.
func (o *filterFlags) set(filter *genomics.Filter, log *slog.Logger, source genotypes) (err error) {
	filter.MaxMAF, filter.MinMAC, filter.MinHWE = o.maxMAF, o.mac, o.hwe
	filter.Untested = func(*genomics.Variant) { o.untested++ }
	if o.quality != "" {
		if filter.Quality, err = o.readQuality(log, source); err != nil {
			return err
		}
	}
	if o.extract != "" {
		if filter.Extract, err = extract.Read(o.extract); err != nil {
			return err
		}
		o.lists = append(o.lists, filter.Extract)
	}
	if o.exclude != "" {
		filter.Exclude, err = extract.Read(o.exclude)
		if errors.Is(err, extract.ErrEmpty) {
			log.Warn(err.Error() + "; none is left out")
			err = nil
		}
		if err != nil {
			return err
		}
		o.lists = append(o.lists, filter.Exclude)
	}
	return nil
}

// readQuality has the source read the imputation quality.
func (o *filterFlags) readQuality(log *slog.Logger, source genotypes) (*genomics.Quality, error) {
	keys := genomics.InfoKeys
	if o.quality == "r2" {
		keys = genomics.R2Keys
	}
	key, err := source.(interface {
		Quality(keys []string) (string, error)
	}).Quality(keys)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", o.quality, err)
	}
	log.Info(fmt.Sprintf("--%s: the imputation quality is %s in INFO", o.quality, key), "key", key)
	return &genomics.Quality{Flag: "--" + o.quality, Key: key, Least: o.least()}, nil
}

// logLists says which variants of the lists the input does not have.
func (o *filterFlags) logLists(log *slog.Logger) {
	for _, list := range o.lists {
		if none := list.Check(); none != nil {
			log.Warn("--exclude " + none.Error())
		} else if unmet := list.Unmet(); unmet != "" {
			log.Warn(unmet)
		}
	}
	if o.untested > 0 {
		log.Info(fmt.Sprintf("--hwe: %s on X without sexes, Y or MT not tested", count(o.untested, "variant")), "variants", o.untested)
	}
}

// checkLists is the error of a list of --extract that left nothing.
func (o *filterFlags) checkLists() error {
	if o.extract == "" || len(o.lists) == 0 {
		return nil
	}
	if err := o.lists[0].Check(); err != nil {
		return fmt.Errorf("--extract %w", err)
	}
	return nil
}

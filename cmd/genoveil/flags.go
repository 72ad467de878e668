package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A flagGroup is a part of a command's help: flags and their metavariables, in the order
// in which help shows them. Switches have none.
type flagGroup struct{ title, flags string }

// flagGroups are all flags of all commands. One word has one meaning everywhere.
var flagGroups = []flagGroup{
	{"Input", `
		vcf=FILE vcf-list=FILE bfile=PREFIX pfile=PREFIX bgen=FILE sample=FILE ref-last bam=FILE bam-list=FILE sites=FILE region=CHR[:FROM-TO] dosage-field=FIELD half-call=MODE sex=FILE psam=FILE split-par=ASSEMBLY
		index=FILE pheno=FILE pheno-name=NAME covar=FILE covar-name=NAME covar-weights=FILE offset=FILE
		cohort=DIR traits=FILE panel=FILE weights=FILE weights-columns=N,N,N encrypted-model=FILE read-freq=FILE eval-key=FILE
		sums=FILE private=FILE scores=FILE keys=DIR records=FILE log-file=FILE home=DIR site=NAME list-vcf=FILE list-build=N other-vcf=FILE ancestry=NAME=KEY`},
	{"Filters", `keep=FILE remove=FILE chr=CHR extract=FILE exclude=FILE maf=FREQ max-maf=FREQ mac=COUNT geno=SHARE hwe=P r2=QUALITY info=QUALITY min-gq=N min-depth=N min-mq=N min-bq=N`},
	{"Analysis", `for=PURPOSE test=TEST model ci=LEVEL intercept=X no-mean-imputation min-matched=SHARE max-answers=N ledger=FILE complete ask-consent consent qc despite-problems yes minus-own`},
	{"Study", `samples=N variants=N planes=X covariates=N phenotypes=N missing=SHARE causal=N heritability=SHARE cases=SHARE seed=N calibrate study`},
	{"Keys", `passphrase no-passphrase show dosage score renew-check run-key=FILE`},
	{"Output", `out=FILE format=FORMAT build=NAME bgzip title=TEXT record=FILE html=FILE to=NAME max-size=SIZE headers log=FORMAT`},
	{"Performance", `threads=N memory=SIZE device=DEVICE checkpoint-every=TIME shard=I/N`},
	{"Job", `shards=N cpus=N task-memory=SIZE time=H:MM:SS gpus-per-task=N name=NAME dry-run watch`},
	{"Help", `help version`},
}

// each calls visit for the flags of a group.
func (g flagGroup) each(visit func(name, metavariable string)) {
	for _, word := range strings.Fields(g.flags) {
		name, metavariable, _ := strings.Cut(word, "=")
		visit(name, metavariable)
	}
}

// metavariable is what help shows as a flag's value. --out alone is of several kinds, and
// says so in back quotes.
func metavariable(f *pflag.Flag) (is string) {
	if name, _ := pflag.UnquoteUsage(f); strings.Contains(f.Usage, "`") {
		return name
	}
	for _, g := range flagGroups {
		g.each(func(name, metavariable string) {
			if name == f.Name {
				is = metavariable
			}
		})
	}
	return is
}

// renamed are flags that had other names, in commands that have the new one.
var renamed = map[string]string{"model": "encrypted-model", "dosage": "dosage-field", "mem": "task-memory"}

// foreign are flags of other programs, and what to type here, whose first word is the flag.
var foreign = map[string]string{
	"update-sex": "sex", "regions": "region", "autosome": "chr 1-22", "vcf-half-call": "half-call", "vcf-dosage": "dosage-field",
	"pgen": "pfile PREFIX", "pvar": "pfile PREFIX", "bed": "bfile PREFIX", "bim": "bfile PREFIX", "fam": "bfile PREFIX",
	"bcf": "vcf -, behind bcftools view FILE.bcf |", "cram": "bam -, behind samtools view -u -T REFERENCE.fa FILE.cram |",
	"phenoFile": "pheno", "phenoCol": "pheno-name", "phenoColList": "pheno-name", "pheno-col": "pheno-name", "pheno-cols": "pheno-name",
	"covarFile": "covar", "covarCol": "covar-name", "covarColList": "covar-name", "covar-col": "covar-name", "covar-cols": "covar-name",
}

// needless are flags of other programs that ask for what is done anyway.
var needless = map[string]string{
	"double-id": "samples are known by one ID alone", "const-fid": "samples are known by one ID alone",
	"allow-extra-chr": "all chromosomes are taken",
}

// meant says what may have been meant by a flag that a command does not have, "" for
// nothing. Where the name is nearly that of others, they are found as cobra finds commands.
func meant(flags *pflag.FlagSet, name string) string {
	if why := needless[name]; why != "" && flags.Lookup("vcf") != nil {
		return "; leave it out, for " + why
	}
	first, _, _ := strings.Cut(foreign[name], " ")
	if flags.Lookup(strings.TrimSuffix(first, ",")) != nil {
		return fmt.Sprintf("; did you mean --%s?", foreign[name])
	}
	names := &cobra.Command{SuggestionsMinimumDistance: 2}
	flags.VisitAll(func(f *pflag.Flag) {
		names.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
	})
	var near []string
	for _, name := range names.SuggestionsFor(name) {
		near = append(near, "--"+name)
	}
	if near == nil {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", listed(near, "or"))
}

// flagError says what is wrong with a flag in our words.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if twice := givenTwice(""); errors.As(err, &twice) {
		err = twice
	} else if errors.As(err, &unknown) {
		if now := renamed[unknown.GetSpecifiedName()]; now != "" && cmd.Flags().Lookup(now) != nil {
			err = fmt.Errorf("--%s is now --%s", unknown.GetSpecifiedName(), now)
		} else if unknown.GetSpecifiedShortnames() == "" {
			err = fmt.Errorf("%w%s", err, meant(cmd.Flags(), unknown.GetSpecifiedName()))
		}
	} else if n := notNumber(err); n != nil {
		err = n
	}
	return usageError{err}
}

// notNumber says what a flag takes in place of a value that is no number, or nil.
func notNumber(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return nil
	}
	name, value := invalid.GetFlag().Name, invalid.GetValue()
	takes := map[string]string{"float64": "a number, such as 0.05", "int": "a whole number", "uint64": "a whole number of at least 0",
		"intSlice": "whole numbers with commas between them", "duration": "a time, such as 10m or 1h30m"}[invalid.GetFlag().Value.Type()]
	switch {
	case takes == "":
		return nil
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("--%s: %q is beyond what it takes", name, value)
	}
	return fmt.Errorf("--%s takes %s, not %q", name, takes, value)
}

package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/pflag"

	"genoveil/genomics"
	"genoveil/genomics/score"
	"genoveil/he"
	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
)

// weightFlags say what the model is.
type weightFlags struct {
	files            []string
	readFreq         string
	noMeanImputation bool
	intercept        float64
	shifted          bool // --intercept is given
	build            string
}

func (w *weightFlags) register(f *pflag.FlagSet) {
	f.StringSliceVar(&w.files, "weights", nil, "PGS Catalog scoring file or PLINK --score table; may be repeated")
	f.StringVar(&w.readFreq, "read-freq", "", "allele frequencies for missing calls (.afreq of PLINK 2)")
	f.BoolVar(&w.noMeanImputation, "no-mean-imputation", false, "count a missing call as no copy of the effect allele")
	f.StringVar(&w.build, "build", "", "genome assembly, such as GRCh38; scoring files for a different one are refused")
	f.Float64Var(&w.intercept, "intercept", 0, "number to add to the score, such as the intercept of a logistic model")
}

// check refuses flags that do not go together. encrypted says that the model comes
// encrypted.
func (w *weightFlags) check(f *pflag.FlagSet, encrypted bool) error {
	w.shifted = f.Changed("intercept")
	if encrypted == f.Changed("weights") {
		return usagef("give one of --weights and --encrypted-model")
	}
	if encrypted {
		for _, name := range []string{"read-freq", "no-mean-imputation", "intercept", "build"} {
			if f.Changed(name) {
				return usagef("--%s is for 'genoveil encrypt model', which made the --encrypted-model", name)
			}
		}
	}
	if w.readFreq != "" && w.noMeanImputation {
		return usagef("--read-freq is for mean imputation; leave out --no-mean-imputation")
	}
	return nil
}

// match reads the weights and finds their variants. build is that of the variants, if
// it is known; --build goes before it. The log is for the model's owner: it tells much of the model.
func (w *weightFlags) match(log *slog.Logger, variants []genomics.Variant, build string) (*score.Model, error) {
	if w.build != "" {
		build = w.build
	}
	imputation := score.MeanImputation{Off: w.noMeanImputation}
	var err error
	if w.readFreq != "" {
		if imputation.Frequencies, err = score.ReadFrequencies(w.readFreq); err != nil {
			return nil, err
		}
	}
	files, err := w.read(build)
	if err != nil {
		return nil, err
	}
	model, reports, err := score.Match(files, variants, imputation)
	if err != nil {
		return nil, err
	}
	for i, r := range reports {
		log.Info(fmt.Sprintf("%s: %d of %s matched (%d on the other strand, %d of A/T or C/G variants); %d with different alleles, %d that fit several variants, %d not in the list",
			w.files[i], r.Matched, count(len(files[i].Weights), "weight"), r.Flipped, r.Strand, r.OtherAlleles, r.Undecided, r.Missing),
			"file", w.files[i], "weights", len(files[i].Weights), "matched", r.Matched, "flipped", r.Flipped, "strand", r.Strand,
			"other_alleles", r.OtherAlleles, "undecided", r.Undecided, "missing", r.Missing)
	}
	return model, nil
}

// read reads the weights, and refuses those of another build.
func (w *weightFlags) read(build string) (files []*score.File, err error) {
	for _, path := range w.files {
		f, err := score.Read(path)
		if err != nil {
			return nil, err
		}
		if err := f.CheckBuild(build); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// plain is the model, found among variants and rounded.
func (w *weightFlags) plain(ctx context.Context, log *slog.Logger, variants []genomics.Variant, build string, params he.ScoreParams, encoding format.Encoding, blocks []format.Block) (fixed *model.PlainModel, err error) {
	err = await(ctx, func() error {
		model, err := w.match(log, variants, build)
		if err == nil {
			fixed, err = w.fix(log, model, params, encoding, blocks)
		}
		return err
	})
	return fixed, err
}

// fix rounds a model to what the parameter set computes with.
func (w *weightFlags) fix(log *slog.Logger, m *score.Model, params he.ScoreParams, encoding format.Encoding, blocks []format.Block) (*model.PlainModel, error) {
	var intercept *float64
	if w.shifted {
		if len(m.Names) > 1 {
			return nil, fmt.Errorf("--intercept is for one score, and there are %d: %s", len(m.Names), strings.Join(m.Names, ", "))
		}
		intercept = &w.intercept
	}
	fixed, err := model.FixModel(m, params, encoding, blocks, intercept)
	if err != nil {
		return nil, err
	}
	for i, name := range m.Names {
		k := fixed.Description.Exponents[i]
		log.Info(fmt.Sprintf("%s: %s, rounded to multiples of 2^%d", name, count(m.Matched[i], "weight"), -k), "score", name, "weights", m.Matched[i], "exponent", k)
	}
	return fixed, nil
}

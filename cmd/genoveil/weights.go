package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
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
	columns          []int
	leastMatched     float64
	readFreq         string
	noMeanImputation bool
	intercept        float64
	shifted          bool // --intercept is given
	build            string
}

func (w *weightFlags) register(f *pflag.FlagSet) {
	f.StringSliceVar(&w.files, "weights", nil, "PGS Catalog scoring file or PLINK --score table; may be repeated")
	f.IntSliceVar(&w.columns, "weights-columns", nil, "columns of a PLINK table: of the ID, the effect allele and the weights; 1,2,3 and all further unless given")
	f.Float64Var(&w.leastMatched, "min-matched", 0.75, "share of a file's weights below which a warning says that few matched")
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
		for _, name := range []string{"weights-columns", "min-matched", "read-freq", "no-mean-imputation", "intercept", "build"} {
			if f.Changed(name) {
				return usagef("--%s is for 'genoveil encrypt model', which made the --encrypted-model", name)
			}
		}
	}
	if !(w.leastMatched >= 0 && w.leastMatched <= 1) {
		return usagef("--min-matched takes a share from 0 to 1, not %v", w.leastMatched)
	}
	if f.Changed("weights-columns") && (len(w.columns) < 3 || slices.Min(w.columns) < 1) {
		return usagef("--weights-columns takes three numbers of 1 or more, or more of them: of the ID, the effect allele and the weights, such as 1,4,6")
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
		var skipped map[string]int
		if imputation.Frequencies, skipped, err = score.ReadFrequencies(w.readFreq); err != nil {
			return nil, err
		}
		for _, reason := range slices.Sorted(maps.Keys(skipped)) {
			log.Info(fmt.Sprintf("%s: %s left out: %s", w.readFreq, count(skipped[reason], "row"), reason), "file", w.readFreq, "rows", skipped[reason], "reason", reason)
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
		w.report(log, w.files[i], files[i], r, variants)
	}
	return model, nil
}

// report says what became of a file's weights.
func (w *weightFlags) report(log *slog.Logger, path string, f *score.File, r score.Report, variants []genomics.Variant) {
	if f.NoSequence > 0 {
		log.Warn(fmt.Sprintf("%s: %s left out, whose effect allele is not a sequence of A, C, G and T; the first is %s", path, count(f.NoSequence, "weight"), f.FirstNoSequence),
			"file", path, "no_sequence", f.NoSequence)
	}
	if r.Doubtful > 0 {
		log.Warn(fmt.Sprintf("%s: %s of A/T or C/G variants left out: others of the file are on either strand, so the strand of these is not known", path, count(r.Doubtful, "weight")),
			"file", path, "doubtful", r.Doubtful)
	}
	if r.OnY > 0 {
		log.Warn(fmt.Sprintf("%s: %s of variants on Y left out: who has no Y would get the mean of those who do", path, count(r.OnY, "weight")), "file", path, "on_y", r.OnY)
	}
	all := len(f.Weights) + f.NoSequence
	log.Info(fmt.Sprintf("%s: %d of %s matched (%d on the other strand, %d of A/T or C/G variants); %d with different alleles, %d that fit several variants, %d not in the list",
		path, r.Matched, count(all, "weight"), r.Flipped, r.Strand, r.OtherAlleles, r.Undecided, r.Missing),
		"file", path, "weights", all, "matched", r.Matched, "flipped", r.Flipped, "strand", r.Strand,
		"other_alleles", r.OtherAlleles, "undecided", r.Undecided, "missing", r.Missing)
	if share := float64(r.Matched) / float64(all); share < w.leastMatched {
		hint := "Is the list complete, and of the same genome build?"
		if f.ByID() {
			hint = "Is the list complete, and does it spell IDs as the file does?"
			if unlike := f.UnlikeIDs(variants); unlike != "" {
				hint += " For example, " + unlike
			}
		}
		log.Warn(fmt.Sprintf("%s: %.3g %% of its weights matched, below --min-matched %g; the score is of %s alone. %s",
			path, 100*share, w.leastMatched, count(r.Matched, "variant"), hint), "file", path, "share", share)
	}
}

// read reads the weights, and refuses those of another build.
func (w *weightFlags) read(build string) (files []*score.File, err error) {
	for _, path := range w.files {
		f, err := score.Read(path, w.columns)
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
		if n := fixed.Vanished[i]; n > 0 {
			log.Warn(fmt.Sprintf("%s: rounding makes %d of %s zero, as others are so much larger; look at the largest weights of the file", name, n, count(m.Matched[i], "weight")),
				"score", name, "zero", n)
		}
	}
	return fixed, nil
}

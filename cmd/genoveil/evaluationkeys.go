package main

import (
	"context"
	"fmt"
	"log/slog"

	"genoveil/he"
	"genoveil/pipeline/format"
)

// evaluationKeys are a file of keys for a purpose and an encoding.
type evaluationKeys struct {
	purpose  format.Purpose
	encoding format.Encoding
	path     string
}

// add makes the keys.
func (k evaluationKeys) add(ctx context.Context, log *slog.Logger, sk *he.SecretKey) error {
	chain, err := k.chain()
	if err != nil {
		return err
	}
	if k.purpose == format.GWAS {
		err = k.addGWAS(ctx, chain, sk)
	} else {
		err = k.addScore(ctx, chain, sk)
	}
	if err != nil {
		return err
	}
	k.made(log, chain)
	return nil
}

func (k evaluationKeys) addGWAS(ctx context.Context, chain he.Chain, sk *he.SecretKey) error {
	var keys *he.EvaluationKeys
	err := await(ctx, func() (err error) {
		keys, err = he.GenerateEvaluationKeys(chain, sk)
		return err
	})
	if err != nil {
		return err
	}
	return taken(format.SaveEvaluationKeys(k.path, keys))
}

func (k evaluationKeys) addScore(ctx context.Context, chain he.Chain, sk *he.SecretKey) error {
	var keys *he.ScoreKeys
	err := await(ctx, func() (err error) {
		keys, err = he.GenerateScoreKeys(chain, sk)
		return err
	})
	if err != nil {
		return err
	}
	return taken(format.SaveScoreKeys(k.path, keys))
}

// chain is the chain of the keys, which does not depend on the number of samples.
func (k evaluationKeys) chain() (he.Chain, error) {
	params, err := k.purpose.Plan(1, k.encoding)
	if err != nil {
		return he.Chain{}, err
	}
	return params.Chain(), nil
}

// made says what was made.
func (k evaluationKeys) made(log *slog.Logger, chain he.Chain) {
	what := string(k.encoding)
	if k.purpose != format.GWAS {
		what = "scores of " + what
	}
	log.Info(fmt.Sprintf("made %s for the compute site (%s): ring degree %d, %.0f-bit modulus, %d-bit security", k.path, what, chain.N(), chain.LogQP(), chain.Security()))
}

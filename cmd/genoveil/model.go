package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
	"genoveil/pipeline/private"
)

// modelFlags say which model to encrypt, and for which cohort.
type modelFlags struct {
	taskFlags
	weights     weightFlags
	index, keys string
}

func newEncryptModel(s *session) *cobra.Command {
	o := new(modelFlags)
	cmd := &cobra.Command{
		Use:   "model --weights FILE… --index FILE --keys DIR -o PREFIX",
		Short: "Encrypt a model for a server that may not see it",
		Long: `Encrypts the weights of a model into PREFIX.model (upload), for a cohort that was
encrypted --for private-model under the same key. The server that evaluates the model
then learns neither genotypes nor weights. The model's owner must own the key, or
trust its owner. docs/scoring.md says when you need this, and what it costs.`,
		Args:    noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return o.check(cmd.Flags()) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.timed(cmd, s, o.run) },
	}
	o.register(cmd.Flags())
	require(cmd, "weights", "index", "keys", "out")
	return cmd
}

func (o *modelFlags) register(f *pflag.FlagSet) {
	o.weights.register(f)
	f.StringVar(&o.index, "index", "", "the cohort's .index file")
	f.StringVar(&o.keys, "keys", "", "directory with secret.key")
	f.StringVarP(&o.out, "out", "o", "", "output; `PREFIX` of PREFIX.model")
	o.taskFlags.register(f)
}

func (o *modelFlags) check(f *pflag.FlagSet) error {
	if err := o.taskFlags.check(f); err != nil {
		return err
	}
	return o.weights.check(f, false)
}

func (o *modelFlags) run(ctx context.Context, s *session) error {
	path := o.out + ".model"
	inputs := append([]string{o.weights.readFreq, o.index, filepath.Join(o.keys, secretName)}, o.weights.files...)
	if err := s.claim(&o.outputFlags, []string{path}, inputs); err != nil {
		return err
	}
	secret, err := loadSecret(ctx, o.keys)
	if err != nil {
		return err
	}
	cohort, err := private.OpenIndex(o.index, format.PrivateModel)
	if err != nil {
		return err
	}
	defer cohort.Close()
	variants, err := cohort.AllVariants(ctx)
	if err != nil {
		return err
	}
	params, err := cohort.Params.Scores()
	if err != nil {
		return err
	}
	fixed, err := o.weights.plain(ctx, s.log, variants, "", params, cohort.Genotypes, cohort.Blocks)
	if err != nil {
		return err
	}
	if err := model.EncryptModel(ctx, path, &cohort.Index, secret, fixed); err != nil {
		return err
	}
	s.log.Info(fmt.Sprintf("encrypted %s into %s (upload)", count(len(fixed.Constants), "score"), path), "scores", len(fixed.Constants))
	return nil
}

package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"genoveil/pipeline"
)

func newEncryptModel() *cobra.Command {
	var weights weightFlags
	var index, keys, out string
	cmd := &cobra.Command{
		Use:   "model --weights FILE… --index FILE --keys DIR -o PREFIX",
		Short: "Encrypt a model for a server that may not see it",
		Long: `Encrypts the weights of a model for a cohort that was encrypted --for private-model,
under the same key, into PREFIX.model (upload): then the server that evaluates it learns
neither genotypes nor weights. The model's owner has to own the key, or to trust who
does. docs/scoring.md says when one needs that, and what it costs.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if err := weights.check(cmd.Flags(), false); err != nil {
			return err
		}
		path := out + ".model"
		inputs := append([]string{weights.readFreq, index, filepath.Join(keys, secretName)}, weights.files...)
		if err := claim(cmd, []string{path}, inputs); err != nil {
			return err
		}
		secret, err := loadSecret(cmd.Context(), keys)
		if err != nil {
			return err
		}
		cohort, err := pipeline.OpenIndex(index, pipeline.PrivateModel)
		if err != nil {
			return err
		}
		defer cohort.Close()
		variants, err := cohort.AllVariants(cmd.Context())
		if err != nil {
			return err
		}
		params, err := cohort.Params.Scores()
		if err != nil {
			return err
		}
		fixed, err := weights.plain(cmd, log, variants, "", params, cohort.Genotypes, cohort.Blocks)
		if err != nil {
			return err
		}
		if err := pipeline.EncryptModel(cmd.Context(), path, &cohort.Index, secret, fixed); err != nil {
			return err
		}
		log.Info(fmt.Sprintf("encrypted %s into %s (upload)", count(len(fixed.Constants), "score"), path), "scores", len(fixed.Constants))
		return nil
	}
	f := cmd.Flags()
	weights.register(f)
	f.StringVar(&index, "index", "", "the cohort's .index file")
	f.StringVar(&keys, "keys", "", "directory with secret.key")
	f.StringVarP(&out, "out", "o", "", "output; `PREFIX` of PREFIX.model")
	threads := 0
	threadsFlag(cmd, &threads)
	require(cmd, "weights", "index", "keys", "out")
	return cmd
}

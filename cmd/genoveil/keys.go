package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"genoveil/he"
	"genoveil/pipeline"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/slurm"
)

const (
	secretName = "secret.key"
	evalName   = "eval.key"
	dosageName = "eval-dosage.key"

	scoreName       = "eval-score.key"
	scoreDosageName = "eval-score-dosage.key"

	// passphraseVariable lets batch jobs open a key that has a passphrase.
	passphraseVariable = slurm.Passphrase
)

func newKeygen() *cobra.Command {
	var out string
	var protect, dosage, score bool
	cmd := &cobra.Command{
		Use:   "keygen -o keys [--passphrase] [--dosage] [--score]",
		Short: "Make the owner's secret key and the compute site's evaluation keys",
		Long: `Makes two files in a new directory:

  secret.key  stays with the owner; whoever has it can decrypt everything
  eval.key    goes to the compute site; lets it compute and nothing else

With --dosage, also eval-dosage.key, which the compute site needs for cohorts of
imputed dosages. Its larger numbers lower the security level from 192 to 128 bits,
so it is made only on request; it can be added to keys that are there already.

With --score, also eval-score.key for cohorts encrypted --for score or private-model
(and with --dosage, eval-score-dosage.key for those of dosages), on the same terms.

With --passphrase, secret.key is encrypted under a passphrase (age, scrypt). It is
asked for on the terminal, or taken from the environment variable ` + passphraseVariable + `.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log, ctx := newLog(cmd), cmd.Context()
		secretPath, evalPath := filepath.Join(out, secretName), filepath.Join(out, evalName)
		var more []evaluationKeys // that are made only on request
		if dosage {
			more = append(more, evaluationKeys{pipeline.GWAS, pipeline.Dosages, filepath.Join(out, dosageName)})
		}
		if score {
			more = append(more, evaluationKeys{pipeline.Score, pipeline.HardCalls, filepath.Join(out, scoreName)})
		}
		if score && dosage {
			more = append(more, evaluationKeys{pipeline.Score, pipeline.Dosages, filepath.Join(out, scoreDosageName)})
		}
		if _, err := os.Stat(secretPath); err == nil && len(more) > 0 {
			return addMissing(ctx, log, out, more)
		}
		for _, path := range []string{secretPath, evalPath} {
			if err := mustBeNew(path); err != nil {
				return err
			}
		}
		phrase := ""
		if protect {
			var err error
			if phrase, err = newPassphrase(ctx); err != nil {
				return err
			}
		}
		// The chain of a set does not depend on the number of samples.
		params, err := pipeline.GWAS.Plan(1, pipeline.HardCalls)
		if err != nil {
			return err
		}
		var sk *he.SecretKey
		var content []byte
		err = await(ctx, func() (err error) {
			if sk, err = he.GenerateSecret(params.Chain()); err == nil {
				content, err = pipeline.EncodeSecretKey(sk, phrase)
			}
			return err
		})
		if err != nil {
			return err
		}
		if err := os.MkdirAll(out, 0o700); err != nil {
			return err
		}
		if err := atomicfile.Write(secretPath, content, 0o600); err != nil {
			return err
		}
		log.Info(fmt.Sprintf("made %s: keep it", secretPath))
		if err := (evaluationKeys{pipeline.GWAS, pipeline.HardCalls, evalPath}).add(ctx, log, sk); err != nil {
			// Nothing is encrypted under a key that never was complete.
			return errors.Join(err, os.Remove(secretPath))
		}
		for _, k := range more {
			if err := k.add(ctx, log, sk); err != nil {
				return err
			}
		}
		return nil
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "directory for the keys")
	cmd.Flags().BoolVar(&dosage, "dosage", false, "also make evaluation keys for imputed dosages")
	cmd.Flags().BoolVar(&score, "score", false, "also make evaluation keys for scoring")
	cmd.Flags().BoolVar(&protect, "passphrase", false, "protect the secret key with a passphrase")
	require(cmd, "out")
	return cmd
}

func mustBeNew(path string) error {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s: exists already; choose another directory (what is encrypted under a lost key is lost)", path)
	}
	return nil
}

// evaluationKeys are a file of keys for a purpose and an encoding.
type evaluationKeys struct {
	purpose  pipeline.Purpose
	encoding pipeline.Encoding
	path     string
}

// addMissing adds those files to a directory of keys that it lacks. If it lacks
// none, that is an error.
func addMissing(ctx context.Context, log *slog.Logger, dir string, files []evaluationKeys) error {
	sk, err := loadSecret(ctx, dir)
	if err != nil {
		return err
	}
	added := false
	for _, k := range files {
		if _, err := os.Stat(k.path); err == nil {
			continue
		}
		if err := k.add(ctx, log, sk); err != nil {
			return err
		}
		added = true
	}
	if !added {
		return mustBeNew(files[len(files)-1].path)
	}
	return nil
}

// add makes the keys.
func (k evaluationKeys) add(ctx context.Context, log *slog.Logger, sk *he.SecretKey) error {
	if err := mustBeNew(k.path); err != nil {
		return err
	}
	params, err := k.purpose.Plan(1, k.encoding)
	if err != nil {
		return err
	}
	chain := params.Chain()
	what := string(k.encoding)
	if k.purpose == pipeline.GWAS {
		var keys *he.EvaluationKeys
		err := await(ctx, func() (err error) {
			keys, err = he.GenerateEvaluationKeys(chain, sk)
			return err
		})
		if err != nil {
			return err
		}
		if err := pipeline.SaveEvaluationKeys(k.path, keys); err != nil {
			return err
		}
	} else {
		what = "scores of " + what
		var keys *he.ScoreKeys
		err := await(ctx, func() (err error) {
			keys, err = he.GenerateScoreKeys(chain, sk)
			return err
		})
		if err != nil {
			return err
		}
		if err := pipeline.SaveScoreKeys(k.path, keys); err != nil {
			return err
		}
	}
	log.Info(fmt.Sprintf("made %s for the compute site (%s): ring degree %d, %.0f-bit modulus, %d-bit security", k.path, what, chain.N(), chain.LogQP(), chain.Security()))
	return nil
}

// loadSecret reads the secret key of a directory that keygen made.
func loadSecret(ctx context.Context, dir string) (sk *he.SecretKey, err error) {
	path := filepath.Join(dir, secretName)
	err = await(ctx, func() (err error) {
		sk, err = pipeline.LoadSecretKey(path, func() (string, error) {
			return askPassphrase(ctx, "Passphrase of "+path+": ")
		})
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such key; give the directory that 'genoveil keygen' made", path)
	}
	return sk, err
}

// newPassphrase asks twice on the terminal: nobody could undo a slip.
func newPassphrase(ctx context.Context) (string, error) {
	phrase, err := askPassphrase(ctx, "New passphrase: ")
	if err != nil {
		return "", err
	}
	again, err := askPassphrase(ctx, "The same again: ")
	switch {
	case err != nil:
		return "", err
	case phrase == "":
		return "", errors.New("the passphrase is empty")
	case phrase != again:
		return "", errors.New("the two passphrases differ")
	}
	return phrase, nil
}

// askPassphrase takes the passphrase from the environment or the terminal.
func askPassphrase(ctx context.Context, prompt string) (phrase string, err error) {
	if phrase, ok := os.LookupEnv(passphraseVariable); ok {
		return phrase, nil
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return "", fmt.Errorf("the key has a passphrase and there is no terminal to ask for it; set %s", passphraseVariable)
	}
	fmt.Fprint(os.Stderr, prompt)
	fd := int(os.Stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	err = await(ctx, func() error {
		typed, err := term.ReadPassword(fd)
		phrase = string(typed)
		return err
	})
	if ctx.Err() != nil {
		term.Restore(fd, before) // what is typed is to be seen again
		err = ctx.Err()
	}
	fmt.Fprintln(os.Stderr)
	return phrase, err
}

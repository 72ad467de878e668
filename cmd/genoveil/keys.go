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

	journalName = "keygen.log" // the journal, in the same directory

	scoreName       = "eval-score.key"
	scoreDosageName = "eval-score-dosage.key"

	// passphraseVariable lets batch jobs open a key that has a passphrase.
	passphraseVariable = slurm.Passphrase
)

func newKeygen() *cobra.Command {
	var out string
	var protect, dosage, score bool
	cmd := &cobra.Command{
		Use:   "keygen -o DIR [--passphrase] [--dosage] [--score]",
		Short: "Make the owner's secret key and the compute site's evaluation keys",
		Long: `Makes two files in a new directory:

  secret.key  stays with the owner; whoever has it can decrypt everything
  eval.key    goes to the compute site; lets it compute and nothing else

With --dosage, also eval-dosage.key, which the compute site needs for cohorts of
imputed dosages. Its larger numbers lower the security level from 192 to 128 bits,
so it is made only on request; it can be added to keys that are there already.

With --score, also eval-score.key for cohorts encrypted --for score or private-model
(and with --dosage, eval-score-dosage.key for those of dosages), on the same terms.

Files that the directory lacks are made from a secret.key that is there: eval.key if
it was lost, too, or if keygen was killed before it was complete.

With --passphrase, secret.key is encrypted under a passphrase (age, scrypt). It is
asked for on the terminal, or taken from the environment variable ` + passphraseVariable + `.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log, ctx := newLog(cmd), cmd.Context()
		secretPath, evalPath := filepath.Join(out, secretName), filepath.Join(out, evalName)
		files := []evaluationKeys{{pipeline.GWAS, pipeline.HardCalls, evalPath}}
		if dosage {
			files = append(files, evaluationKeys{pipeline.GWAS, pipeline.Dosages, filepath.Join(out, dosageName)})
		}
		if score {
			files = append(files, evaluationKeys{pipeline.Score, pipeline.HardCalls, filepath.Join(out, scoreName)})
		}
		if score && dosage {
			files = append(files, evaluationKeys{pipeline.Score, pipeline.Dosages, filepath.Join(out, scoreDosageName)})
		}
		if err := checkNewDirectory(out); err != nil {
			return err
		}
		if err := cleanKeys(out); err != nil {
			return err
		}
		if err := mustBeNew(secretPath); err != nil {
			return addMissing(cmd, log, out, files, protect, err)
		}
		for _, k := range files {
			if err := mustBeNew(k.path); err != nil {
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
		chain, err := files[0].chain()
		if err != nil {
			return err
		}
		var sk *he.SecretKey
		var content []byte
		var keys *he.EvaluationKeys
		err = await(ctx, func() (err error) {
			if sk, err = he.GenerateSecret(chain); err != nil {
				return err
			}
			if content, err = pipeline.EncodeSecretKey(sk, phrase); err != nil {
				return err
			}
			keys, err = he.GenerateEvaluationKeys(chain, sk)
			return err
		})
		if err != nil {
			return err
		}
		if err := os.MkdirAll(out, 0o700); err != nil {
			return err
		}
		if err := pipeline.SaveKeys(secretPath, content, evalPath, keys); err != nil {
			return taken(err)
		}
		annotate(cmd, journalAnnotation, filepath.Join(out, journalName))
		log.Info(fmt.Sprintf("made %s: keep it", secretPath))
		files[0].made(log, chain)
		for _, k := range files[1:] {
			if err := k.add(ctx, log, sk); err != nil {
				return err
			}
		}
		return nil
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "output; `DIR` of the keys")
	cmd.Flags().BoolVar(&dosage, "dosage", false, "for imputed dosages; also makes their evaluation keys")
	cmd.Flags().BoolVar(&score, "score", false, "also make evaluation keys for scoring")
	cmd.Flags().BoolVar(&protect, "passphrase", false, "protect the secret key with a passphrase")
	require(cmd, "out")
	return cmd
}

func mustBeNew(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return existsAlready(path)
	}
	return nil
}

func existsAlready(path string) error {
	return fmt.Errorf("%s: exists already; choose another directory (what is encrypted under a lost key is lost)", path)
}

// taken is the error of saving keys, in plain words where somebody else was faster.
func taken(err error) error {
	var path *fs.PathError
	if errors.Is(err, fs.ErrExist) && errors.As(err, &path) {
		return existsAlready(path.Path)
	}
	return err
}

// cleanKeys deletes what killed commands left of the files in a directory of keys, if
// there is one.
func cleanKeys(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var err error
	for _, name := range []string{secretName, evalName, dosageName, scoreName, scoreDosageName, journalName} {
		err = errors.Join(err, atomicfile.Clean(filepath.Join(dir, name)))
	}
	return err
}

// evaluationKeys are a file of keys for a purpose and an encoding.
type evaluationKeys struct {
	purpose  pipeline.Purpose
	encoding pipeline.Encoding
	path     string
}

// addMissing adds those files to a directory of keys that it lacks: on request, because
// they were lost, or because keygen was killed. If it lacks none, that is an error:
// there, if no more than a pair of keys is asked for.
func addMissing(cmd *cobra.Command, log *slog.Logger, dir string, files []evaluationKeys, protect bool, there error) error {
	var missing []evaluationKeys
	for _, k := range files {
		if mustBeNew(k.path) == nil {
			missing = append(missing, k)
		}
	}
	switch {
	case len(missing) == 0 && len(files) == 1:
		return there
	case len(missing) == 0:
		return mustBeNew(files[len(files)-1].path)
	}
	ctx := cmd.Context()
	sk, sealed, err := openSecret(ctx, dir)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, secretName)
	if protect && !sealed {
		return fmt.Errorf("%s: exists already, without a passphrase; leave out --passphrase, or choose another directory", path)
	}
	annotate(cmd, journalAnnotation, filepath.Join(dir, journalName))
	log.Info(fmt.Sprintf("%s is there already; what is missing is made from it", path))
	for _, k := range missing {
		if err := k.add(ctx, log, sk); err != nil {
			return err
		}
	}
	return nil
}

// add makes the keys.
func (k evaluationKeys) add(ctx context.Context, log *slog.Logger, sk *he.SecretKey) error {
	chain, err := k.chain()
	if err != nil {
		return err
	}
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
			return taken(err)
		}
	} else {
		var keys *he.ScoreKeys
		err := await(ctx, func() (err error) {
			keys, err = he.GenerateScoreKeys(chain, sk)
			return err
		})
		if err != nil {
			return err
		}
		if err := pipeline.SaveScoreKeys(k.path, keys); err != nil {
			return taken(err)
		}
	}
	k.made(log, chain)
	return nil
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
	if k.purpose != pipeline.GWAS {
		what = "scores of " + what
	}
	log.Info(fmt.Sprintf("made %s for the compute site (%s): ring degree %d, %.0f-bit modulus, %d-bit security", k.path, what, chain.N(), chain.LogQP(), chain.Security()))
}

// loadSecret reads the secret key of a directory that keygen made.
func loadSecret(ctx context.Context, dir string) (*he.SecretKey, error) {
	sk, _, err := openSecret(ctx, dir)
	return sk, err
}

// openSecret is loadSecret, and says whether the key has a passphrase.
func openSecret(ctx context.Context, dir string) (sk *he.SecretKey, sealed bool, err error) {
	path := filepath.Join(dir, secretName)
	err = await(ctx, func() (err error) {
		sk, err = pipeline.LoadSecretKey(path, func() (string, error) {
			sealed = true
			return askPassphrase(ctx, "Passphrase of "+path+": ")
		})
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s: there is no such key; give the directory that 'genoveil keygen' made", path)
	}
	return sk, sealed, err
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

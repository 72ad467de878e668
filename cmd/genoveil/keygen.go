package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/he"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/private"
)

// Names of the files that keygen makes beside secret.key.
const (
	evalName        = "eval.key"
	dosageName      = "eval-dosage.key"
	scoreName       = "eval-score.key"
	scoreDosageName = "eval-score-dosage.key"
	journalName     = "keygen.log"
)

// keygenFlags say which keys to make.
type keygenFlags struct {
	out                    string
	protect, dosage, score bool
}

func newKeygen(s *session) *cobra.Command {
	o := new(keygenFlags)
	cmd := &cobra.Command{
		Use:   "keygen -o DIR [--passphrase] [--dosage] [--score]",
		Short: "Make the owner's secret key and the compute site's evaluation keys",
		Long: `Makes two files in a new directory:

  secret.key  stays with the owner; whoever has it can decrypt everything
  eval.key    goes to the compute site; it allows computing and nothing else

With --dosage, keygen also makes eval-dosage.key. The compute site needs it for cohorts
of imputed dosages. Its larger numbers lower the security level from 192 to 128 bits,
so it is made only on request. You can add it to existing keys.

With --score, keygen also makes eval-score.key, for cohorts encrypted --for score or
private-model. With --dosage too, it makes eval-score-dosage.key, for cohorts of dosages.

If secret.key already exists, keygen makes the missing files from it. Give the same
command again if eval.key was lost, or if keygen was killed. It never replaces a key.

With --passphrase, secret.key is encrypted under a passphrase (age, scrypt). You are
asked for it on the terminal, unless the environment variable ` + passphraseVariable + `
has it.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), s) },
	}
	o.register(cmd.Flags())
	require(cmd, "out")
	return cmd
}

func (o *keygenFlags) register(f *pflag.FlagSet) {
	f.StringVarP(&o.out, "out", "o", "", "output; `DIR` of the keys")
	f.BoolVar(&o.dosage, "dosage", false, "for imputed dosages; also make their evaluation keys")
	f.BoolVar(&o.score, "score", false, "also make evaluation keys for scoring")
	f.BoolVar(&o.protect, "passphrase", false, "protect the secret key with a passphrase")
}

// path names a file in the directory of the keys.
func (o *keygenFlags) path(name string) string { return filepath.Join(o.out, name) }

// files are the evaluation keys that are asked for.
func (o *keygenFlags) files() []evaluationKeys {
	files := []evaluationKeys{{format.GWAS, format.HardCalls, o.path(evalName)}}
	if o.dosage {
		files = append(files, evaluationKeys{format.GWAS, format.Dosages, o.path(dosageName)})
	}
	if o.score {
		files = append(files, evaluationKeys{format.Score, format.HardCalls, o.path(scoreName)})
	}
	if o.score && o.dosage {
		files = append(files, evaluationKeys{format.Score, format.Dosages, o.path(scoreDosageName)})
	}
	return files
}

func (o *keygenFlags) run(ctx context.Context, s *session) error {
	if err := checkNewDirectory(o.out); err != nil {
		return err
	}
	if err := cleanKeys(o.out); err != nil {
		return err
	}
	if err := mustBeNew(o.path(secretName)); err != nil {
		return o.addMissing(ctx, s)
	}
	files := o.files()
	for _, k := range files {
		if err := mustBeNew(k.path); err != nil {
			return err
		}
	}
	sk, err := o.makePair(ctx, s, files[0])
	if err != nil {
		return err
	}
	for _, k := range files[1:] {
		if err := k.add(ctx, s.log, sk); err != nil {
			return err
		}
	}
	return nil
}

// makePair makes the secret key and its first evaluation keys, neither without the other.
func (o *keygenFlags) makePair(ctx context.Context, s *session, first evaluationKeys) (sk *he.SecretKey, err error) {
	phrase := ""
	if o.protect {
		if phrase, err = newPassphrase(ctx); err != nil {
			return nil, err
		}
	}
	chain, err := first.chain()
	if err != nil {
		return nil, err
	}
	var content []byte
	var keys *he.EvaluationKeys
	err = await(ctx, func() (err error) {
		if sk, err = he.GenerateSecret(chain); err != nil {
			return err
		}
		if content, err = private.EncodeSecretKey(sk, phrase); err != nil {
			return err
		}
		keys, err = he.GenerateEvaluationKeys(chain, sk)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.out, 0o700); err != nil {
		return nil, err
	}
	path := o.path(secretName)
	if err := private.SaveKeys(path, content, first.path, keys); err != nil {
		return nil, taken(err)
	}
	s.journal.path = o.path(journalName)
	s.log.Info(fmt.Sprintf("made %s: keep it", path))
	first.made(s.log, chain)
	return sk, nil
}

// addMissing adds those files to a directory of keys that it lacks: on request, because
// they were lost, or because keygen was killed. If it lacks none, that is an error.
func (o *keygenFlags) addMissing(ctx context.Context, s *session) error {
	var missing []evaluationKeys
	for _, k := range o.files() {
		if mustBeNew(k.path) == nil {
			missing = append(missing, k)
		}
	}
	path := o.path(secretName)
	if len(missing) == 0 {
		return fmt.Errorf("%s: already exists; the directory has all keys that you asked for. Nothing was made. For a new secret key, choose a different directory", path)
	}
	sk, sealed, err := openSecret(ctx, o.out)
	if err != nil {
		return err
	}
	if o.protect && !sealed {
		return fmt.Errorf("%s: already exists, without a passphrase; leave out --passphrase, or choose a different directory", path)
	}
	s.journal.path = o.path(journalName)
	s.log.Info(fmt.Sprintf("%s already exists; making what is missing from it", path))
	for _, k := range missing {
		if err := k.add(ctx, s.log, sk); err != nil {
			return err
		}
	}
	return nil
}

func mustBeNew(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return existsAlready(path)
	}
	return nil
}

func existsAlready(path string) error {
	return fmt.Errorf("%s: already exists; choose a different directory (data encrypted under a lost key is lost)", path)
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

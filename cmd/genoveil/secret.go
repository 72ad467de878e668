package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"genoveil/he"
	"genoveil/pipeline/private"
	"genoveil/pipeline/slurm"
)

// secretName is the name of the secret key in a directory that keygen made.
const secretName = "secret.key"

// passphraseVariable lets batch jobs open a key that has a passphrase.
const passphraseVariable = slurm.Passphrase

// loadSecret reads the secret key of a directory that keygen made.
func loadSecret(ctx context.Context, dir string) (*he.SecretKey, error) {
	sk, _, err := openSecret(ctx, dir)
	return sk, err
}

// openSecret is loadSecret, and says whether the key has a passphrase.
func openSecret(ctx context.Context, dir string) (sk *he.SecretKey, sealed bool, err error) {
	path := filepath.Join(dir, secretName)
	err = await(ctx, func() (err error) {
		sk, err = private.LoadSecretKey(path, func() (string, error) {
			sealed = true
			return askPassphrase(ctx, "Passphrase of "+path+": ")
		})
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s: no such key; give the directory that 'genoveil keygen' made", path)
	}
	return sk, sealed, err
}

// newPassphrase asks twice on the terminal: nobody could undo a slip.
func newPassphrase(ctx context.Context) (string, error) {
	phrase, err := askPassphrase(ctx, "New passphrase: ")
	if err != nil {
		return "", err
	}
	again, err := askPassphrase(ctx, "Repeat it: ")
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

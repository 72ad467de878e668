package home

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/sealed"
)

const (
	keyName  = "key"
	keyMagic = "genoveil site key v1\n"
)

// NewKey makes a signing key and keeps it, sealed where there is a passphrase. One that is
// there stays, and the error is fs.ErrExist.
func (s *Study) NewKey(passphrase string) (ed25519.PublicKey, error) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	text := []byte(keyMagic + hex.EncodeToString(key.Seed()) + "\n")
	if passphrase != "" {
		if text, err = sealed.Seal(text, passphrase); err != nil {
			return nil, err
		}
	}
	return public, atomicfile.WriteNew(filepath.Join(s.Dir, keyName), text, private)
}

// Key reads the signing key; passphrase is asked where it has one.
func (s *Study) Key(passphrase func() (string, error)) (ed25519.PrivateKey, error) {
	path := filepath.Join(s.Dir, keyName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such key; 'genoveil study join' makes one", path)
	}
	if err != nil {
		return nil, err
	}
	if text, err = sealed.Open(path, text, passphrase); err != nil {
		return nil, err
	}
	encoded, ok := bytes.CutPrefix(bytes.TrimSuffix(text, []byte("\n")), []byte(keyMagic))
	seed, err := hex.DecodeString(string(encoded))
	if !ok || err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("%s: not a key of a site, or damaged", path)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// DropKey forgets the signing key, for a new one.
func (s *Study) DropKey() error {
	err := os.Remove(filepath.Join(s.Dir, keyName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// HasKey says whether there is a signing key.
func (s *Study) HasKey() bool {
	_, err := os.Lstat(filepath.Join(s.Dir, keyName))
	return err == nil
}

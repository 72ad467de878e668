package home

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"

	"genoveil/pipeline/atomicfile"
)

const (
	keyName  = "key"
	keyMagic = "genoveil site key v1\n"
	ageMagic = "age-encryption.org/v1"
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
		recipient, err := age.NewScryptRecipient(passphrase)
		if err != nil {
			return nil, err
		}
		var sealed bytes.Buffer
		seal, err := age.Encrypt(&sealed, recipient)
		if err != nil {
			return nil, err
		}
		if _, err := seal.Write(text); err != nil {
			return nil, err
		}
		if err := seal.Close(); err != nil {
			return nil, err
		}
		text = sealed.Bytes()
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
	if bytes.HasPrefix(text, []byte(ageMagic)) {
		phrase, err := passphrase()
		if err != nil {
			return nil, err
		}
		identity, err := age.NewScryptIdentity(phrase)
		if err != nil {
			return nil, err
		}
		opened, err := age.Decrypt(bytes.NewReader(text), identity)
		if err != nil {
			return nil, fmt.Errorf("%s: wrong passphrase, or the file is damaged", path)
		}
		if text, err = io.ReadAll(opened); err != nil {
			return nil, fmt.Errorf("%s: the file is damaged", path)
		}
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

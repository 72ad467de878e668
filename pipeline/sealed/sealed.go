// Package sealed protects small secrets with a passphrase, as age files (scrypt recipient).
package sealed

import (
	"bytes"
	"fmt"
	"io"

	"filippo.io/age"
)

// Magic is how a sealed file begins.
const Magic = "age-encryption.org/v1"

// Seal encrypts a text under a passphrase.
func Seal(text []byte, passphrase string) ([]byte, error) {
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
	return sealed.Bytes(), nil
}

// Open decrypts what Seal made, and returns any other text as it is. The passphrase is asked
// where there is one. Path stands for the file in errors.
func Open(path string, text []byte, passphrase func() (string, error)) ([]byte, error) {
	if !bytes.HasPrefix(text, []byte(Magic)) {
		return text, nil
	}
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
		return nil, fmt.Errorf("%s: the file is damaged: %w", path, err)
	}
	return text, nil
}

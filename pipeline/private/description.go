package private

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"

	"github.com/zeebo/blake3"
	"golang.org/x/crypto/chacha20poly1305"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
)

// SealDescription encrypts the description under a key that the owner's secret key gives, for
// the way through an untrusted server.
func SealDescription(d *format.ScoreDescription, secret *he.SecretKey, cohort chunkfile.Fingerprint) ([]byte, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	aead, err := descriptionCipher(secret)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, text, cohort[:]), nil
}

// OpenDescription decrypts a description that seal encrypted.
func OpenDescription(sealed []byte, secret *he.SecretKey, cohort chunkfile.Fingerprint) (*format.ScoreDescription, error) {
	aead, err := descriptionCipher(secret)
	if err != nil {
		return nil, err
	}
	const n = chacha20poly1305.NonceSizeX
	if len(sealed) < n {
		return nil, errors.New("the description of the model is damaged")
	}
	text, err := aead.Open(nil, sealed[:n], sealed[n:], cohort[:])
	if err != nil {
		return nil, errors.New("the description of the model is damaged, or was encrypted under a different key or for a different cohort")
	}
	d := new(format.ScoreDescription)
	return d, json.Unmarshal(text, d)
}

func descriptionCipher(secret *he.SecretKey) (cipher.AEAD, error) {
	key := make([]byte, chacha20poly1305.KeySize)
	blake3.DeriveKey("genoveil 2026 description of an encrypted model", secret.Bytes(), key)
	return chacha20poly1305.NewX(key)
}

package pipeline

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/zeebo/blake3"
	"golang.org/x/crypto/chacha20poly1305"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

// A ScoreDescription is what the client must know of a model to read its answers, and
// all that it is told of it (docs/scoring.md says what that gives away).
type ScoreDescription struct {
	Names     []string `json:"names"`
	Exponents []int    `json:"exponents"` // an answer counts units of 2^-k; of dosages, thousandths of that
	Weights   []int    `json:"weights"`   // how many; twice that is PLINK's DENOM
	Intercept []bool   `json:"intercept"` // whether an answer has an intercept in it
}

// maxExponent bounds the exponents of files: 2^±1000 are floating-point numbers.
const maxExponent = 1000

func (d *ScoreDescription) validate(scores int) error {
	if len(d.Names) != scores || len(d.Exponents) != scores || len(d.Weights) != scores || len(d.Intercept) != scores {
		return errors.New("the description does not fit the number of scores")
	}
	for i, k := range d.Exponents {
		if k < -maxExponent || k > maxExponent || d.Weights[i] < 0 {
			return fmt.Errorf("the scale of score %d is damaged", i+1)
		}
		// Names stand in the client's table and on its terminal.
		if strings.ContainsFunc(d.Names[i], func(r rune) bool { return !unicode.IsPrint(r) }) {
			return fmt.Errorf("the name of score %d, %q, has characters that cannot be printed", i+1, d.Names[i])
		}
	}
	return nil
}

// seal encrypts the description under a key that the owner's secret key gives, for
// the way through an untrusted server.
func seal(d *ScoreDescription, secret *he.SecretKey, cohort chunkfile.Fingerprint) ([]byte, error) {
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

// unseal decrypts a description that seal encrypted.
func unseal(sealed []byte, secret *he.SecretKey, cohort chunkfile.Fingerprint) (*ScoreDescription, error) {
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
	d := new(ScoreDescription)
	return d, json.Unmarshal(text, d)
}

func descriptionCipher(secret *he.SecretKey) (cipher.AEAD, error) {
	key := make([]byte, chacha20poly1305.KeySize)
	blake3.DeriveKey("genoveil 2026 description of an encrypted model", secret.Bytes(), key)
	return chacha20poly1305.NewX(key)
}

package private

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"genoveil/he"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/sealed"
)

const SecretKind = "secret key"

type secretMeta struct {
	KeyID format.KeyID `json:"key_id"`
}

// SaveKeys writes a new secret key, encoded by EncodeSecretKey, and its evaluation keys.
// Where others save keys under the same names at the same time, one secret key is saved,
// and no keys of another beside it; the error of the others is fs.ErrExist.
func SaveKeys(secretPath string, secret []byte, evalPath string, keys *he.EvaluationKeys) error {
	w, err := format.WriteEvaluationKeys(evalPath, keys)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := atomicfile.WriteNew(secretPath, secret, 0o600); err != nil {
		return err
	}
	// The secret key stays whatever happens now: somebody may have begun to use it.
	_, err = w.CommitNew()
	return err
}

// EncodeSecretKey is the file of a secret key, which its owner alone may read. With a
// passphrase it is an age file (scrypt recipient).
func EncodeSecretKey(sk *he.SecretKey, passphrase string) ([]byte, error) {
	content, err := chunkfile.Encode(SecretKind, secretMeta{format.NewKeyID(sk.ID())}, sk.Bytes())
	if err != nil || passphrase == "" {
		return content, err
	}
	return sealed.Seal(content, passphrase)
}

// HasPassphrase says whether a file is a secret key with a passphrase.
func HasPassphrase(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	start := make([]byte, len(sealed.Magic))
	_, err = io.ReadFull(f, start)
	return err == nil && string(start) == sealed.Magic
}

// LoadSecretKey reads a secret key; passphrase is asked only where the file has
// one.
func LoadSecretKey(path string, passphrase func() (string, error)) (*he.SecretKey, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if content, err = sealed.Open(path, content, passphrase); err != nil {
		return nil, err
	}
	r, err := chunkfile.NewReader(bytes.NewReader(content), int64(len(content)), path, SecretKind)
	if err != nil {
		return nil, err
	}
	var meta secretMeta
	if err := r.Meta(&meta); err != nil {
		return nil, err
	}
	if r.Chunks() != 1 {
		return nil, fmt.Errorf("%s: the secret key is damaged", path)
	}
	coefficients := make([]byte, r.Size(0))
	if err := r.Chunk(0, coefficients); err != nil {
		return nil, err
	}
	sk, err := he.SecretKeyFromBytes(coefficients)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if format.NewKeyID(sk.ID()) != meta.KeyID {
		return nil, fmt.Errorf("%s: the secret key does not match its own identifier", path)
	}
	return sk, nil
}

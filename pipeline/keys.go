package pipeline

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"filippo.io/age"
	"golang.org/x/sync/errgroup"

	"genoveil/he"
	"genoveil/kernels/hugepage"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
)

// KeyID identifies a secret key in files: hexadecimal, 32 digits.
type KeyID string

// UnmarshalText reads 32 hexadecimal digits and nothing else: it stands in errors.
func (k *KeyID) UnmarshalText(text []byte) error {
	if !isID(string(text)) {
		return errors.New("a key identifier has 32 hexadecimal digits")
	}
	*k = KeyID(text)
	return nil
}

// isID says whether a text is an identifier as files have them: 16 bytes in hexadecimal.
func isID(text string) bool {
	id, err := hex.DecodeString(text)
	return err == nil && len(id) == 16
}

func keyID(id [16]byte) KeyID { return KeyID(hex.EncodeToString(id[:])) }

const evalKind = "evaluation keys"

const (
	secretKind = "secret key"

	ageMagic = "age-encryption.org/v1"
)

type secretMeta struct {
	KeyID KeyID `json:"key_id"`
}

type evalMeta struct {
	KeyID KeyID    `json:"key_id"`
	Chain he.Chain `json:"chain"`
}

// SaveKeys writes a new secret key, encoded by EncodeSecretKey, and its evaluation keys.
// Where others save keys under the same names at the same time, one secret key is saved,
// and no keys of another beside it; the error of the others is fs.ErrExist.
func SaveKeys(secretPath string, secret []byte, evalPath string, keys *he.EvaluationKeys) error {
	w, err := writeEvaluationKeys(evalPath, keys)
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
	content, err := chunkfile.Encode(secretKind, secretMeta{keyID(sk.ID())}, sk.Bytes())
	if err != nil || passphrase == "" {
		return content, err
	}
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	var sealed bytes.Buffer
	seal, err := age.Encrypt(&sealed, recipient)
	if err != nil {
		return nil, err
	}
	if _, err := seal.Write(content); err != nil {
		return nil, err
	}
	if err := seal.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

// sealed says whether a file is a secret key with a passphrase.
func sealed(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	start := make([]byte, len(ageMagic))
	_, err = io.ReadFull(f, start)
	return err == nil && string(start) == ageMagic
}

// LoadSecretKey reads a secret key; passphrase is asked only where the file has
// one.
func LoadSecretKey(path string, passphrase func() (string, error)) (*he.SecretKey, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(content, []byte(ageMagic)) {
		phrase, err := passphrase()
		if err != nil {
			return nil, err
		}
		identity, err := age.NewScryptIdentity(phrase)
		if err != nil {
			return nil, err
		}
		opened, err := age.Decrypt(bytes.NewReader(content), identity)
		if err != nil {
			return nil, fmt.Errorf("%s: wrong passphrase, or the file is damaged", path)
		}
		if content, err = io.ReadAll(opened); err != nil {
			return nil, fmt.Errorf("%s: the file is damaged: %w", path, err)
		}
	}
	r, err := chunkfile.NewReader(bytes.NewReader(content), int64(len(content)), path, secretKind)
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
	if keyID(sk.ID()) != meta.KeyID {
		return nil, fmt.Errorf("%s: the secret key does not match its own identifier", path)
	}
	return sk, nil
}

// SaveEvaluationKeys writes the keys that a compute site needs. The file must be new.
func SaveEvaluationKeys(path string, keys *he.EvaluationKeys) error {
	w, err := writeEvaluationKeys(path, keys)
	if err != nil {
		return err
	}
	defer w.Abort()
	_, err = w.CommitNew()
	return err
}

// writeEvaluationKeys writes all but the file's name.
func writeEvaluationKeys(path string, keys *he.EvaluationKeys) (*chunkfile.Writer, error) {
	all := append(append([]he.SwitchKey(nil), keys.Expand...), keys.Relinearize)
	sizes := make([]int64, len(all))
	for i, key := range all {
		sizes[i] = int64(4 * len(key))
	}
	w, err := chunkfile.Create(path, evalKind, evalMeta{keyID(keys.KeyID), keys.Chain}, sizes, 0o666)
	if err != nil {
		return nil, err
	}
	for i, key := range all {
		if err := w.WriteChunk(i, bytesOf(key)); err != nil {
			w.Abort()
			return nil, err
		}
	}
	return w, nil
}

// LoadEvaluationKeys reads and validates evaluation keys.
func LoadEvaluationKeys(path string) (*he.EvaluationKeys, error) {
	keys := &he.EvaluationKeys{}
	r, err := openKeys(path, evalKind, &keys.Chain, &keys.KeyID)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	n, _, residues, err := keys.Chain.KeySizes()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if r.Chunks() != n+1 {
		return nil, fmt.Errorf("%s: %d keys where ring degree 2^%d takes %d", path, r.Chunks(), keys.Chain.LogN, n+1)
	}
	if keys.Expand, err = readKeys(r, n+1, residues); err != nil {
		return nil, err
	}
	keys.Expand, keys.Relinearize = keys.Expand[:n], keys.Expand[n]
	if err := keys.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}

// openKeys opens a file of keys and reads its header.
func openKeys(path, kind string, chain *he.Chain, id *[16]byte) (*chunkfile.Reader, error) {
	r, err := chunkfile.Open(path, kind)
	if err != nil {
		return nil, err
	}
	var meta evalMeta
	if err := r.Meta(&meta); err != nil {
		r.Close()
		return nil, err
	}
	identifier, err := hex.DecodeString(string(meta.KeyID))
	if err != nil || len(identifier) != len(id) {
		r.Close()
		return nil, fmt.Errorf("%s: the key identifier is damaged", path)
	}
	*chain, *id = meta.Chain, [16]byte(identifier)
	return r, nil
}

// maxKeyResidues bounds keys in memory: 1 GB. Those of the planned sets have 40 to 85 MB.
const maxKeyResidues = 1 << 28

// readKeys reads the first n chunks of a file of keys, which are 1.3 MB each, into one
// piece of memory. Each has that many residues.
func readKeys(r *chunkfile.Reader, n, residues int) ([]he.SwitchKey, error) {
	for i := range n {
		if r.Size(i) != int64(4*residues) {
			return nil, fmt.Errorf("%s: key %d has %d bytes, expected %d", r.Name(), i, r.Size(i), 4*residues)
		}
	}
	if n*residues > maxKeyResidues {
		return nil, fmt.Errorf("%s: has %d keys of %d bytes, more than those of any cohort", r.Name(), n, 4*residues)
	}
	memory := hugepage.Words(n * residues)
	keys := make([]he.SwitchKey, n)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range keys {
		keys[i], memory = memory[:residues:residues], memory[residues:]
		group.Go(func() error {
			return r.Chunk(i, bytesOf(keys[i]))
		})
	}
	return keys, group.Wait()
}

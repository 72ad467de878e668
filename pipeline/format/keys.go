package format

import (
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"genoveil/he"
	"genoveil/kernels/hugepage"
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

func NewKeyID(id [16]byte) KeyID { return KeyID(hex.EncodeToString(id[:])) }

const EvalKind = "evaluation keys"

type evalMeta struct {
	KeyID KeyID    `json:"key_id"`
	Chain he.Chain `json:"chain"`
}

// SaveEvaluationKeys writes the keys that a compute site needs. The file must be new.
func SaveEvaluationKeys(path string, keys *he.EvaluationKeys) error {
	w, err := WriteEvaluationKeys(path, keys)
	if err != nil {
		return err
	}
	defer w.Abort()
	_, err = w.CommitNew()
	return err
}

// WriteEvaluationKeys writes all but the file's name.
func WriteEvaluationKeys(path string, keys *he.EvaluationKeys) (*chunkfile.Writer, error) {
	all := append(append([]he.SwitchKey(nil), keys.Expand...), keys.Relinearize)
	sizes := make([]int64, len(all))
	for i, key := range all {
		sizes[i] = int64(4 * len(key))
	}
	w, err := chunkfile.Create(path, EvalKind, evalMeta{NewKeyID(keys.KeyID), keys.Chain}, sizes, 0o666)
	if err != nil {
		return nil, err
	}
	for i, key := range all {
		if err := w.WriteChunk(i, BytesOf(key)); err != nil {
			w.Abort()
			return nil, err
		}
	}
	return w, nil
}

// LoadEvaluationKeys reads and validates evaluation keys.
func LoadEvaluationKeys(path string) (*he.EvaluationKeys, error) {
	keys := &he.EvaluationKeys{}
	r, err := openKeys(path, EvalKind, &keys.Chain, &keys.KeyID)
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
			return r.Chunk(i, BytesOf(keys[i]))
		})
	}
	return keys, group.Wait()
}

package format

import (
	"fmt"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

const ScoreKeysKind = "score keys"

// SaveScoreKeys writes the keys that a server needs for scores. The file must be new.
func SaveScoreKeys(path string, keys *he.ScoreKeys) error {
	all := append(append([]he.SwitchKey(nil), keys.Pack...), keys.Relinearize)
	var sizes []int64
	for _, key := range all {
		sizes = append(sizes, int64(4*len(key)))
	}
	sizes = append(sizes, int64(SeedSize+4*len(keys.Public.C0)))
	w, err := chunkfile.Create(path, ScoreKeysKind, evalMeta{NewKeyID(keys.KeyID), keys.Chain}, sizes, 0o666)
	if err != nil {
		return err
	}
	defer w.Abort()
	for i, key := range all {
		if err := w.WriteChunk(i, BytesOf(key)); err != nil {
			return err
		}
	}
	if err := w.WriteChunk(len(all), keys.Public.Seed[:], BytesOf(keys.Public.C0)); err != nil {
		return err
	}
	_, err = w.CommitNew()
	return err
}

// LoadScoreKeys reads and validates score keys.
func LoadScoreKeys(path string) (*he.ScoreKeys, error) {
	keys := &he.ScoreKeys{}
	r, err := openKeys(path, ScoreKeysKind, &keys.Chain, &keys.KeyID)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	_, n, residues, err := keys.Chain.KeySizes()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if r.Chunks() != n+2 { // with the relinearisation key and the public key
		return nil, fmt.Errorf("%s: %d keys where ring degree 2^%d takes %d", path, r.Chunks(), keys.Chain.LogN, n+2)
	}
	if keys.Pack, err = readKeys(r, n+1, residues); err != nil {
		return nil, err
	}
	keys.Pack, keys.Relinearize = keys.Pack[:n], keys.Pack[n]
	if keys.Public, err = ReadCiphertext(r, n+1, keys.Chain.SumLen(1)); err != nil {
		return nil, err
	}
	if err := keys.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}

// ReadCiphertext reads chunk i of a file, a seed and residues, which the caller
// validates.
func ReadCiphertext(r *chunkfile.Reader, i, residues int) (c he.SeededCiphertext, err error) {
	if r.Size(i) != int64(SeedSize+4*residues) {
		return c, fmt.Errorf("%s: chunk %d is not a ciphertext", r.Name(), i)
	}
	words := make([]uint32, SeedSize/4+residues)
	if err := r.Chunk(i, BytesOf(words)); err != nil {
		return c, err
	}
	copy(c.Seed[:], BytesOf(words))
	c.C0 = words[SeedSize/4:]
	return c, nil
}

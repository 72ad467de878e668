package model

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/private"
)

const ModelKind = "encrypted model"

// ModelMeta is the header of a .model file. It says nothing of the model but how many
// scores it has.
type ModelMeta struct {
	Cohort chunkfile.Fingerprint `json:"cohort"`
	KeyID  format.KeyID          `json:"key_id"`
	Params he.ScoreParams        `json:"params"`
	Blocks []format.Block        `json:"blocks"`
	Scores int                   `json:"scores"`
	Sealed []byte                `json:"sealed"` // the description
}

// Lanes lists all blocks and planes: where there are weights is not to be seen.
func (m *ModelMeta) Lanes() []format.BlockPlane {
	var lanes []format.BlockPlane
	for b, block := range m.Blocks {
		for _, plane := range block.Planes {
			lanes = append(lanes, format.BlockPlane{Block: b, Plane: plane})
		}
	}
	return lanes
}

// countLanes is the number of lanes.
func countLanes(blocks []format.Block) int {
	n := 0
	for _, block := range blocks {
		n += len(block.Planes)
	}
	return n
}

// EncryptModel encrypts a model for the cohort of an index under the owner's key.
func EncryptModel(ctx context.Context, path string, index *private.Index, secret *he.SecretKey, model *PlainModel) error {
	if key := format.NewKeyID(secret.ID()); key != index.KeyID {
		return fmt.Errorf("the secret key is not the one that the cohort was encrypted with (key %s, cohort %s)", key, index.KeyID)
	}
	params, err := index.Params.Scores()
	if err != nil {
		return err
	}
	encryptor, err := he.NewModelEncryptor(params, secret)
	if err != nil {
		return err
	}
	meta := ModelMeta{Cohort: index.Cohort, KeyID: index.KeyID, Params: params, Blocks: index.Blocks, Scores: len(model.Constants)}
	if meta.Sealed, err = private.SealDescription(&model.Description, secret, index.Cohort); err != nil {
		return err
	}
	lanes := meta.Lanes()
	if limit := params.MaxPositions(); int64(len(lanes)) > limit/int64(params.N()) {
		return fmt.Errorf("an encrypted model is exact for %d values a sample, and the cohort has %d; encrypt fewer variants", limit, len(lanes)*params.N())
	}
	sizes := slices.Repeat([]int64{int64(format.SeedSize + 4*params.Chain().SumLen(1))}, (len(lanes)+1)*meta.Scores)
	w, err := chunkfile.Create(path, ModelKind, meta, sizes, 0o666)
	if err != nil {
		return err
	}
	defer w.Abort()
	i := 0
	write := func(c he.SeededCiphertext, err error) error {
		if err != nil {
			return err
		}
		i++
		return w.WriteChunk(i-1, c.Seed[:], format.BytesOf(c.C0))
	}
	for _, l := range lanes {
		if err := ctx.Err(); err != nil {
			return err
		}
		weights := model.weights(l)
		for score := range meta.Scores {
			var values []int64 // zeros if there are none
			if weights != nil {
				values = weights[score]
			}
			if err := write(encryptor.EncryptWeights(values)); err != nil {
				return err
			}
		}
	}
	for _, c := range model.Constants {
		if err := write(encryptor.EncryptConstant(c)); err != nil {
			return err
		}
	}
	_, err = w.Commit()
	return err
}

// An EncryptedModel is a .model file, opened for evaluation.
type EncryptedModel struct {
	ModelMeta
	file      *chunkfile.Reader
	numbers   map[format.BlockPlane]int // of the lanes
	constants []he.SeededCiphertext
}

// OpenModel opens a .model file.
func OpenModel(path string) (*EncryptedModel, error) {
	r, err := chunkfile.OpenLimit(path, ModelKind, chunkfile.MaxHeader)
	if err != nil {
		return nil, err
	}
	m := &EncryptedModel{file: r}
	if err := r.Meta(&m.ModelMeta); err != nil {
		r.Close()
		return nil, err
	}
	if err = m.read(); err != nil {
		r.Close()
		return nil, fmt.Errorf("%s: %w; encrypt the model again", path, err)
	}
	return m, nil
}

// read checks the sizes and reads the constants.
func (m *EncryptedModel) read() error {
	if !m.Params.Valid() || !m.Params.PrivateModel() || m.Scores < 1 || m.Scores > format.MaxScores || m.Sealed == nil ||
		!format.ValidBlocks(m.Blocks) || (countLanes(m.Blocks)+1)*m.Scores != m.file.Chunks() || !format.SameSizes(m.file, format.SeedSize+4*m.Params.Chain().SumLen(1)) {
		return errors.New("sizes in the header do not agree")
	}
	m.numbers = map[format.BlockPlane]int{}
	for i, l := range m.Lanes() {
		m.numbers[l] = i
	}
	for score := range m.Scores {
		c, err := m.ciphertext(len(m.numbers), score)
		if err != nil {
			return err
		}
		m.constants = append(m.constants, c)
	}
	return nil
}

// ciphertext reads the weights of the i-th lane and a score.
func (m *EncryptedModel) ciphertext(i, score int) (he.SeededCiphertext, error) {
	number := i*m.Scores + score
	c, err := format.ReadCiphertext(m.file, number, m.Params.Chain().SumLen(1))
	if err != nil {
		return c, err
	}
	if err := c.Validate(m.Params.Chain()); err != nil {
		return c, fmt.Errorf("chunk %d: %w", number, err)
	}
	return c, nil
}

// Fits refuses a model that was encrypted for a different cohort.
func (m *EncryptedModel) Fits(c *format.Cohort) error {
	if m.Cohort != c.Fingerprint || m.KeyID != c.KeyID || !m.Params.Params().Equal(c.Params) || !format.EqualBlocks(m.Blocks, c.Blocks) {
		return fmt.Errorf("%s: was encrypted for a different cohort; encrypt the model with this cohort's index", m.file.Name())
	}
	return nil
}

func (m *EncryptedModel) Prepare(scorer he.Scorer, lanes []format.BlockPlane) (he.Weights, error) {
	models := make([][]he.SeededCiphertext, len(lanes))
	for i, l := range lanes {
		for score := range m.Scores {
			c, err := m.ciphertext(m.numbers[l], score)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.file.Name(), err)
			}
			models[i] = append(models[i], c)
		}
	}
	return scorer.PrepareEncrypted(models)
}

func (m *EncryptedModel) Describe(meta *format.ScoresMeta, _ *[32]byte) error {
	f := m.Fingerprint()
	meta.Scores, meta.Sealed, meta.RunID = m.Scores, m.Sealed, fmt.Sprintf("%x", f[:16])
	return nil
}

func (m *EncryptedModel) Fingerprint() [32]byte { return m.file.Fingerprint() }

func (m *EncryptedModel) Finish(params he.ScoreParams, _ *he.ScoreKeys, sum he.Sum, samples, score int) error {
	return params.AddConstant(sum, samples, m.constants[score])
}

// Close closes the file.
func (m *EncryptedModel) Close() error { return m.file.Close() }

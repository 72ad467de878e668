package format

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/blake3"

	"genoveil/he"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
)

const (
	ManifestName = "manifest.json.zst"
	CohortKind   = "encrypted genotypes"

	// FileSamples is the number of samples in one file of a block: 16 chunks and
	// 100 MB a plane at N = 8192 and three primes.
	FileSamples = 16 * he.ChunkSamples
)

// A Manifest describes an encrypted cohort. It is all that the compute site
// learns about it: sizes, and which blocks have a missing call somewhere.
type Manifest struct {
	Version      int                    `json:"version"`
	CohortID     string                 `json:"cohort_id"`
	KeyID        KeyID                  `json:"key_id"`
	Params       he.Params              `json:"params"`
	Genotypes    Encoding               `json:"genotypes"`
	Purpose      Purpose                `json:"purpose,omitempty"`
	Panel        *chunkfile.Fingerprint `json:"panel,omitempty"` // of the variants; only for Score
	Samples      int                    `json:"samples"`
	ChunkSamples int                    `json:"chunk_samples"`
	TileWidth    int                    `json:"tile_width"`
	Blocks       []Block                `json:"blocks"`
	Files        []BlockFile            `json:"files"`
}

// A Block is N consecutive variants (fewer in the last, padded with zeros).
type Block struct {
	Planes []Plane `json:"planes"`
}

// A BlockFile holds the chunks of one block for samples From … To−1.
type BlockFile struct {
	Name        string                `json:"name"`
	Block       int                   `json:"block"`
	From        int                   `json:"from"`
	To          int                   `json:"to"`
	Fingerprint chunkfile.Fingerprint `json:"blake3"`
}

// BlockMeta is the header of a BlockFile.
type BlockMeta struct {
	CohortID string    `json:"cohort_id"`
	KeyID    KeyID     `json:"key_id"`
	Params   he.Params `json:"params"`
	Block    int       `json:"block"`
	From     int       `json:"from"`
	To       int       `json:"to"`
	Planes   []Plane   `json:"planes"`
}

func BlockFileName(block, from int) string {
	return fmt.Sprintf("block%06d-samples%08d.chunks", block, from)
}

// IsCohortFile says whether a cohort directory may have a file of that name.
func IsCohortFile(name string) bool {
	return name == ManifestName || strings.HasPrefix(name, "block") && strings.HasSuffix(name, ".chunks")
}

// SeedSize is the length of the seed beside the residues of a chunk or
// packed column in files.
const SeedSize = 32

// A Cohort is an encrypted cohort on disk.
type Cohort struct {
	Manifest
	Fingerprint chunkfile.Fingerprint // BLAKE3 of the manifest

	dir   string
	files map[[2]int]BlockFile // by block and first sample
}

// OpenCohort reads and validates the manifest of a cohort directory. The cohort must
// be for one of the purposes, if any are given.
func OpenCohort(dir string, purposes ...Purpose) (*Cohort, error) {
	c := &Cohort{dir: dir, files: map[[2]int]BlockFile{}}
	if err := c.readManifest(); err != nil {
		return nil, err
	}
	if err := c.validate(); err != nil {
		// The error may quote a text of any length.
		return nil, fmt.Errorf("%s: %.300s", filepath.Join(dir, ManifestName), err.Error())
	}
	return c, c.Purpose.Need(dir, purposes)
}

func (c *Cohort) validate() error {
	if c.Version != 1 {
		return fmt.Errorf("format version %d; this program reads version 1", c.Version)
	}
	if c.ChunkSamples != he.ChunkSamples || c.TileWidth != he.TileWidth {
		return fmt.Errorf("chunks of %d samples in tiles of %d; this program reads %d and %d", c.ChunkSamples, c.TileWidth, he.ChunkSamples, he.TileWidth)
	}
	if !c.Params.Valid() || c.Samples < 1 || c.Samples > MaxSamples || len(c.Blocks) == 0 {
		return errors.New("a cohort needs a parameter set, samples and blocks")
	}
	if err := cmp.Or(c.Genotypes.Validate(), c.Purpose.Validate(), c.Purpose.Fits(c.Params)); err != nil {
		return err
	}
	if (c.Purpose == Score) != (c.Panel != nil) {
		return errors.New("a cohort for scoring, and no other, has the digest of its variants")
	}
	if !isID(c.CohortID) {
		return errors.New("the cohort's identifier does not have 32 hexadecimal digits")
	}
	for b, block := range c.Blocks {
		if len(block.Planes) == 0 {
			return fmt.Errorf("block %d has no planes", b)
		}
		for i, p := range block.Planes {
			if !slices.Contains(c.Purpose.Planes(c.Genotypes), p) {
				return fmt.Errorf("block %d has a plane %q that this program does not know", b, p)
			}
			if slices.Contains(block.Planes[:i], p) {
				return fmt.Errorf("block %d has the plane %s twice", b, p)
			}
		}
	}
	for _, f := range c.Files {
		c.files[[2]int{f.Block, f.From}] = f
	}
	listed := len(c.Files)
	for b := range c.Blocks {
		for from := 0; from < c.Samples; from += FileSamples {
			f, ok := c.files[[2]int{b, from}]
			if !ok || f.To != min(from+FileSamples, c.Samples) || f.Name != BlockFileName(b, from) {
				return fmt.Errorf("no file for block %d from sample %d on", b, from)
			}
			listed--
		}
	}
	if listed != 0 {
		return fmt.Errorf("%d files more than the blocks have", listed)
	}
	return nil
}

// Save writes the manifest and returns the cohort's fingerprint.
func (m *Manifest) Save(dir string) (chunkfile.Fingerprint, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return chunkfile.Fingerprint{}, err
	}
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		return chunkfile.Fingerprint{}, err
	}
	defer encoder.Close()
	packed := encoder.EncodeAll(text, nil)
	return blake3.Sum256(text), atomicfile.Write(filepath.Join(dir, ManifestName), packed, 0o666)
}

// Planes is the mean number of planes of a block.
func (m *Manifest) Planes() float64 {
	planes := 0
	for _, b := range m.Blocks {
		planes += len(b.Planes)
	}
	return float64(planes) / float64(len(m.Blocks))
}

// Chunks is the number of chunks that the samples make.
func (m *Manifest) Chunks() int { return (m.Samples + he.ChunkSamples - 1) / he.ChunkSamples }

// ChunkRange is the range of samples of a chunk.
func (m *Manifest) ChunkRange(chunk int) (from, to int) {
	from = chunk * he.ChunkSamples
	return from, min(from+he.ChunkSamples, m.Samples)
}

// Bytes is the size of all ciphertexts.
func (m *Manifest) Bytes() int64 {
	planes := int64(0)
	for _, b := range m.Blocks {
		planes += int64(len(b.Planes))
	}
	return planes * (int64(m.Chunks())*SeedSize + 4*int64(m.Params.Chain().ChunkLen(1))*int64(m.Samples))
}

// CountGenotypes is the number of genotypes of samples, with those that fill the last block.
func (c *Cohort) CountGenotypes(samples Ranges) int64 {
	return int64(samples.Count()) * int64(len(c.Blocks)) * int64(c.Params.N())
}

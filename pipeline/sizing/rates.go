// Package sizing says what a study takes: bytes, memory, core-hours, and into how
// many shards to cut it. Rates are measured on the machine at hand, or those of one
// core of an AMD EPYC (Genoa, AVX-512), from docs/performance.md.
package sizing

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"genoveil/pipeline/atomicfile"
)

// Rates are times in nanoseconds, of one core where not said otherwise. That of the
// storage is a guess, never measured: edit it in the file that Save names.
type Rates struct {
	Parse    float64 `json:"parse"`    // a genotype of the input
	Encrypt  float64 `json:"encrypt"`  // a genotype and plane
	Write    float64 `json:"write"`    // of it to files
	Read     float64 `json:"read"`     // a genotype and plane: from files, verified
	Seed     float64 `json:"seed"`     // its seeded half
	Multiply float64 `json:"multiply"` // a genotype, plane and column
	Expand   float64 `json:"expand"`   // a sample and column
	Sum      float64 `json:"sum"`      // a sum: relinearised and written
	Decrypt  float64 `json:"decrypt"`  // a sum
	Weigh    float64 `json:"weigh"`    // a genotype and plane of a score
	Pack     float64 `json:"pack"`     // a sample of a score
	Storage  float64 `json:"storage"`  // a byte read or written by a task: 1 at 1 GB/s
}

// Default are the rates of docs/performance.md.
var Default = Rates{
	Parse: 3.2, Encrypt: 10, Write: 8, Read: 4.5, Seed: 2.4, Multiply: 0.8, Expand: 300_000, Sum: 600_000, Decrypt: 2_500_000, Weigh: 5.4, Pack: 700_000, Storage: 1,
}

// path is where measured rates are kept for the user.
func path() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "genoveil", "rates.json"), err
}

// Kept returns the rates that Save kept, or Default. where says which.
func Kept() (rates Rates, where string, err error) {
	name, err := path()
	if err != nil {
		return Default, "shipped", nil // no home directory, as in some containers
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return Default, "shipped", nil
	}
	if err != nil {
		return rates, "", err
	}
	if err := json.Unmarshal(text, &rates); err != nil || rates.Expand <= 0 || rates.Encrypt <= 0 || rates.Storage <= 0 {
		return rates, "", fmt.Errorf("%s: damaged; 'genoveil plan --calibrate' measures again", name)
	}
	return rates, "measured, " + name, nil
}

// Save keeps measured rates.
func (r Rates) Save() (where string, err error) {
	name, err := path()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return "", err
	}
	return name, errors.Join(atomicfile.Clean(name), atomicfile.Write(name, append(text, '\n'), 0o666))
}

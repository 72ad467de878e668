// Package sitefile reads what a site writes about its data, site.yaml in its home: strata,
// and where the tables of each are. An analysis names traits and cells, and never paths.
package sitefile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"

	"genoveil/pipeline/study/charter"
)

// A Site is what a site has.
type Site struct {
	Strata []Stratum `yaml:"strata"`
	path   string
}

// A Stratum is a group of samples that were analysed together.
type Stratum struct {
	Ancestry string `yaml:"ancestry"`
	Sex      string `yaml:"sex"` // both where it is left out

	// What stands in a table of cohorts.
	Cohort     string   `yaml:"cohort"`
	Software   string   `yaml:"software"`
	Panel      string   `yaml:"panel"`
	Covariates []string `yaml:"covariates"`

	Tables map[string]Table `yaml:"tables"` // summary statistics, by trait
	Rows   string           `yaml:"rows"`   // a table of individuals, for fits
}

// A Table is a file of summary statistics.
type Table struct {
	File    string `yaml:"file"`
	Build   int    `yaml:"build"`     // 37 or 38
	SEFromP bool   `yaml:"se-from-p"` // where the standard errors are not those of P
	N       int    `yaml:"n"`         // where the table does not tell
	Cases   int    `yaml:"cases"`
	// Palindromes is forward where A/T and C/G alleles are known to be on the list's strand.
	// Otherwise frequencies tell the strand, and those near one half are left out.
	Palindromes string `yaml:"palindromes"`

	Columns *Columns `yaml:"columns"` // of a table of no known program
}

// Forward is a value of Palindromes.
const Forward = "forward"

// Example is a site.yaml to begin with.
const Example = `# What this site has. Paths are as seen from this file.
strata:
  - ancestry: all          # one of the charter's
    sex: both              # female, male or both
    cohort: Our Biobank, first wave
    software: REGENIE 3.4
    panel: TOPMed r2
    covariates: [age, sex, PC1-PC10]
    tables:                # summary statistics, by trait of the charter
#     ldl:
#       file: ldl.regenie.gz
#       build: 38          # 37 or 38
#       palindromes: forward  # where A/T and C/G are surely on the list's strand
#       se-from-p: no      # yes for REGENIE's Firth test without --firth-se
#       n: 12000           # only where the table has no column of it
#       cases: 900
#   rows: individuals.tsv  # one line a person; for 'kind: fit'
`

// Load reads a site's file.
func Load(path string) (*Site, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file; it says which data this site has, and 'genoveil study join' writes one to begin with", path)
	}
	if err != nil {
		return nil, err
	}
	s := &Site{path: path}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(s); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %s", path, charter.YAMLText(err))
	}
	for i := range s.Strata {
		if s.Strata[i].Sex == "" {
			s.Strata[i].Sex = charter.Both
		}
		for trait, t := range s.Strata[i].Tables {
			if t.File == "" || t.Build != 37 && t.Build != 38 {
				return nil, fmt.Errorf("%s: the table of %s: give its file, and its build, 37 or 38", path, trait)
			}
			if t.Palindromes != "" && t.Palindromes != Forward {
				return nil, fmt.Errorf("%s: the table of %s: palindromes is %s or left out, not %.40q", path, trait, Forward, t.Palindromes)
			}
		}
	}
	return s, nil
}

// Find finds the stratum of a cell that has what is asked for.
func (s *Site) Find(cell *charter.Cell, what string, has func(*Stratum) bool) (*Stratum, error) {
	var found []*Stratum
	for i := range s.Strata {
		t := &s.Strata[i]
		if (cell.Ancestry == "" || t.Ancestry == cell.Ancestry) && t.Sex == cell.Sex && has(t) {
			found = append(found, t)
		}
	}
	where := fmt.Sprintf("ancestry %s, sex %s", orAny(cell.Ancestry), cell.Sex)
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("%s: no stratum of %s has %s", s.path, where, what)
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("%s: %d strata of %s have %s; the cell takes one", s.path, len(found), where, what)
}

func orAny(ancestry string) string {
	if ancestry == "" {
		return "any"
	}
	return ancestry
}

// Path is that of a file that the site's file names.
func (s *Site) Path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(filepath.Dir(s.path), file)
}

// Pledge is what stands for files and how they are read, byte for byte.
func (s *Site) Pledge(files []string, settings any) ([]byte, error) {
	type input struct {
		File   string `json:"file"`
		SHA256 string `json:"sha256"`
	}
	all := struct {
		Inputs   []input `json:"inputs"`
		Settings any     `json:"settings"`
	}{Settings: settings}
	slices.Sort(files)
	for _, file := range files {
		digest, err := s.Digest(file)
		if err != nil {
			return nil, err
		}
		all.Inputs = append(all.Inputs, input{file, digest})
	}
	return json.Marshal(all)
}

// Digest is the SHA-256 of a file that the site's file names, in hexadecimal.
func (s *Site) Digest(file string) (string, error) {
	f, err := os.Open(s.Path(file))
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, f.Close())
}

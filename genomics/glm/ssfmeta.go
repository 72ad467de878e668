package glm

import (
	"errors"
	"io"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// SSFMetadata is the file that goes with a GWAS-SSF table, NAME.tsv-meta.yaml, in
// the order and with the names of the standard's fields. Fields without a value
// are left out.
type SSFMetadata struct {
	Date                 time.Time   `yaml:"-"` // date_metadata_last_modified
	Trait                []string    `yaml:"trait_description"`
	GenomeAssembly       string      `yaml:"genome_assembly"` // such as GRCh38
	CoordinateSystem     string      `yaml:"coordinate_system"`
	GenotypingTechnology []string    `yaml:"genotyping_technology"`
	ImputationPanel      string      `yaml:"imputation_panel,omitempty"`
	ImputationSoftware   string      `yaml:"imputation_software,omitempty"`
	Samples              []SSFSample `yaml:"samples"`
	Sex                  string      `yaml:"sex,omitempty"` // M, F, combined or NR
	DataFile             string      `yaml:"data_file_name"`
	FileType             string      `yaml:"file_type"`
	DataMD5              string      `yaml:"data_file_md5sum"`
	Software             string      `yaml:"analysis_software,omitempty"`
	Covariates           []string    `yaml:"adjusted_covariates,omitempty"`
	MinFrequency         float64     `yaml:"minor_allele_freq_lower_limit,omitempty"`
	Harmonised           bool        `yaml:"is_harmonised"`
	Sorted               bool        `yaml:"is_sorted"`
}

// SSFSample describes the analysed samples.
type SSFSample struct {
	Ancestry    []string `yaml:"sample_ancestry_category"`
	Size        int      `yaml:"sample_size"`
	CaseControl bool     `yaml:"case_control_study"`
	Cases       int      `yaml:"case_count,omitempty"`
	Controls    int      `yaml:"control_count,omitempty"`
}

// Write writes the metadata as YAML, positions 1-based and not harmonised. It is
// an error when a field that the standard demands is empty; it names them.
func (m SSFMetadata) Write(w io.Writer) error {
	m.CoordinateSystem, m.FileType, m.Harmonised = "1-based", "GWAS-SSF v1.0", false
	var empty []string
	for _, field := range []struct {
		name string
		set  bool
	}{
		{"date_metadata_last_modified", !m.Date.IsZero()},
		{"trait_description", len(m.Trait) > 0},
		{"genome_assembly", m.GenomeAssembly != ""},
		{"genotyping_technology", len(m.GenotypingTechnology) > 0},
		{"samples", len(m.Samples) > 0},
		{"data_file_name", m.DataFile != ""},
		{"data_file_md5sum", m.DataMD5 != ""},
	} {
		if !field.set {
			empty = append(empty, field.name)
		}
	}
	for _, s := range m.Samples {
		if len(s.Ancestry) == 0 {
			empty = append(empty, "sample_ancestry_category")
		}
	}
	if empty != nil {
		return errors.New("GWAS-SSF metadata lacks " + strings.Join(empty, ", ") + "; the GWAS Catalog requires these (NR where not recorded)")
	}
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	// The standard wants a bare date, which a time would not become.
	err := e.Encode(struct {
		Date        yaml.Node `yaml:"date_metadata_last_modified"`
		SSFMetadata `yaml:",inline"`
	}{yaml.Node{Kind: yaml.ScalarNode, Value: m.Date.Format(time.DateOnly)}, m})
	if err != nil {
		return err
	}
	return e.Close()
}

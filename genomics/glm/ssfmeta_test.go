package glm

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Byte for byte, with what YAML has to quote: readers of the file may be simpler
// than YAML, and the file must not change with the library that writes it.
func TestSSFMetadataBytes(t *testing.T) {
	m := SSFMetadata{
		Date:                 time.Date(2026, 11, 30, 23, 59, 0, 0, time.UTC),
		Trait:                []string{"height: cm", "no", "größer"},
		GenomeAssembly:       "GRCh38",
		GenotypingTechnology: []string{"Genome-wide genotyping array"},
		ImputationPanel:      "1000 Genomes, phase 3",
		Samples: []SSFSample{
			{Ancestry: []string{"European", "NR"}, Size: 957, CaseControl: true, Cases: 400, Controls: 557},
			{Ancestry: []string{"~"}, Size: 10},
		},
		Sex:          "combined",
		DataFile:     "result.A.tsv.gz",
		DataMD5:      "00000000000000000000000000000012",
		Software:     "genoveil # \"1\"",
		Covariates:   []string{"AGE", "y", "1e3", ""},
		MinFrequency: 0.00001,
		Sorted:       true,
	}
	want := `date_metadata_last_modified: 2026-11-30
trait_description:
  - 'height: cm'
  - "no"
  - größer
genome_assembly: GRCh38
coordinate_system: 1-based
genotyping_technology:
  - Genome-wide genotyping array
imputation_panel: 1000 Genomes, phase 3
samples:
  - sample_ancestry_category:
      - European
      - NR
    sample_size: 957
    case_control_study: true
    case_count: 400
    control_count: 557
  - sample_ancestry_category:
      - "~"
    sample_size: 10
    case_control_study: false
sex: combined
data_file_name: result.A.tsv.gz
file_type: GWAS-SSF v1.0
data_file_md5sum: "00000000000000000000000000000012"
analysis_software: 'genoveil # "1"'
adjusted_covariates:
  - AGE
  - "y"
  - "1e3"
  - ""
minor_allele_freq_lower_limit: 1e-05
is_harmonised: false
is_sorted: true
`
	var got strings.Builder
	if err := m.Write(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

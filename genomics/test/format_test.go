package test

import (
	"io"
	"math"
	"strings"
	"testing"
)

// TestFormats: every format names its table, and what the flags may not say is refused.
func TestFormats(t *testing.T) {
	s := newStudy(t, 100, 1, 0)
	parts, err := linear.Traits(s.of(linear, 1, false), s.Cohort, silent, silent)
	if err != nil {
		t.Fatal(err)
	}
	for format, want := range map[string]string{"plink": "out.Q1.glm.linear.gz", "regenie": "out_Q1.regenie.gz", "ssf": "out.Q1.tsv.gz"} {
		out := Output{Prefix: "out", Format: format, Compress: true, Build: "GRCh38"}
		tables, err := linear.Tables(parts[0].Traits, out)
		if err != nil || out.Check() != nil || len(tables) != 1 || tables[0].Path != want || (tables[0].Metadata != nil) != (format == "ssf") {
			t.Errorf("%s: %v, %v, %v", format, tables, err, out.Check())
		}
		if format == "ssf" {
			if _, err := tables[0].Open(io.Discard, 0); err != nil {
				t.Fatal(err)
			}
			var yaml strings.Builder
			if err := tables[0].Metadata(&yaml, "out.Q1.tsv.gz", "abc"); err != nil || !strings.Contains(yaml.String(), "data_file_md5sum: abc") {
				t.Errorf("%v\n%s", err, yaml.String())
			}
		}
	}
	for want, out := range map[string]Output{
		`--format takes plink, regenie or ssf, not "vcf"`:                 {Format: "vcf"},
		"--mac takes a number from 0 up, not NaN":                         {Format: "plink", MinAlleles: math.NaN()},
		"--format ssf needs --build, the genome assembly, such as GRCh38": {Format: "ssf"},
		"--mac takes a number from 0 up, not -1":                          {Format: "regenie", MinAlleles: -1},
	} {
		if err := out.Check(); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

package test

import (
	"fmt"
	"io"
	"strings"
	"time"

	"genoveil/genomics"
	"genoveil/genomics/glm"
)

// A format is what another program calls a table of tests with covariates.
type format struct {
	name   string
	path   func(prefix, trait, test string) string
	rows   func(w io.Writer, kind glm.Kind) (resultWriter, error)
	header int // as in Table

	// metadata describes a finished table; nil where the format has none.
	metadata func(w io.Writer, t Trait, rows resultWriter, build, file, md5 string) error
}

// A resultWriter writes one row a variant.
type resultWriter interface {
	Write(v genomics.Variant, r glm.Result) error
	Flush() error
}

// formats are PLINK 2's, REGENIE's and the GWAS Catalog's.
var formats = []format{
	{
		name: "plink",
		path: func(prefix, trait, test string) string { return prefix + "." + trait + ".glm." + test },
		rows: func(w io.Writer, kind glm.Kind) (resultWriter, error) { return glm.NewPlinkWriter(w, kind) },
	},
	{
		name: "regenie",
		path: func(prefix, trait, _ string) string { return prefix + "_" + trait + ".regenie" },
		rows: func(w io.Writer, _ glm.Kind) (resultWriter, error) { return glm.NewRegenieWriter(w) },
	},
	{
		name:     "ssf",
		path:     func(prefix, trait, _ string) string { return prefix + "." + trait + ".tsv" },
		rows:     func(w io.Writer, _ glm.Kind) (resultWriter, error) { return glm.NewSSFWriter(w) },
		header:   1,
		metadata: describeSSF,
	},
}

// format finds the format.
func (o *Output) format() (*format, error) {
	var names []string
	for i := range formats {
		if formats[i].name == o.Format {
			return &formats[i], nil
		}
		names = append(names, formats[i].name)
	}
	last := len(names) - 1
	return nil, fmt.Errorf("--format takes %s or %s, not %q", strings.Join(names[:last], ", "), names[last], o.Format)
}

// describeSSF describes a table for the GWAS Catalog. What the program cannot know
// is "NR", the standard's word for not reported, for the researcher to fill in.
func describeSSF(w io.Writer, t Trait, rows resultWriter, build, file, md5 string) error {
	m := t.Model
	sample := glm.SSFSample{Ancestry: []string{"NR"}, Size: m.Samples}
	if m.Kind == glm.Logistic {
		sample.CaseControl, sample.Cases, sample.Controls = true, m.Cases, m.Samples-m.Cases
	}
	return glm.SSFMetadata{
		Date: time.Now(), Trait: []string{t.Name}, GenomeAssembly: build,
		GenotypingTechnology: []string{"NR"}, DataFile: file, DataMD5: md5, Software: "genoveil",
		Samples: []glm.SSFSample{sample}, Sorted: rows.(*glm.SSFWriter).Sorted(),
	}.Write(w)
}

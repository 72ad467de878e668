package pipelinetest

import (
	"io"
	"math"
	"os"

	"genoveil/genomics"
	"genoveil/genomics/glm"
	"genoveil/genomics/test"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/private"
)

// GLMTrait has the columns of a null model on a cohort.
func GLMTrait(name string, model *glm.Model, index *private.Index) test.Trait {
	return test.ModelTrait(name, model, glm.CorrectsMissing(index.MissingRate))
}

// Collector keeps results instead of writing them.
type Collector struct {
	Variants []genomics.Variant
	Results  []glm.Result
}

func (c *Collector) Write(m *test.Moments) error {
	r, err := m.Trait.Model.Test(m.Sums, m.Steps)
	c.Variants, c.Results = append(c.Variants, m.Variant), append(c.Results, r)
	return err
}

func (c *Collector) Flush() error { return nil }

func (c *Collector) Summary() (string, []any) { return "", nil }

// GLMQuery encrypts traits, evaluates, decrypts and returns every trait's results.
func (w *World) GLMQuery(name string, sections []private.TraitSection) map[string]*Collector {
	w.T.Helper()
	index, err := private.OpenIndex(w.Path("cohort.index"))
	w.Must(err)
	defer index.Close()
	job := owner.TraitsJob{
		Index: index, Secret: w.Secret, Test: test.Find(name), Sections: sections,
		TraitsPath: w.Path(name + ".traits"), PrivatePath: w.Path(name + ".private"),
	}
	for _, path := range []string{job.TraitsPath, job.PrivatePath} { // of another query
		w.Must(os.RemoveAll(path))
	}
	_, err = job.Run(w.T.Context())
	w.Must(err)
	w.Run(name, name)
	d, err := w.Decryption(name, name)
	w.Must(err)
	found := map[string]*Collector{}
	var tables []test.Table
	for i, trait := range sections[0].Traits {
		found[trait.Name] = &Collector{}
		tables = append(tables, test.Table{Trait: i, Path: w.Path(trait.Name + ".out"), Open: func(io.Writer, int) (test.Rows, error) { return found[trait.Name], nil }})
	}
	_, err = d.Results(w.T.Context(), tables)
	w.Must(err)
	return found
}

// Index reads the header of the cohort's index.
func (w *World) Index() *private.IndexReader {
	w.T.Helper()
	index, err := private.OpenIndex(w.Path("cohort.index"))
	w.Must(err)
	w.T.Cleanup(func() { index.Close() })
	return index
}

// Wave is a deterministic sequence without ties.
func Wave(n int, f float64) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = math.Sin(f*float64(i)) + 0.3*math.Sin(7.3*f*float64(i)+1)
	}
	return values
}

package pipeline

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/assoc"
	"genoveil/genomics/pheno"
	"genoveil/genomics/simulate"
	"genoveil/genomics/test"
	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
)

// A world is a directory with everything that an owner and a compute site have.
type world struct {
	t      *testing.T
	dir    string
	params he.Params
	secret *he.SecretKey
	keys   *he.EvaluationKeys
}

// someID is an identifier as files have them.
const someID = "00112233445566778899aabbccddeeff"

// newWorld has the parameter set that users have.
func newWorld(t *testing.T) *world {
	params, err := Plan(1000, HardCalls)
	if err != nil {
		t.Fatal(err)
	}
	return worldOf(t, params)
}

// newSmallWorld has a ring of 1024 and batches of 1024 samples, so that small
// cohorts have several blocks, tiles and batches.
func (w *world) sumParams() he.SumParams {
	w.t.Helper()
	params, err := w.params.Sums()
	w.must(err)
	return params
}

func (w *world) scoreParams() he.ScoreParams {
	w.t.Helper()
	params, err := w.params.Scores()
	w.must(err)
	return params
}

func newSmallWorld(t *testing.T) *world { return worldOf(t, hetest.SumParams(t, 10, 1024)) }

func worldOf(t *testing.T, params he.SumParams) *world {
	secret, keys := hetest.Keys(t, params.Chain())
	return &world{t: t, dir: t.TempDir(), params: params.Params(), secret: secret, keys: keys}
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// genotypes prepares the encryption of a source into cohort and cohort.index.
func (w *world) genotypes(source genomics.Source) *GenotypeJob {
	return &GenotypeJob{Source: source, Params: w.params, Secret: w.secret, Dir: w.path("cohort"), Index: w.path("cohort.index"), Threads: 2}
}

func (w *world) encrypt(source genomics.Source) *GenotypeResult {
	w.t.Helper()
	result, err := w.genotypes(source).Run(w.t.Context())
	w.must(err)
	return result
}

// query makes name.traits and name.private, for all χ² tests.
func (w *world) query(name string, status []pheno.Status) {
	w.t.Helper()
	w.chi2(name, status, true)
}

func (w *world) chi2(name string, status []pheno.Status, models bool) {
	w.t.Helper()
	index, err := OpenIndex(w.path("cohort.index"))
	w.must(err)
	defer index.Close()
	job := TraitsJob{
		Index: index, Secret: w.secret, Test: test.Find("chi2"), Sections: index.Whole(test.Chi2Trait("CASE", status, models)),
		TraitsPath: w.path(name + ".traits"), PrivatePath: w.path(name + ".private"),
	}
	_, err = job.Run(w.t.Context())
	w.must(err)
}

// job prepares the evaluation of query.traits into sums.sums.
func (w *world) job(query, sums string, shard Shard) *RunJob {
	w.t.Helper()
	cohort, err := OpenCohort(w.path("cohort"))
	w.must(err)
	opened, err := OpenTraits(w.path(query + ".traits"))
	w.must(err)
	w.t.Cleanup(func() { opened.Close() })
	engine, err := cpu.New(w.keys, 2)
	w.must(err)
	return &RunJob{
		Cohort: cohort, Traits: opened, Keys: w.keys, Engine: engine, Shard: shard,
		Path: w.path(sums + ".sums"), Threads: 2, Memory: 1 << 30,
	}
}

func (w *world) run(query, sums string) {
	w.t.Helper()
	w.must(w.job(query, sums, Whole).Run(w.t.Context()))
}

// decryption opens what decrypting sums.sums takes.
func (w *world) decryption(query, sums string) (*Decryption, error) {
	w.t.Helper()
	index, err := OpenIndex(w.path("cohort.index"))
	w.must(err)
	w.t.Cleanup(func() { index.Close() })
	private, err := LoadQuery(w.path(query + ".private"))
	w.must(err)
	opened, err := OpenSums(w.path(sums + ".sums"))
	if err != nil {
		return nil, err
	}
	w.t.Cleanup(func() { opened.Close() })
	return &Decryption{Sums: opened, Index: index, Query: private, Secret: w.secret, Threads: 2, Report: w.path(sums + ".check-failed")}, nil
}

// writeTables decrypts and writes the tables.
func writeTables(ctx context.Context, d *Decryption, out test.Output) error {
	tables, err := d.Query.Tables(out)
	if err != nil {
		return err
	}
	_, err = d.Results(ctx, tables)
	return err
}

// tryDecrypt returns the two tables of sums.sums. If it fails, nothing may have
// been written.
func (w *world) tryDecrypt(query, sums string) (assoc, model []byte, err error) {
	w.t.Helper()
	d, err := w.decryption(query, sums)
	if err != nil {
		return nil, nil, err
	}
	prefix := w.path(sums)
	if err := writeTables(w.t.Context(), d, test.Output{Prefix: prefix, Models: true}); err != nil {
		for _, path := range []string{prefix + ".assoc", prefix + ".model"} {
			if _, stat := os.Stat(path); stat == nil {
				w.t.Errorf("%s was written although decryption failed", path)
			}
		}
		return nil, nil, err
	}
	assoc, err = os.ReadFile(prefix + ".assoc")
	w.must(err)
	model, err = os.ReadFile(prefix + ".model")
	w.must(err)
	return assoc, model, nil
}

func (w *world) decrypt(query, sums string) (assoc, model []byte) {
	w.t.Helper()
	assoc, model, err := w.tryDecrypt(query, sums)
	w.must(err)
	return assoc, model
}

// A plainCohort is a simulated cohort in memory.
type plainCohort struct {
	samples  []string
	variants []genomics.Variant
	rows     []genomics.Row
	status   []pheno.Status
}

// simulated makes a cohort. Variants from `complete` on have no missing call.
func simulated(t *testing.T, samples, variants int, missing float64, complete int) *plainCohort {
	t.Helper()
	source, err := simulate.New(simulate.Options{Samples: samples, Variants: variants, Missing: missing, Causal: 3, Heritability: 0.2, CaseFraction: 0.3, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	c := &plainCohort{samples: source.Samples()}
	for {
		var v genomics.Variant
		row := make(genomics.Row, genomics.RowLen(samples))
		err := source.Next(&v, row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range samples {
			if len(c.variants) >= complete && row.At(i) == genomics.Missing {
				row.Set(i, genomics.Het)
			}
		}
		c.variants, c.rows = append(c.variants, v), append(c.rows, row)
	}
	traits, err := source.Traits()
	if err != nil {
		t.Fatal(err)
	}
	c.status = traits.Case
	return c
}

// source reads the cohort; it fails with err (if any) after n variants.
func (c *plainCohort) source(n int, err error) genomics.Source {
	return &memorySource{plainCohort: c, n: n, err: err}
}

type memorySource struct {
	*plainCohort
	next, n int
	err     error
}

func (m *memorySource) Samples() []string       { return m.samples }
func (m *memorySource) Skipped() map[string]int { return nil }
func (m *memorySource) Close() error            { return nil }

func (m *memorySource) Next(v *genomics.Variant, row genomics.Row) error {
	if m.next == m.n {
		if m.err != nil {
			return m.err
		}
		return io.EOF
	}
	*v = m.variants[m.next]
	copy(row, m.rows[m.next])
	m.next++
	return nil
}

func (c *plainCohort) all() genomics.Source { return c.source(len(c.variants), nil) }

// tables computes both tables from the plaintext.
func (c *plainCohort) tables(t *testing.T) (assocTable, model []byte) {
	t.Helper()
	var a, m bytes.Buffer
	if err := PlaintextChi2(&a, c.all(), c.status); err != nil {
		t.Fatal(err)
	}
	width := 0
	for _, v := range c.variants {
		width = assoc.IDWidth(width, v.ID)
	}
	w, err := assoc.NewModelWriter(&m, width)
	if err != nil {
		t.Fatal(err)
	}
	for j, row := range c.rows {
		var table assoc.Table
		for i, s := range c.status {
			switch s {
			case pheno.Case:
				table.Cases[row.At(i)]++
			case pheno.Control:
				table.Controls[row.At(i)]++
			}
		}
		if err := w.Write(c.variants[j], row.Count(len(c.samples)), table); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return a.Bytes(), m.Bytes()
}

var errBroken = errors.New("the input broke")

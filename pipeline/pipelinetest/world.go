package pipelinetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/pheno"
	"genoveil/genomics/test"
	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/private"
	"genoveil/pipeline/site"
)

// A World is a directory with everything that an owner and a compute site have.
type World struct {
	T      *testing.T
	Dir    string
	Params he.Params
	Secret *he.SecretKey
	Keys   *he.EvaluationKeys
}

// SomeID is an identifier as files have them.
const SomeID = "00112233445566778899aabbccddeeff"

// NewWorld has the parameter set that users have.
func NewWorld(t *testing.T) *World {
	params, err := format.Plan(1000, format.HardCalls)
	if err != nil {
		t.Fatal(err)
	}
	return WorldOf(t, params)
}

// SumParams is the set of a cohort for sums.
func (w *World) SumParams() he.SumParams {
	w.T.Helper()
	params, err := w.Params.Sums()
	w.Must(err)
	return params
}

// ScoreParams is the set of a cohort for scores.
func (w *World) ScoreParams() he.ScoreParams {
	w.T.Helper()
	params, err := w.Params.Scores()
	w.Must(err)
	return params
}

// NewSmallWorld has a ring of 1024 and batches of 1024 samples, so that small
// cohorts have several blocks, tiles and batches.
func NewSmallWorld(t *testing.T) *World { return WorldOf(t, hetest.SumParams(t, 10, 1024)) }

// WorldOf has a parameter set and keys for it.
func WorldOf(t *testing.T, params he.SumParams) *World {
	secret, keys := hetest.Keys(t, params.Chain())
	return &World{T: t, Dir: t.TempDir(), Params: params.Params(), Secret: secret, Keys: keys}
}

// Path is a file in the directory.
func (w *World) Path(name string) string { return filepath.Join(w.Dir, name) }

// Must ends the test at an error.
func (w *World) Must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Genotypes prepares the encryption of a source into cohort and cohort.index.
func (w *World) Genotypes(source genomics.Source) *owner.GenotypeJob {
	return &owner.GenotypeJob{Source: source, Params: w.Params, Secret: w.Secret, Dir: w.Path("cohort"), Index: w.Path("cohort.index"), Threads: 2}
}

func (w *World) Encrypt(source genomics.Source) *owner.GenotypeResult {
	w.T.Helper()
	result, err := w.Genotypes(source).Run(w.T.Context())
	w.Must(err)
	return result
}

// Query makes name.traits and name.private, for all χ² tests.
func (w *World) Query(name string, status []pheno.Status) {
	w.T.Helper()
	w.Chi2(name, status, true)
}

func (w *World) Chi2(name string, status []pheno.Status, models bool) {
	w.T.Helper()
	index, err := private.OpenIndex(w.Path("cohort.index"))
	w.Must(err)
	defer index.Close()
	job := owner.TraitsJob{
		Index: index, Secret: w.Secret, Test: test.Find("chi2"), Sections: index.Whole(test.Chi2Trait("CASE", status, models)),
		TraitsPath: w.Path(name + ".traits"), PrivatePath: w.Path(name + ".private"),
	}
	_, err = job.Run(w.T.Context())
	w.Must(err)
}

// Job prepares the evaluation of query.traits into sums.sums.
func (w *World) Job(query, sums string, shard format.Shard) *site.RunJob {
	w.T.Helper()
	cohort, err := format.OpenCohort(w.Path("cohort"))
	w.Must(err)
	opened, err := format.OpenTraits(w.Path(query + ".traits"))
	w.Must(err)
	w.T.Cleanup(func() { opened.Close() })
	engine, err := cpu.New(w.Keys, 2)
	w.Must(err)
	return &site.RunJob{
		Cohort: cohort, Traits: opened, Keys: w.Keys, Engine: engine, Shard: shard,
		Path: w.Path(sums + ".sums"), Threads: 2, Memory: 1 << 30,
	}
}

func (w *World) Run(query, sums string) {
	w.T.Helper()
	w.Must(w.Job(query, sums, format.Whole).Run(w.T.Context()))
}

// Decryption opens what decrypting sums.sums takes.
func (w *World) Decryption(query, sums string) (*owner.Decryption, error) {
	w.T.Helper()
	index, err := private.OpenIndex(w.Path("cohort.index"))
	w.Must(err)
	w.T.Cleanup(func() { index.Close() })
	private, err := private.LoadQuery(w.Path(query + ".private"))
	w.Must(err)
	opened, err := format.OpenSums(w.Path(sums + ".sums"))
	if err != nil {
		return nil, err
	}
	w.T.Cleanup(func() { opened.Close() })
	return &owner.Decryption{Sums: opened, Index: index, Query: private, Secret: w.Secret, Threads: 2, Report: w.Path(sums + ".check-failed")}, nil
}

// WriteTables decrypts and writes the tables.
func WriteTables(ctx context.Context, d *owner.Decryption, out test.Output) error {
	tables, err := d.Query.Tables(out)
	if err != nil {
		return err
	}
	_, err = d.Results(ctx, tables)
	return err
}

// TryDecrypt returns the two tables of sums.sums. If it fails, nothing may have
// been written.
func (w *World) TryDecrypt(query, sums string) (assoc, model []byte, err error) {
	w.T.Helper()
	d, err := w.Decryption(query, sums)
	if err != nil {
		return nil, nil, err
	}
	prefix := w.Path(sums)
	if err := WriteTables(w.T.Context(), d, test.Output{Prefix: prefix, Models: true}); err != nil {
		for _, path := range []string{prefix + ".assoc", prefix + ".model"} {
			if _, stat := os.Stat(path); stat == nil {
				w.T.Errorf("%s was written although decryption failed", path)
			}
		}
		return nil, nil, err
	}
	assoc, err = os.ReadFile(prefix + ".assoc")
	w.Must(err)
	model, err = os.ReadFile(prefix + ".model")
	w.Must(err)
	return assoc, model, nil
}

func (w *World) Decrypt(query, sums string) (assoc, model []byte) {
	w.T.Helper()
	assoc, model, err := w.TryDecrypt(query, sums)
	w.Must(err)
	return assoc, model
}

var ErrBroken = errors.New("the input broke")

package pipeline

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/pheno"
	"genoveil/he"
	"genoveil/he/cpu"
)

// testKeys are made once: key generation takes a second.
var testKeys = sync.OnceValues(func() (*he.SecretKey, *he.EvaluationKeys) {
	params, err := Plan(1)
	if err != nil {
		panic(err)
	}
	sk, err := he.GenerateSecret(params.Chain())
	if err != nil {
		panic(err)
	}
	keys, err := he.GenerateEvaluationKeys(params.Chain(), sk)
	if err != nil {
		panic(err)
	}
	return sk, keys
})

// A world is a directory with everything that an owner and a compute site have.
type world struct {
	t      *testing.T
	dir    string
	secret *he.SecretKey
	keys   *he.EvaluationKeys
}

func newWorld(t *testing.T) *world {
	secret, keys := testKeys()
	return &world{t: t, dir: t.TempDir(), secret: secret, keys: keys}
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// encrypt makes cohort and cohort.index.
func (w *world) encrypt(source genomics.Source) *GenotypeResult {
	w.t.Helper()
	job := GenotypeJob{Source: source, Secret: w.secret, Dir: w.path("cohort"), Index: w.path("cohort.index"), Threads: 2}
	result, err := job.Run(background)
	w.must(err)
	return result
}

// query makes name.traits and name.private.
func (w *world) query(name string, status []pheno.Status) {
	w.t.Helper()
	index, err := OpenIndex(w.path("cohort.index"))
	w.must(err)
	defer index.Close()
	columns, planes := Chi2Columns(status)
	job := TraitsJob{
		Index: &index.Index, Secret: w.secret, Test: TestChi2, Trait: "CASE", Columns: columns, Planes: planes,
		TraitsPath: w.path(name + ".traits"), PrivatePath: w.path(name + ".private"),
	}
	_, err = job.Run()
	w.must(err)
}

// job prepares the evaluation of a shard into name.sums.
func (w *world) job(traits, name string, shard Shard) *RunJob {
	w.t.Helper()
	cohort, err := OpenCohort(w.path("cohort"))
	w.must(err)
	opened, err := OpenTraits(w.path(traits + ".traits"))
	w.must(err)
	w.t.Cleanup(func() { opened.Close() })
	engine, err := cpu.New(w.keys, 2)
	w.must(err)
	return &RunJob{
		Cohort: cohort, Traits: opened, Keys: w.keys, Engine: engine, Shard: shard,
		Path: w.path(name + ".sums"), Threads: 2, Memory: 1 << 30,
	}
}

func (w *world) run(name string, shard Shard) {
	w.t.Helper()
	w.must(w.job(name, name, shard).Run(background))
}

// tryDecrypt decrypts sums.sums with the query's .private file.
func (w *world) tryDecrypt(query, sums string) (assoc, model []byte, err error) {
	w.t.Helper()
	index, err := OpenIndex(w.path("cohort.index"))
	w.must(err)
	defer index.Close()
	private, err := LoadQuery(w.path(query + ".private"))
	w.must(err)
	opened, err := OpenSums(w.path(sums + ".sums"))
	if err != nil {
		return nil, nil, err
	}
	defer opened.Close()
	d := Decryption{Sums: opened, Index: index, Query: private, Secret: w.secret, Threads: 2}
	out := Chi2Output{Assoc: w.path(sums + ".assoc"), Model: w.path(sums + ".model")}
	if err := d.WriteChi2(background, out); err != nil {
		if _, stat := os.Stat(out.Assoc); stat == nil {
			w.t.Error("a table was written although decryption failed")
		}
		return nil, nil, err
	}
	assoc, err = os.ReadFile(out.Assoc)
	w.must(err)
	model, err = os.ReadFile(out.Model)
	w.must(err)
	return assoc, model, nil
}

func (w *world) decrypt(name string) (assoc, model []byte) {
	w.t.Helper()
	assoc, model, err := w.tryDecrypt(name, name)
	w.must(err)
	return assoc, model
}

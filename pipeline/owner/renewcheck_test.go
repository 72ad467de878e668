package owner_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/simulate"
	"genoveil/genomics/test"
	"genoveil/he/hetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

// asVersion1 writes the cohort's index as version 1 had it, with the first κ alone.
func (w ownerWorld) asVersion1() {
	w.T.Helper()
	r := w.Index()
	header := r.Index
	header.Version, header.CheckID, header.CheckKey, header.Checks = 1, "", nil, nil
	header.Sexes, header.Chromosomes = nil, nil
	for _, k := range r.CheckKey {
		header.OldCheckKey = append(header.OldCheckKey, k[0])
	}
	text, err := json.Marshal(header)
	w.Must(err)
	packed, err := private.Compress(append(text, '\n'))
	w.Must(err)
	for {
		b, err := r.NextBlock()
		if errors.Is(err, io.EOF) {
			break
		}
		w.Must(err)
		var lines []byte
		for j, v := range b.Variants {
			lines = fmt.Appendf(lines, "%s\t%d\t%s\t%s\t%s", v.Chrom, v.Pos, v.ID, v.Ref, v.Alt)
			for _, c := range b.Tallies[j].Counts {
				lines = fmt.Appendf(lines, "\t%d", c)
			}
			for _, plane := range b.Tallies[j].Check {
				lines = fmt.Appendf(lines, "\t%d", plane[0])
			}
			lines = append(lines, '\n')
		}
		part, err := private.Compress(lines)
		w.Must(err)
		packed = append(packed, part...)
	}
	w.Must(os.WriteFile(w.Path("cohort.index"), packed, 0o600))
}

// TestRenewCheck: an index with new keys serves the same ciphertexts, queries of before
// are decrypted with the old index that is kept, and neither with the other's.
func TestRenewCheck(t *testing.T) {
	for _, version := range []int{1, 2} {
		t.Run(fmt.Sprint("from version ", version), func(t *testing.T) {
			w := ownerWorld{pipelinetest.NewSmallWorld(t)}
			c := pipelinetest.Simulated(t, 150, 2500, 0.02, 1200)
			w.Encrypt(c.All())
			w.Query("before", c.Status)
			w.Run("before", "before")
			if drawn := len(w.Index().Checks); drawn != 1 {
				t.Errorf("%d checks after one query", drawn)
			}
			if version == 1 {
				w.asVersion1()
				if _, err := private.OpenIndex(w.Path("cohort.index")); err == nil || !strings.Contains(err.Error(), "was made by a version whose check a compute site can bypass; make it a new one with 'genoveil encrypt genotypes --renew-check'") {
					t.Error(err)
				}
			}
			partial := w.Path(".cohort.index.before-1.1.partial")
			w.Must(os.WriteFile(partial, []byte("part"), 0o600)) // of a command that was killed while it copied
			kept, err := w.Genotypes(c.All()).RenewCheck(t.Context())
			w.Must(err)
			if _, err := os.Lstat(partial); !errors.Is(err, fs.ErrNotExist) {
				t.Error("what a killed command copied of the index is still there")
			}
			if kept != w.Path("cohort.index.before-1") {
				t.Errorf("the old index is kept as %s", kept)
			}
			w.complete(c) // in the index are the check sums that its new keys give
			if drawn := len(w.Index().Checks); drawn != 0 {
				t.Errorf("%d checks drawn with new keys", drawn)
			}
			if _, _, err := w.TryDecrypt("before", "before"); err == nil || !strings.Contains(err.Error(), "is not the index that this query was encrypted with") {
				t.Error(err)
			}
			w.Query("after", c.Status)
			w.Run("after", "after")
			got, _ := w.Decrypt("after", "after")
			if want, _ := c.Tables(t); !bytes.Equal(got, want) {
				t.Error("the table after renewal is not PLINK's")
			}
			if version == 2 {
				w.Must(os.Rename(kept, w.Path("cohort.index")))
				w.Decrypt("before", "before")
				w.complete(c) // all of the old index is there, with its keys
				// It serves no new query and no renewal.
				const refusal = "is from before the check was renewed and serves only queries of that time; give the index that replaced it"
				index := w.Index()
				job := owner.TraitsJob{
					Index: index, Secret: w.Secret, Test: test.Find("chi2"), Sections: index.Whole(test.Chi2Trait("CASE", c.Status, true)),
					TraitsPath: w.Path("late.traits"), PrivatePath: w.Path("late.private"),
				}
				if _, err := job.Run(t.Context()); err == nil || !strings.Contains(err.Error(), refusal) {
					t.Error(err)
				}
				if _, err := w.Genotypes(c.All()).RenewCheck(t.Context()); err == nil || !strings.Contains(err.Error(), refusal) {
					t.Error(err)
				}
			}
		})
	}
}

// TestRenewCheckRefuses genotypes that are not the cohort's, and leaves the index as it
// was.
func TestRenewCheckRefuses(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c := pipelinetest.Simulated(t, 80, 1500, 0.02, 1200)
	w.Encrypt(c.All())
	before, err := os.ReadFile(w.Path("cohort.index"))
	w.Must(err)
	with := func(change func(c *pipelinetest.PlainCohort)) genomics.Source {
		other := &pipelinetest.PlainCohort{Names: slices.Clone(c.Names), Variants: slices.Clone(c.Variants)}
		for _, row := range c.Rows {
			other.Rows = append(other.Rows, slices.Clone(row))
		}
		change(other)
		return other.All()
	}
	const differ = "the genotypes given are not those that were encrypted (block 1); give the files and flags that the cohort was encrypted with"
	for name, test := range map[string]struct {
		source genomics.Source
		want   string
	}{
		"fewer variants": {c.Source(1400, nil), differ},
		"two genotypes exchanged": {with(func(c *pipelinetest.PlainCohort) {
			row := c.Rows[1100]
			j := 1
			for row.At(j) == row.At(0) {
				j++
			}
			a, b := row.At(0), row.At(j)
			row.Set(0, b)
			row.Set(j, a)
		}), differ},
		"another ID": {with(func(c *pipelinetest.PlainCohort) { c.Variants[1200].ID = "other" }), differ},
		"more variants": {with(func(c *pipelinetest.PlainCohort) {
			c.Variants, c.Rows = append(c.Variants, c.Variants[0]), append(c.Rows, c.Rows[0])
		}), differ},
		"other samples":  {with(func(c *pipelinetest.PlainCohort) { c.Names[3] = "other" }), "has different samples"},
		"a broken input": {c.Source(1300, pipelinetest.ErrBroken), pipelinetest.ErrBroken.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := w.Genotypes(test.source).RenewCheck(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
			if after, err := os.ReadFile(w.Path("cohort.index")); err != nil || !bytes.Equal(after, before) {
				t.Error("the index changed", err)
			}
			if _, err := os.Stat(w.Path("cohort.index.before-1")); err == nil {
				t.Error("a copy of the index was kept")
			}
		})
	}
}

// TestRenewCheckOfDosages: the same for dosages.
func TestRenewCheckOfDosages(t *testing.T) {
	w := ownerWorld{pipelinetest.WorldOf(t, hetest.WideSumParams(t, 10, 1024))}
	job := func() *owner.GenotypeJob {
		cohort, err := simulate.New(simulate.Options{Samples: 60, Variants: 1100, Missing: 0.02, Causal: 2, Heritability: 0.2, CaseFraction: 0.3, Seed: 3})
		w.Must(err)
		job := w.Genotypes(nil)
		job.Dosages = cohort.Impute()
		return job
	}
	_, err := job().Run(t.Context())
	w.Must(err)
	id := w.Index().CheckID
	_, err = job().RenewCheck(t.Context())
	w.Must(err)
	if w.Index().CheckID == id {
		t.Error("the check has the same name")
	}
}

// TestQueriesOfBefore: a .private file without a name of the check's keys is of a version
// whose check can be bypassed.
func TestQueriesOfBefore(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c := pipelinetest.Simulated(t, 50, 200, 0, 0)
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	q, err := private.LoadQuery(w.Path("case.private"))
	w.Must(err)
	q.CheckID = ""
	w.Must(os.Remove(w.Path("case.private")))
	w.Must(q.Save(w.Path("case.private")))
	_, err = private.LoadQuery(w.Path("case.private"))
	if err == nil || !strings.Contains(err.Error(), "was made by a version whose check a compute site can bypass") ||
		!strings.Contains(err.Error(), "Encrypt the traits again") || !strings.Contains(err.Error(), "do not rely on results that you have from it, and make new keys") {
		t.Error(err)
	}
}

// TestChecksAreCounted: every check has a point of its own, also those of queries that
// are encrypted at the same time, and the rest of the index stays as it was.
func TestChecksAreCounted(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c := pipelinetest.Simulated(t, 70, 1300, 0.02, 1300)
	w.Encrypt(c.All())
	const queries = 6
	errs := make(chan error, queries)
	for i := range queries {
		index := w.Index()
		go func() {
			job := owner.TraitsJob{
				Index: index, Secret: w.Secret, Test: test.Find("chi2"), Sections: index.Whole(test.Chi2Trait("CASE", c.Status, true)),
				TraitsPath: w.Path(fmt.Sprint(i, ".traits")), PrivatePath: w.Path(fmt.Sprint(i, ".private")),
			}
			_, err := job.Run(w.T.Context())
			errs <- err
		}()
	}
	for range queries {
		w.Must(<-errs)
	}
	points := slices.Sorted(slices.Values(w.Index().Checks))
	if len(slices.Compact(points)) != queries {
		t.Errorf("%d points for %d checks", len(points), queries)
	}
	for i := range queries {
		q, err := private.LoadQuery(w.Path(fmt.Sprint(i, ".private")))
		w.Must(err)
		if !slices.Contains(points, q.Sections[0].Planes[format.Dosage].Check.Point) {
			t.Error("a check is not in the index")
		}
	}
	w.complete(c)
}

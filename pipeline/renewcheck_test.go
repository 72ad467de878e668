package pipeline

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
	"genoveil/he/hetest"
)

// asVersion1 writes the cohort's index as version 1 had it, with the first κ alone.
func (w *world) asVersion1() {
	w.t.Helper()
	r := w.index()
	header := r.Index
	header.Version, header.CheckID, header.CheckKey, header.Checks = 1, "", nil, nil
	for _, k := range r.CheckKey {
		header.OldCheckKey = append(header.OldCheckKey, k[0])
	}
	text, err := json.Marshal(header)
	w.must(err)
	packed, err := compress(append(text, '\n'))
	w.must(err)
	for {
		b, err := r.nextBlock()
		if errors.Is(err, io.EOF) {
			break
		}
		w.must(err)
		var lines []byte
		for j, v := range b.variants {
			lines = fmt.Appendf(lines, "%s\t%d\t%s\t%s\t%s", v.Chrom, v.Pos, v.ID, v.Ref, v.Alt)
			for _, c := range b.tallies[j].counts {
				lines = fmt.Appendf(lines, "\t%d", c)
			}
			for _, plane := range b.tallies[j].check {
				lines = fmt.Appendf(lines, "\t%d", plane[0])
			}
			lines = append(lines, '\n')
		}
		part, err := compress(lines)
		w.must(err)
		packed = append(packed, part...)
	}
	w.must(os.WriteFile(w.path("cohort.index"), packed, 0o600))
}

// TestRenewCheck: an index with new keys serves the same ciphertexts, queries of before
// are decrypted with the old index that is kept, and neither with the other's.
func TestRenewCheck(t *testing.T) {
	for _, version := range []int{1, 2} {
		t.Run(fmt.Sprint("from version ", version), func(t *testing.T) {
			w := newSmallWorld(t)
			c := simulated(t, 150, 2500, 0.02, 1200)
			w.encrypt(c.all())
			w.query("before", c.status)
			w.run("before", "before")
			if drawn := len(w.index().Checks); drawn != 1 {
				t.Errorf("%d checks after one query", drawn)
			}
			if version == 1 {
				w.asVersion1()
				if _, err := OpenIndex(w.path("cohort.index")); err == nil || !strings.Contains(err.Error(), "was made by a version whose check a compute site can bypass; make it a new one with 'genoveil encrypt genotypes --renew-check'") {
					t.Error(err)
				}
			}
			partial := w.path(".cohort.index.before-1.1.partial")
			w.must(os.WriteFile(partial, []byte("part"), 0o600)) // of a command that was killed while it copied
			kept, err := w.genotypes(c.all()).RenewCheck(t.Context())
			w.must(err)
			if _, err := os.Lstat(partial); !errors.Is(err, fs.ErrNotExist) {
				t.Error("what a killed command copied of the index is still there")
			}
			if kept != w.path("cohort.index.before-1") {
				t.Errorf("the old index is kept as %s", kept)
			}
			w.complete(c) // in the index are the check sums that its new keys give
			if drawn := len(w.index().Checks); drawn != 0 {
				t.Errorf("%d checks drawn with new keys", drawn)
			}
			if _, _, err := w.tryDecrypt("before", "before"); err == nil || !strings.Contains(err.Error(), "is not the index that this query was encrypted with") {
				t.Error(err)
			}
			w.query("after", c.status)
			w.run("after", "after")
			got, _ := w.decrypt("after", "after")
			if want, _ := c.tables(t); !bytes.Equal(got, want) {
				t.Error("the table after renewal is not PLINK's")
			}
			if version == 2 {
				w.must(os.Rename(kept, w.path("cohort.index")))
				w.decrypt("before", "before")
				w.complete(c) // all of the old index is there, with its keys
				// It serves no new query and no renewal.
				const refusal = "is from before the check was renewed and serves only queries of that time; give the index that replaced it"
				index := w.index()
				job := TraitsJob{
					Index: index, Secret: w.secret, Test: TestChi2, Sections: index.Whole(Chi2Trait("CASE", c.status, true)),
					TraitsPath: w.path("late.traits"), PrivatePath: w.path("late.private"),
				}
				if _, err := job.Run(t.Context()); err == nil || !strings.Contains(err.Error(), refusal) {
					t.Error(err)
				}
				if _, err := w.genotypes(c.all()).RenewCheck(t.Context()); err == nil || !strings.Contains(err.Error(), refusal) {
					t.Error(err)
				}
			}
		})
	}
}

// TestRenewCheckRefuses genotypes that are not the cohort's, and leaves the index as it
// was.
func TestRenewCheckRefuses(t *testing.T) {
	w := newSmallWorld(t)
	c := simulated(t, 80, 1500, 0.02, 1200)
	w.encrypt(c.all())
	before, err := os.ReadFile(w.path("cohort.index"))
	w.must(err)
	with := func(change func(c *plainCohort)) genomics.Source {
		other := &plainCohort{samples: slices.Clone(c.samples), variants: slices.Clone(c.variants)}
		for _, row := range c.rows {
			other.rows = append(other.rows, slices.Clone(row))
		}
		change(other)
		return other.all()
	}
	const differ = "the genotypes given are not those that were encrypted (block 1); give the files and flags that the cohort was encrypted with"
	for name, test := range map[string]struct {
		source genomics.Source
		want   string
	}{
		"fewer variants": {c.source(1400, nil), differ},
		"two genotypes exchanged": {with(func(c *plainCohort) {
			row := c.rows[1100]
			j := 1
			for row.At(j) == row.At(0) {
				j++
			}
			a, b := row.At(0), row.At(j)
			row.Set(0, b)
			row.Set(j, a)
		}), differ},
		"another ID": {with(func(c *plainCohort) { c.variants[1200].ID = "other" }), differ},
		"more variants": {with(func(c *plainCohort) {
			c.variants, c.rows = append(c.variants, c.variants[0]), append(c.rows, c.rows[0])
		}), differ},
		"other samples":  {with(func(c *plainCohort) { c.samples[3] = "other" }), "has different samples"},
		"a broken input": {c.source(1300, errBroken), errBroken.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := w.genotypes(test.source).RenewCheck(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
			if after, err := os.ReadFile(w.path("cohort.index")); err != nil || !bytes.Equal(after, before) {
				t.Error("the index changed", err)
			}
			if _, err := os.Stat(w.path("cohort.index.before-1")); err == nil {
				t.Error("a copy of the index was kept")
			}
		})
	}
}

// TestRenewCheckOfDosages: the same for dosages.
func TestRenewCheckOfDosages(t *testing.T) {
	w := worldOf(t, hetest.DosageParams(t, 10, 1024))
	job := func() *GenotypeJob {
		cohort, err := simulate.New(simulate.Options{Samples: 60, Variants: 1100, Missing: 0.02, Causal: 2, Heritability: 0.2, CaseFraction: 0.3, Seed: 3})
		w.must(err)
		job := w.genotypes(nil)
		job.Dosages = cohort.Impute()
		return job
	}
	_, err := job().Run(t.Context())
	w.must(err)
	id := w.index().CheckID
	_, err = job().RenewCheck(t.Context())
	w.must(err)
	if w.index().CheckID == id {
		t.Error("the check has the same name")
	}
}

// TestQueriesOfBefore: a .private file without a name of the check's keys is of a version
// whose check can be bypassed.
func TestQueriesOfBefore(t *testing.T) {
	w := newSmallWorld(t)
	c := simulated(t, 50, 200, 0, 0)
	w.encrypt(c.all())
	w.query("case", c.status)
	q, err := LoadQuery(w.path("case.private"))
	w.must(err)
	q.CheckID = ""
	w.must(os.Remove(w.path("case.private")))
	w.must(q.save(w.path("case.private")))
	_, err = LoadQuery(w.path("case.private"))
	if err == nil || !strings.Contains(err.Error(), "was made by a version whose check a compute site can bypass") ||
		!strings.Contains(err.Error(), "Encrypt the traits again") || !strings.Contains(err.Error(), "do not rely on results that you have from it, and make new keys") {
		t.Error(err)
	}
}

// TestChecksAreCounted: every check has a point of its own, also those of queries that
// are encrypted at the same time, and the rest of the index stays as it was.
func TestChecksAreCounted(t *testing.T) {
	w := newSmallWorld(t)
	c := simulated(t, 70, 1300, 0.02, 1300)
	w.encrypt(c.all())
	const queries = 6
	errs := make(chan error, queries)
	for i := range queries {
		index := w.index()
		go func() {
			job := TraitsJob{
				Index: index, Secret: w.secret, Test: TestChi2, Sections: index.Whole(Chi2Trait("CASE", c.status, true)),
				TraitsPath: w.path(fmt.Sprint(i, ".traits")), PrivatePath: w.path(fmt.Sprint(i, ".private")),
			}
			_, err := job.Run(w.t.Context())
			errs <- err
		}()
	}
	for range queries {
		w.must(<-errs)
	}
	points := slices.Sorted(slices.Values(w.index().Checks))
	if len(slices.Compact(points)) != queries {
		t.Errorf("%d points for %d checks", len(points), queries)
	}
	for i := range queries {
		q, err := LoadQuery(w.path(fmt.Sprint(i, ".private")))
		w.must(err)
		if !slices.Contains(points, q.Sections[0].Planes[Dosage].Check.Point) {
			t.Error("a check is not in the index")
		}
	}
	w.complete(c)
}

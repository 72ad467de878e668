package owner_test

import (
	"os"
	"strings"
	"sync"
	"testing"

	"genoveil/genomics/test"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

// TestTraitsAtOnce encrypts traits several times at once under the same names: one
// succeeds, and its two files belong together.
func TestTraitsAtOnce(t *testing.T) {
	c := pipelinetest.Simulated(t, 70, 50, 0, 0)
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(c.All())
	index := w.Index()
	jobs := make([]owner.TraitsJob, 6)
	for i := range jobs {
		jobs[i] = owner.TraitsJob{
			Index: index, Secret: w.Secret, Test: test.Find("chi2"), Sections: index.Whole(test.Chi2Trait("CASE", c.Status, false)),
			TraitsPath: w.Path("case.traits"), PrivatePath: w.Path("case.private"),
		}
	}
	pair := func() (*private.Query, error) {
		q, err := private.LoadQuery(w.Path("case.private"))
		if err != nil {
			return nil, err
		}
		traits, err := format.OpenTraits(w.Path("case.traits"))
		if err != nil {
			return nil, err
		}
		defer traits.Close()
		if traits.QueryID != q.QueryID || traits.Fingerprint() != q.Traits {
			t.Fatal("case.traits and case.private are of different queries")
		}
		return q, nil
	}
	for range 5 {
		errs := make([]error, len(jobs))
		var group sync.WaitGroup
		for i := range jobs {
			group.Go(func() { _, errs[i] = jobs[i].Run(t.Context()) })
		}
		group.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
			} else if !strings.Contains(err.Error(), ": already exists") {
				t.Error(err)
			}
		}
		if done != 1 {
			t.Errorf("%d have encrypted traits", done)
		}
		first, err := pair()
		w.Must(err)

		// Later, all are refused, and nothing changes.
		if _, err := jobs[0].Run(t.Context()); err == nil || !strings.Contains(err.Error(), "case.private: already exists; choose a different name or remove it") {
			t.Error(err)
		}
		if again, err := pair(); err != nil || again.QueryID != first.QueryID {
			t.Errorf("another query stands there (%v)", err)
		}
		w.Must(os.Remove(jobs[0].PrivatePath))
		if _, err := jobs[0].Run(t.Context()); err == nil || !strings.Contains(err.Error(), "case.traits: already exists, without ") {
			t.Error(err)
		}
		w.Must(os.Remove(jobs[0].TraitsPath))
	}
}

// TestTraitsWithoutPrivate: where the .private cannot be written, the .traits that
// nothing could be read of is gone, too.
func TestTraitsWithoutPrivate(t *testing.T) {
	c := pipelinetest.Simulated(t, 70, 50, 0, 0)
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(c.All())
	index := w.Index()
	job := owner.TraitsJob{
		Index: index, Secret: w.Secret, Test: test.Find("chi2"), Sections: index.Whole(test.Chi2Trait("CASE", c.Status, false)),
		TraitsPath: w.Path("case.traits"), PrivatePath: w.Path("none/case.private"),
	}
	if _, err := job.Run(w.T.Context()); err == nil {
		t.Error("written into a directory that is not there")
	}
	if _, err := os.Stat(job.TraitsPath); err == nil {
		t.Error("case.traits is there")
	}
}

package owner_test

import (
	"bytes"
	"errors"
	"testing"

	"genoveil/genomics"
	"genoveil/pipeline/pipelinetest"
)

// TestResumeInALaterFile interrupts an encryption of three files in the third of them and
// continues it. The second block of the three is of two files.
func TestResumeInALaterFile(t *testing.T) {
	c := pipelinetest.Simulated(t, 150, 2500, 0.02, 2500)
	wantAssoc, _ := c.Tables(t)
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	broken := true
	var files []genomics.File[genomics.Source]
	for _, part := range []struct {
		name     string
		from, to int
	}{{"x", 0, 700}, {"y", 700, 2100}, {"z", 2100, 2500}} {
		files = append(files, genomics.File[genomics.Source]{Name: part.name, Open: func() (genomics.Source, error) {
			source := &failing{MemorySource: c.Source(part.to, nil).(*pipelinetest.MemorySource)}
			if part.name == "z" && broken {
				source.MemorySource = c.Source(2300, pipelinetest.ErrBroken).(*pipelinetest.MemorySource)
				source.after = w.finished("cohort.index.partial", 0, 1)
			}
			source.At = part.from
			return source, nil
		}})
	}
	joined, err := genomics.Join(files)
	w.Must(err)
	if _, err := w.Genotypes(joined).Run(t.Context()); !errors.Is(err, pipelinetest.ErrBroken) {
		t.Fatal(err)
	}
	before := seeds(w, t, 2)

	broken = false
	joined, err = genomics.Join(files)
	w.Must(err)
	result := w.Encrypt(joined)
	if result.Resumed != 2 || len(result.Blocks) != 3 {
		t.Fatalf("%d blocks kept of %d", result.Resumed, len(result.Blocks))
	}
	now := seeds(w, t, 3)
	for seed := range before {
		if !now[seed] {
			t.Error("a kept block changed")
		}
	}
	w.Query("case", c.Status)
	w.Run("case", "case")
	if got, _ := w.Decrypt("case", "case"); !bytes.Equal(got, wantAssoc) {
		t.Error(pipelinetest.FirstDifference(got, wantAssoc))
	}
}

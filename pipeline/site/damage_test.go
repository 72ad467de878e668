package site_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"genoveil/pipeline/filetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/site"
)

// TestDamageStopsRun: sums that a damaged chunk is in are not written, and neither is a
// checkpoint of them.
func TestDamageStopsRun(t *testing.T) {
	c := pipelinetest.Simulated(t, 200, 900, 0, 900)
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	job := w.Job("case", "case", format.Whole)
	site.SetDue(job, func() bool { return true })
	path := w.Path("cohort/" + format.BlockFileName(0, 0))
	planes := len(job.Cohort.Blocks[0].Planes)
	filetest.FlipWord(t, path, planes, 5000) // of the second chunk of samples
	err := job.Run(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), path+": chunk ") || !strings.Contains(err.Error(), "is damaged") {
		t.Fatal(err)
	}
	if _, err := os.Stat(job.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("sums were written: %v", err)
	}
	// What was saved before is of the first chunk alone: mended, the run goes on from it.
	filetest.FlipWord(t, path, planes, 5000)
	again := w.Job("case", "case", format.Whole)
	w.Must(again.Run(t.Context()))
	w.Run("case", "direct")
	got, err := os.ReadFile(w.Path("case.sums"))
	w.Must(err)
	want, err := os.ReadFile(w.Path("direct.sums"))
	w.Must(err)
	if !bytes.Equal(got, want) {
		t.Error("the sums differ from those of an undisturbed run")
	}
}

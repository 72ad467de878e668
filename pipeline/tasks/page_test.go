package tasks

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestSaveAndRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	r := &Record{Command: "genoveil run", Shard: "3/8", Device: "cpu", Threads: 4, Genotypes: 1e9, Start: start, Seconds: 2.5, CoreSeconds: 10, PeakMemory: 1 << 30}
	if err := r.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, got); diff != "" || got.CoreNS() != 10 {
		t.Error(diff, got.CoreNS())
	}
	for _, text := range []string{"", "{}", "[1]", `{"shard": "1/2"}`} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); err == nil || err.Error() != path+": not a record of a task; give files that --record wrote" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestWritePage(t *testing.T) {
	records := []*Record{
		{Command: "genoveil run", Shard: "1/2", Device: "cpu", Threads: 4, Genotypes: 2e9, Start: start, Seconds: 100, CoreSeconds: 360, PeakMemory: 3e9},
		{Command: "genoveil <run>", Shard: "2/2", Device: "cpu", Threads: 4, Genotypes: 1e9, Start: start.Add(time.Hour), Seconds: 50, CoreSeconds: 3240, PeakMemory: 1e9},
	}
	var page bytes.Buffer
	if err := WritePage(&page, "tasks & all", records); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<title>tasks &amp; all</title>", "genoveil &lt;run&gt;", "<dt>tasks</dt><dd>2</dd>", "<dt>from first to last</dt><dd>1h0m50s</dd>", "<dt>core-hours</dt><dd>1</dd>",
		"<dt>core time a genotype</dt><dd>1200 ns</dd>", "<dt>largest memory</dt><dd>3 GB</dd>", "<td>1m40s</td>", `<rect width="50"`, "<td>180 ns</td>",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

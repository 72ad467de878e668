package bundle

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/pipeline/atomicfile"
)

// until calls f, which is broken off before its n-th change on disk; it says whether it
// came to its end before.
func until(n int, f func()) (ended bool) {
	type stop struct{}
	defer func() {
		atomicfile.BeforeStep = nil
		if p := recover(); p != nil {
			if _, ok := p.(stop); !ok {
				panic(p)
			}
		}
	}()
	atomicfile.BeforeStep = func() {
		if n--; n < 0 {
			panic(stop{})
		}
	}
	f()
	return true
}

// TestInterrupted breaks an import off at every step: what has its name is whole, messages
// stand only where all else does, and the same call again puts the rest.
func TestInterrupted(t *testing.T) {
	files := study()
	files["list.tsv"] = random(100_000, 3)
	bundles := pack(t, files, minBundle)
	same(t, "bundles", len(bundles), 2)
	others := tree(maps.Clone(files))
	maps.DeleteFunc(others, func(path, _ string) bool { return strings.HasSuffix(path, ".msg") })
	for n, ended := 0, false; !ended; n++ {
		dir, pieces := t.TempDir(), t.TempDir()
		_, err := Import(dir, pieces, bundles[0], anything)
		must(t, err)
		ended = until(n, func() { _, err = Import(dir, pieces, bundles[1], anything) })
		must(t, err)
		there, err := readTree(dir)
		must(t, err)
		count := 0
		for path, text := range there {
			if strings.HasSuffix(path, ".partial") {
				delete(there, path)
				continue
			}
			same(t, path, text == files[path], true)
			if !strings.HasSuffix(path, ".msg") {
				count++
			}
		}
		if len(there) > count {
			same(t, "files beside messages", count, len(others))
		}
		report, err := Import(dir, pieces, bundles[1], anything)
		must(t, err)
		same(t, "waiting", report.Waiting, 0)
		demandTree(t, dir, files)
		demandTree(t, pieces, tree{})
	}
}

// TestExportInterrupted: the same call again makes the bundles that are missing.
func TestExportInterrupted(t *testing.T) {
	files := tree{"list.tsv": random(150<<10, 3)}
	from := t.TempDir()
	must(t, files.write(from))
	want, err := readTree(filepath.Dir(pack(t, files, minBundle)[0]))
	must(t, err)
	for n, ended := 0, false; !ended; n++ {
		out := t.TempDir()
		ended = until(n, func() { _, err = Export(from, files.paths(), filepath.Join(out, "out"), minBundle) })
		must(t, err)
		_, err := Export(from, files.paths(), filepath.Join(out, "out"), minBundle)
		must(t, err)
		demandTree(t, out, want)
	}
}

// TestLeftovers of killed runs disappear when their file is put.
func TestLeftovers(t *testing.T) {
	bundles := pack(t, tree{"sites/brno.pub": "key"}, minBundle)
	dir := t.TempDir()
	must(t, tree{"sites/.brno.pub.77.partial": "k", "sites/.other.pub.77.partial": "k"}.write(dir))
	report, err := Import(dir, t.TempDir(), bundles[0], anything)
	must(t, err)
	same(t, "report", report, Report{New: 1})
	demandTree(t, dir, tree{"sites/brno.pub": "key", "sites/.other.pub.77.partial": "k"})
	info, err := os.Stat(filepath.Join(dir, "sites/brno.pub"))
	must(t, err)
	same(t, "executable", info.Mode()&0o111, os.FileMode(0))
}

package bundle

import (
	"os"
	"path/filepath"
	"testing"

	"genoveil/pipeline/filetest"
)

// refusedWhole demands that nothing is taken of a bundle.
func refusedWhole(t *testing.T, dir, pieces, path string, content []byte) {
	t.Helper()
	must(t, os.WriteFile(path, content, 0o600))
	report, err := Import(dir, pieces, path, anything)
	filetest.Refused(t, "damaged", err, path, "")
	same(t, "report", report, Report{})
	demandTree(t, dir, tree{})
	demandTree(t, pieces, tree{})
}

// TestTruncated: of a bundle that was copied in part, nothing is taken.
func TestTruncated(t *testing.T) {
	files := study()
	files["list.tsv"] = random(100_000, 3)
	dir, pieces, path := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "mail")
	for _, bundle := range pack(t, files, minBundle) {
		content, err := os.ReadFile(bundle)
		must(t, err)
		for i := range 50 {
			refusedWhole(t, dir, pieces, path, content[:len(content)*i/50])
		}
		refusedWhole(t, dir, pieces, path, content[:len(content)-1])
	}
}

// TestFlippedBits: every flipped bit is found.
func TestFlippedBits(t *testing.T) {
	content := described(wholeEntry("charter.yaml", "study: x"), line{"a/b.words", 100, 0, 5, sumText(nil), "begin"})
	dir, pieces, path := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "mail")
	for i := range content {
		for bit := range 8 {
			content[i] ^= 1 << bit
			refusedWhole(t, dir, pieces, path, content)
			content[i] ^= 1 << bit
		}
	}
	must(t, os.WriteFile(path, content, 0o600))
	report, err := Import(dir, pieces, path, anything)
	must(t, err)
	same(t, "report", report, Report{New: 1, Waiting: 1})
}

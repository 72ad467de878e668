package bundle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/pipeline/filetest"
)

// some takes three names.
func some(path string) (int64, bool) {
	limit, ok := map[string]int64{"charter.yaml": 100, "a/x.msg": 10, "a/x.00001.words": 1000}[path]
	return limit, ok
}

// importModestly imports a file and demands that only allowed files come of it, and that
// memory stays in proportion to its size.
func importModestly(t *testing.T, file []byte) {
	base := t.TempDir()
	dir, pieces, bundle := filepath.Join(base, "dir"), filepath.Join(base, "pieces"), filepath.Join(base, "mail")
	must(t, os.Mkdir(dir, 0o700))
	must(t, os.WriteFile(bundle, file, 0o600))
	var report Report
	var err error
	filetest.Modestly(t, "import", len(file), func() { report, err = Import(dir, pieces, bundle, some) })
	if err != nil {
		filetest.Refused(t, "import", err, bundle, "")
	}
	there, errTree := readTree(dir)
	must(t, errTree)
	same(t, "files there", len(there), report.New)
	for path, text := range there {
		if limit, ok := some(path); !ok || int64(len(text)) > limit || !strings.Contains(string(file), text) {
			t.Errorf("%q of %d bytes", path, len(text))
		}
	}
	names, errNames := os.ReadDir(base)
	if errNames != nil || len(names) > 3 {
		t.Errorf("beside the folder: %v, %v", names, errNames)
	}
}

// FuzzImport imports arbitrary bytes.
func FuzzImport(f *testing.F) {
	good := described(wholeEntry("charter.yaml", "study: x"), wholeEntry("a/x.msg", "signed"))
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add([]byte("genoveil study bundle v1\n\xff\xff\xff\x00"))
	f.Fuzz(importModestly)
}

// FuzzSealed imports arbitrary tables under sums that are right, as a malicious sender
// makes them, with an entry many times.
func FuzzSealed(f *testing.F) {
	part := table(line{"a/x.00001.words", 100, 0, 5, sumText(nil), ""})
	f.Add(table(wholeEntry("charter.yaml", "study: x")), part, uint16(1), []byte("study: xbegin"))
	f.Add(table(wholeEntry("../x", "")), table(wholeEntry("b", "")), uint16(20_000), []byte{})
	f.Add(part, part, uint16(1), []byte("beginbegin"))
	f.Fuzz(func(t *testing.T, first, again []byte, n uint16, data []byte) {
		if table := filetest.Repeat(first, again, n, nil); table != nil {
			importModestly(t, sealed(table, data))
		}
	})
}

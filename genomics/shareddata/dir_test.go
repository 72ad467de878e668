package shareddata

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A recorder is a test that notes how it would end.
type recorder struct {
	testing.TB
	end string
}

func (r *recorder) Helper()          {}
func (r *recorder) Skip(args ...any) { r.stop("skipped", args) }
func (r *recorder) Fatal(...any)     { r.stop("failed", nil) }

func (r *recorder) stop(how string, _ []any) {
	r.end = how
	panic(r)
}

func dir(t *testing.T, name string) (found, end string) {
	r := &recorder{TB: t}
	defer func() {
		if p := recover(); p != nil && p != any(r) {
			panic(p)
		}
		end = r.end
	}()
	return Dir(r, name), ""
}

func TestDir(t *testing.T) {
	root := t.TempDir()
	deep := filepath.Join(root, "repository", "a", "b")
	data := filepath.Join(root, "shared", "data", "here")
	for _, folder := range []string{deep, data} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "repository", "go.mod"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(deep)
	for _, test := range []struct{ ci, name, end string }{
		{"", "here", ""}, {"true", "here", ""},
		{"", "missing", "skipped"}, {"false", "missing", "skipped"}, {"true", "missing", "failed"},
	} {
		t.Setenv("CI", test.ci)
		found, end := dir(t, test.name)
		if end != test.end || test.end == "" && !strings.HasSuffix(found, filepath.Join("shared", "data", "here")) {
			t.Errorf("CI=%s, %s: %q, %s", test.ci, test.name, found, end)
		}
	}
	t.Chdir(root)
	t.Setenv("CI", "")
	if _, end := dir(t, "here"); end != "failed" {
		t.Errorf("without a repository: %s", end)
	}
}

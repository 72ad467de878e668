// Package shareddata finds test data that do not belong to the repository: ../shared/data,
// seen from its root.
package shareddata

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Dir returns a folder of the data. Where it is not there, the test is skipped; but where
// the environment variable CI is true, it fails.
func Dir(t testing.TB, name string) string {
	t.Helper()
	dir, err := find(name)
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// find looks beside the next folder upwards that has a go.mod.
func find(name string) (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			return "", errors.New("no go.mod above the test")
		}
		root = filepath.Dir(root)
	}
	dir := filepath.Join(root, "..", "shared", "data", name)
	if _, err := os.Stat(dir); err != nil {
		return "", fmt.Errorf("the test needs ../shared/data/%s beside the repository: %w", name, err)
	}
	return dir, nil
}

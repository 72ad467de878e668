package owner

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTablesAreCommittedTogether: where a table is not on disk, none has its name; where one
// cannot have its name, the error says which do.
func TestTablesAreCommittedTogether(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(tables *tableSet, dir string) error
		left  []string
		want  string
	}{
		{"no fault", func(*tableSet, string) error { return nil }, []string{"a", "b", "c"}, ""},
		{"the last is not on disk", func(tables *tableSet, _ string) error { return tables.files[2].File.Close() }, nil, "c: "},
		{"the last has a directory's name", func(_ *tableSet, dir string) error { return os.Mkdir(filepath.Join(dir, "c"), 0o700) },
			[]string{"a", "b"}, "; complete are DIR/a, DIR/b, and the same command writes all again"},
		{"the first has a directory's name", func(_ *tableSet, dir string) error { return os.Mkdir(filepath.Join(dir, "a"), 0o700) }, nil, "a: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			var tables tableSet
			for _, name := range []string{"a", "b", "c"} {
				f, err := tables.create(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := f.WriteString(name); err != nil {
					t.Fatal(err)
				}
			}
			if err := test.spoil(&tables, dir); err != nil {
				t.Fatal(err)
			}
			err := tables.commit()
			tables.abort()
			want := strings.ReplaceAll(test.want, "DIR", dir)
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%v, expected %q", err, want)
			}
			var left []string
			filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
				if e.Type().IsRegular() {
					left = append(left, filepath.Base(path))
				}
				return err
			})
			if strings.Join(left, " ") != strings.Join(test.left, " ") {
				t.Errorf("left: %q, expected %q", left, test.left)
			}
		})
	}
}

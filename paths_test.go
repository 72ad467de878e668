package genoveil_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	pathSpan   = regexp.MustCompile("`([\\w./-]+)`")
	sourceName = regexp.MustCompile(`^\w+\.(go|cu|cuh|s)$`)

	// placeholder is the name of a file that the reader is to write.
	placeholder = regexp.MustCompile(`^name[._]`)
)

// TestPathsNamedInPages: pages name files and folders that are there. The name of a source
// file without a folder is in the one that the page named last.
func TestPathsNamedInPages(t *testing.T) {
	named := 0
	for _, doc := range files(t, ".md") {
		folder := "."
		for _, m := range pathSpan.FindAllStringSubmatch(read(t, doc), -1) {
			name := path.Clean(m[1])
			top, _, _ := strings.Cut(name, "/")
			if sourceName.MatchString(name) {
				if _, err := os.Stat(name); err != nil {
					name = path.Join(folder, name)
				}
			} else if _, walled := walls[top]; !walled && top != "docs" && top != "packaging" && top != ".ci" {
				continue
			}
			if placeholder.MatchString(path.Base(name)) {
				name = path.Dir(name)
			}
			info, err := os.Stat(name)
			if err != nil {
				t.Errorf("%s names %s: %v", doc, m[1], err)
				continue
			}
			named++
			if folder = name; !info.IsDir() {
				folder = path.Dir(name)
			}
		}
	}
	if named < 80 {
		t.Errorf("only %d paths were looked up", named)
	}
}

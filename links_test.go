package genoveil_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

var (
	link     = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#{1,6} +(.*?) *$`)
	codeSpan = regexp.MustCompile("`[^`\n]*`")
	fence    = regexp.MustCompile("(?ms)^```.*?^```")
	page     = regexp.MustCompile(`\bdocs/[a-z0-9-]+\.md`)
	section  = regexp.MustCompile(`["']([A-Z][^"'\\]*)\\?["'] in (docs/[a-z0-9-]+\.md)|(docs/[a-z0-9-]+\.md), "([^"]+)"`)
)

// files lists the files of the repository whose names end so, except what is built.
func files(t *testing.T, suffix string) []string {
	var names []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if built := []string{"bin", "build", "dist", "shared"}; d.IsDir() && path != "." && (slices.Contains(built, path) || d.Name()[0] == '.') {
			return filepath.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(path, suffix) {
			names = append(names, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func read(t *testing.T, path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return fence.ReplaceAllString(string(text), "")
}

// titles are the headings of a page, by the anchors that GitHub gives them.
func titles(t *testing.T, path string) map[string]string {
	byAnchor := make(map[string]string)
	for _, m := range heading.FindAllStringSubmatch(read(t, path), -1) {
		title := strings.ReplaceAll(m[1], "`", "")
		base := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, title)
		anchor := base
		for i := 1; byAnchor[anchor] != ""; i++ {
			anchor = base + "-" + strconv.Itoa(i)
		}
		byAnchor[anchor] = title
	}
	return byAnchor
}

// TestLinks follows every relative link, and its anchor, of every page.
func TestLinks(t *testing.T) {
	links := 0
	for _, path := range files(t, ".md") {
		for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(read(t, path), ""), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			links++
			target, anchor, hasAnchor := strings.Cut(m[1], "#")
			if target = filepath.Join(filepath.Dir(path), target); strings.HasPrefix(m[1], "#") {
				target = path
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", path, m[1], err)
			} else if hasAnchor && titles(t, target)[anchor] == "" {
				t.Errorf("%s links to %s: %s has no such heading", path, m[1], target)
			}
		}
	}
	if links < 30 {
		t.Errorf("only %d links were followed", links)
	}
}

// TestPagesAreListed: docs/README.md leads to every page.
func TestPagesAreListed(t *testing.T) {
	list := read(t, "docs/README.md")
	for _, path := range files(t, ".md") {
		if name, ok := strings.CutPrefix(path, "docs/"); ok && name != "README.md" && !strings.Contains(list, "]("+name+")") {
			t.Errorf("docs/README.md does not link to %s", name)
		}
	}
}

// TestPagesNamedInCode: messages and comments name pages, and sections of them, that
// are there.
func TestPagesNamedInCode(t *testing.T) {
	sections := 0
	for _, path := range append(files(t, ".go"), files(t, ".sh")...) {
		text := read(t, path)
		for _, name := range page.FindAllString(text, -1) {
			if _, err := os.Stat(name); err != nil {
				t.Errorf("%s names %s: %v", path, name, err)
			}
		}
		for _, m := range section.FindAllStringSubmatch(text, -1) {
			sections++
			name, title := m[2]+m[3], m[1]+m[4]
			if !slices.Contains(slices.Collect(maps.Values(titles(t, name))), title) {
				t.Errorf("%s names %q in %s, which has no such heading", path, title, name)
			}
		}
	}
	if sections < 5 {
		t.Errorf("only %d sections were looked up", sections)
	}
}

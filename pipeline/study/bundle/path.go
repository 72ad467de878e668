package bundle

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkPath takes only paths that mean the same everywhere: relative, with slashes, nothing
// hidden, no way up. What passes can be printed.
func checkPath(path string) error {
	unfit := func(r rune) bool { return !unicode.IsPrint(r) || r == '\\' || r == ':' }
	bad := len(path) > maxPath || !utf8.ValidString(path) || strings.ContainsFunc(path, unfit)
	for part := range strings.SplitSeq(path, "/") {
		bad = bad || part == "" || part[0] == '.'
	}
	if bad {
		return fmt.Errorf("%.80q is no path of a file in a study's folder", path)
	}
	return nil
}

// fold makes names equal that some file systems do not tell apart.
func fold(path string) string { return strings.ToLower(strings.ToUpper(path)) }

// checkPaths refuses paths that are none, and those of one file system that cannot be
// beside each other on another.
func checkPaths(entries []entry) error {
	seen := make(map[string]bool, len(entries))
	for _, e := range entries {
		if err := checkPath(e.path); err != nil {
			return err
		}
		if seen[fold(e.path)] {
			return fmt.Errorf("%q is in it twice, perhaps in other letters", e.path)
		}
		seen[fold(e.path)] = true
	}
	for _, e := range entries {
		path := fold(e.path)
		for i, c := range path {
			if c == '/' && seen[path[:i]] {
				return fmt.Errorf("%q lies below another file that is in it", e.path)
			}
		}
	}
	return nil
}

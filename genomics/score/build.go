package score

import (
	"fmt"
	"regexp"
	"strings"
)

// assemblies recognises human genome assemblies by the names that files use, also
// within the path of a reference.
var assemblies = regexp.MustCompile(`(?:^|[^a-z0-9])(?:grch|hg|hs|b|ncbi|ncbi_?build)(36|37|38|18|19)(?:[^0-9]|$)`)

// assembly is 36, 37 or 38, or "" for a name that is not known.
func assembly(name string) string {
	m := assemblies.FindStringSubmatch(strings.ToLower(name))
	if m == nil {
		return ""
	}
	switch m[1] {
	case "18":
		return "36"
	case "19":
		return "37"
	}
	return m[1]
}

// CheckBuild refuses a file whose positions are on another genome assembly than build,
// as far as both are known.
func (f *File) CheckBuild(build string) error {
	own, other := assembly(f.Build), assembly(build)
	if own == "" || other == "" || own == other {
		return nil
	}
	return fmt.Errorf("%s: its positions are on %s, those of the variants on %s; use the file harmonised to that build", f.Path, f.Build, build)
}

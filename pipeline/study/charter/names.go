package charter

import (
	"fmt"
	"regexp"
	"slices"
)

var name = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// IsName says whether a text can name a study, site, analysis, cell or trait: up to 32 of
// a-z, 0-9 and -, no - at either end. So names are the same in folders that do not tell
// capitals, and no name is a path or a flag.
func IsName(text string) bool { return name.MatchString(text) }

func checkName(what, text string) error {
	if !IsName(text) {
		return fmt.Errorf("%s %.40q: a name has 1 to 32 of a-z, 0-9 and -, and no - at its ends", what, text)
	}
	return nil
}

// checkNames refuses names that are no names, or there twice.
func checkNames(what string, names []string) error {
	for i, n := range names {
		if err := checkName(what, n); err != nil {
			return err
		}
		if slices.Contains(names[:i], n) {
			return fmt.Errorf("%s %q is there twice", what, n)
		}
	}
	return nil
}

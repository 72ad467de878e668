package charter

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var name = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// IsName says whether a text can name a study, site, analysis, cell or trait: up to 32 of
// a-z, 0-9 and -, no - at either end. So names are the same in folders that do not tell
// capitals, and no name is a path or a flag.
func IsName(text string) bool { return name.MatchString(text) }

// isText says whether a text can be shown as it is: whoever proposes an analysis could
// otherwise steer the terminals of those who read it.
func isText(text string) bool {
	return text != "" && len(text) <= maxText && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

func checkName(what, text string) error {
	if !IsName(text) {
		return fmt.Errorf("%s %.40q: a name has 1 to 32 of a-z, 0-9 and -, and no - at its ends", what, text)
	}
	return nil
}

// checkNames refuses names that are no names, or there twice.
func checkNames(what string, names []string) error {
	if len(names) > maxTraits { // before each is compared with all others
		return fmt.Errorf("%s: %d names; give at most %d", what, len(names), maxTraits)
	}
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

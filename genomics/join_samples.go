package genomics

import (
	"fmt"
	"slices"
)

// sameSamples refuses a file that has other samples than the first, or has them in another
// order. It names an example of each side.
func sameSamples(first string, want []string, file string, got []string) error {
	if slices.Equal(want, got) {
		return nil
	}
	const remedy = "all files need the same samples in the same order"
	more, lost := absent(want, got), absent(got, want)
	switch {
	case more != "" && lost != "":
		return fmt.Errorf("%s has other samples than %s: %q is in %s alone, and %q in %s alone; %s", file, first, more, file, lost, first, remedy)
	case more != "":
		return fmt.Errorf("%s has more samples than %s: %q is in %s alone; %s", file, first, more, file, remedy)
	case lost != "":
		return fmt.Errorf("%s has fewer samples than %s: %q is in %s alone; %s", file, first, lost, first, remedy)
	}
	i := 0
	for want[i] == got[i] {
		i++
	}
	return fmt.Errorf("%s has the samples of %s in another order: sample %d is %q in %s, and %q in %s; %s", file, first, i+1, got[i], file, want[i], first, remedy)
}

// absent returns the first of the names that is not among those known, or "".
func absent(known, names []string) string {
	has := make(map[string]bool, len(known))
	for _, name := range known {
		has[name] = true
	}
	for _, name := range names {
		if !has[name] {
			return name
		}
	}
	return ""
}

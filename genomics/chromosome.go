package genomics

import "strings"

// ChromosomeKey is the same for all spellings of a human chromosome: with or without
// "chr" before it, in either case, X, Y and MT also as PLINK's numbers 23, 24 and 26
// and M. Other names are their own keys.
func ChromosomeKey(name string) string {
	if len(name) > 3 && strings.EqualFold(name[:3], "chr") {
		name = name[3:]
	}
	switch name = strings.ToUpper(name); name {
	case "23":
		return "X"
	case "24":
		return "Y"
	case "26", "M":
		return "MT"
	}
	return name
}

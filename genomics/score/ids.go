package score

import (
	"fmt"
	"slices"

	"genoveil/genomics"
)

// ByID reports whether the file has no positions, so that all its variants are found by ID.
func (f *File) ByID() bool {
	return !slices.ContainsFunc(f.Weights, func(w Weight) bool { return w.Pos > 0 })
}

// UnlikeIDs shows an ID of the file that no variant has, and one that a variant has. It is
// "" if there is none such.
func (f *File) UnlikeIDs(variants []genomics.Variant) string {
	listed, known := "", map[string]bool{}
	for _, v := range variants {
		if v.ID == "." {
			continue
		}
		if known[v.ID] = true; listed == "" {
			listed = v.ID
		}
	}
	i := slices.IndexFunc(f.Weights, func(w Weight) bool { return w.ID != "" && !known[w.ID] })
	switch {
	case i < 0:
		return ""
	case listed == "":
		return fmt.Sprintf("the file has %.40q, and the list has no IDs", f.Weights[i].ID)
	}
	return fmt.Sprintf("the file has %.40q, and the list %.40q", f.Weights[i].ID, listed)
}

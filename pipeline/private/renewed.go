package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"genoveil/he"
	"genoveil/pipeline/atomicfile"
)

// MaskKey is the key of the check, in version 1 with one κ.
func (x *Index) MaskKey() he.MaskKey {
	if x.Version > 1 {
		return x.CheckKey
	}
	key := make(he.MaskKey, len(x.OldCheckKey))
	for i, k := range x.OldCheckKey {
		key[i][0] = k
	}
	return key
}

// Keep writes the index, marked as retired, under the first free name FILE.before-1,
// FILE.before-2, ….
func (r *IndexReader) Keep() (string, error) {
	for i := 1; ; i++ {
		name := fmt.Sprintf("%s.before-%d", r.Path, i)
		if _, err := os.Lstat(name); err == nil {
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		// Of a command that was killed here.
		if err := atomicfile.Clean(name); err != nil {
			return "", err
		}
		header := r.Index
		header.Retired = true
		return name, WriteIndex(name, &header, r.copyVariants)
	}
}

// RetiredError refuses an index that is kept for queries of before.
func (r *IndexReader) RetiredError() error {
	return fmt.Errorf("%s: is from before the check was renewed and serves only queries of that time; give the index that replaced it", r.Path)
}

package owner

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"genoveil/pipeline/private"
)

// Unused refuses the names of a query that is there already. Its sums may be under way,
// and without its .private nobody can read them.
func (t *TraitsJob) Unused() error {
	_, private := os.Lstat(t.PrivatePath)
	_, traits := os.Lstat(t.TraitsPath)
	switch {
	case private == nil:
		return fmt.Errorf("%s: already exists; choose a different name or remove it together with %s (without it, sums of that query cannot be decrypted)", t.PrivatePath, t.TraitsPath)
	case traits == nil:
		return fmt.Errorf("%s: already exists, without %s; choose a different name, or remove it if a command was killed before it wrote both", t.TraitsPath, t.PrivatePath)
	}
	return nil
}

// save writes the .private file of the .traits file that this job has made. Where it
// cannot be written, both are gone.
func (t *TraitsJob) save(q *private.Query) error {
	err := q.Save(t.PrivatePath)
	if err == nil {
		return nil
	}
	return errors.Join(taken(t.PrivatePath, err), os.Remove(t.TraitsPath))
}

// taken is the error of writing a new file, in plain words where another command was
// faster.
func taken(path string, err error) error {
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: already exists; choose a different name", path)
	}
	return err
}

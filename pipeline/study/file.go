package study

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/folder"
)

// file is a file of the charter in the home: a copy, of which the digest was compared as it
// was made. The folder could show another one the next time.
func (s *Site) file(f *charter.File) (string, error) {
	to := filepath.Join(s.part.Dir, "files", f.SHA256+"-"+f.Name)
	if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
		return to, err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", err
	}
	from, err := folder.Open(filepath.Join(s.Path, f.Name), maxListFile)
	if err != nil {
		return "", err
	}
	defer from.Close()
	if err := atomicfile.Clean(to); err != nil {
		return "", err
	}
	copied, err := atomicfile.Create(to, 0o600)
	if err != nil {
		return "", err
	}
	defer copied.Abort()
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(copied, h), from); err != nil {
		return "", err
	}
	if hex.EncodeToString(h.Sum(nil)) != f.SHA256 {
		return "", fmt.Errorf("%s: not the file that the study was confirmed with, or not all of it yet", from.Name())
	}
	return to, copied.Commit()
}

package folder

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"genoveil/pipeline/atomicfile"
)

// Put copies a file of one's own into the folder, unless it is there. What has its name and
// is not it, a copy that broke off or damage, is replaced, and the caller is told. Half a
// file never has the name.
func Put(from, to string) (replaced bool, err error) {
	same, err := sameBytes(from, to)
	if same || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	replaced = err == nil
	if err := makeDir(filepath.Dir(to), 2); err != nil {
		return false, err
	}
	source, err := os.Open(from)
	if err != nil {
		return false, err
	}
	defer source.Close()
	if err := atomicfile.Clean(to); err != nil {
		return false, err
	}
	f, err := atomicfile.Create(to, 0o666)
	if err != nil {
		return false, err
	}
	defer f.Abort()
	if _, err := io.Copy(f, source); err != nil {
		return false, err
	}
	return replaced, f.Commit()
}

// sameBytes compares two files. The error is fs.ErrNotExist where the second is not there.
func sameBytes(a, b string) (bool, error) {
	infoB, err := os.Lstat(b)
	if err != nil {
		return false, err
	}
	infoA, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	if !infoB.Mode().IsRegular() {
		return false, &fs.PathError{Op: "replace", Path: b, Err: errors.New("not a regular file")}
	}
	if infoA.Size() != infoB.Size() {
		return false, nil
	}
	digestA, err := DigestOf(a, infoA.Size())
	if err != nil {
		return false, err
	}
	digestB, err := DigestOf(b, infoA.Size())
	return digestA == digestB, err
}

// DigestOf is the SHA-256 of a file of a size; of another size there is none.
func DigestOf(path string, size int64) (d Digest, err error) {
	f, err := Open(path, size)
	if err != nil {
		return d, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(f, size+1))
	if err == nil && n != size {
		err = &fs.PathError{Op: "read", Path: path, Err: errors.New("another size than expected")}
	}
	h.Sum(d[:0])
	return d, err
}

// PutBytes writes bytes of one's own under a name, unless they are there.
func PutBytes(path string, data []byte) error {
	there, err := ReadFile(path, int64(len(data)))
	if err == nil && bytes.Equal(there, data) {
		return nil
	}
	if err := makeDir(filepath.Dir(path), 1); err != nil {
		return err
	}
	return atomicfile.Write(path, data, 0o666)
}

// makeDir makes a directory of the folder. It may not be a link, nor may those above it, as
// many as levels: they would lead what is written out of the folder.
func makeDir(dir string, levels int) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for ; levels > 0; dir, levels = filepath.Dir(dir), levels-1 {
		info, err := os.Lstat(dir)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return &fs.PathError{Op: "write into", Path: dir, Err: errors.New("a link, and no directory of the folder")}
		}
	}
	return nil
}

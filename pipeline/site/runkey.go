package site

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"genoveil/pipeline/atomicfile"
)

// sharedKey reads the key that the shards of one evaluation share, or makes it if
// this is the first of them. With an empty path, it draws one for this run alone.
func sharedKey(path string) (*[32]byte, error) {
	fresh := new([32]byte)
	if _, err := rand.Read(fresh[:]); err != nil || path == "" {
		return fresh, err
	}
	err := atomicfile.WriteNew(path, fmt.Appendln(nil, hex.EncodeToString(fresh[:])), 0o600)
	if !errors.Is(err, fs.ErrExist) {
		return fresh, errors.Join(err, atomicfile.Clean(path))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s: not a key that 'genoveil score --run-key' made, or damaged; delete it and run all shards again", path)
	}
	return (*[32]byte)(key), nil
}

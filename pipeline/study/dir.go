package study

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/phrase"
)

const (
	charterName   = "charter.yaml"
	sitesName     = "sites"
	keySuffix     = ".pub"
	canonicalName = "analysis.canonical"

	keyMagic   = "genoveil site"
	maxCharter = 1 << 20
)

// A Dir is a study's folder, as it looks now. Nothing in it is to be believed that was not
// confirmed or signed.
type Dir struct {
	Path    string
	Charter *charter.Charter
	Keys    map[string][]byte // of the parties that joined so far
}

// Create makes a folder with a charter to fill in.
func Create(path string) error {
	if err := os.MkdirAll(filepath.Join(path, sitesName), 0o777); err != nil {
		return err
	}
	name := strings.ToLower(filepath.Base(path))
	if !charter.IsName(name) {
		name = "my-study"
	}
	err := atomicfile.WriteNew(filepath.Join(path, charterName), []byte(strings.ReplaceAll(charter.Example, "STUDY", name)), 0o666)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: there is a study already", path)
	}
	return err
}

// Open reads the charter and the keys.
func Open(path string) (*Dir, error) {
	file := filepath.Join(path, charterName)
	text, err := folder.ReadFile(file, maxCharter)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no study; 'genoveil study new' makes one", path)
	}
	if err != nil {
		return nil, err
	}
	d := &Dir{Path: path, Keys: map[string][]byte{}}
	if d.Charter, err = charter.ParseYAML(text, func(name string) (string, error) { return digest(filepath.Join(path, name)) }); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, name := range d.Charter.Parties() {
		key, err := readKey(d.keyFile(name), name)
		if err != nil {
			return nil, err
		}
		if key == nil {
			continue
		}
		for other, k := range d.Keys {
			if string(k) == string(key) {
				return nil, fmt.Errorf("%s and %s have the same key: is one home a copy of the other?", other, name)
			}
		}
		d.Keys[name] = key
	}
	return d, nil
}

func digest(path string) (string, error) {
	f, err := folder.Open(path, maxListFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("it names %s, which is not in the folder; put it there", filepath.Base(path))
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func (d *Dir) keyFile(name string) string { return filepath.Join(d.Path, sitesName, name+keySuffix) }

// readKey reads a party's public key, nil if it is not there.
func readKey(path, name string) ([]byte, error) {
	text, err := folder.ReadFile(path, 1<<10)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	encoded, ok := strings.CutPrefix(strings.TrimSuffix(string(text), "\n"), keyMagic+" "+name+" ed25519 ")
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if !ok || err != nil || len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%s: not the public key of %s, or not all of it", path, name)
	}
	return key, nil
}

func keyText(name string, key ed25519.PublicKey) []byte {
	return []byte(keyMagic + " " + name + " ed25519 " + base64.StdEncoding.EncodeToString(key) + "\n")
}

// missing names the parties that have not joined.
func (d *Dir) missing() (names []string) {
	for _, name := range d.Charter.Parties() {
		if d.Keys[name] == nil {
			names = append(names, name)
		}
	}
	return names
}

// Phrase is that of the charter and all keys.
func (d *Dir) Phrase() (string, error) {
	if missing := d.missing(); missing != nil {
		return "", fmt.Errorf("%s: %s did not join yet; the phrase is that of all keys", d.Path, strings.Join(missing, ", "))
	}
	keys, err := json.Marshal(d.Keys)
	if err != nil {
		return "", err
	}
	return phrase.Of(d.Charter.Canonical(), keys), nil
}

// Analyses are the names of the analyses in the folder.
func (d *Dir) Analyses() ([]string, error) {
	entries, err := os.ReadDir(d.Path)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !charter.IsName(e.Name()) || e.Name() == sitesName {
			continue
		}
		if _, err := os.Stat(filepath.Join(d.Path, e.Name(), canonicalName)); err == nil {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// analysis reads the canonical form of an analysis.
func (d *Dir) analysis(name string) (text []byte, a *charter.Analysis, err error) {
	path := filepath.Join(d.Path, name, canonicalName)
	if text, err = folder.ReadFile(path, maxCharter); err != nil {
		return nil, nil, err
	}
	if a, err = d.Charter.ParseCanonical(text); err == nil && a.Name != name {
		err = fmt.Errorf("it is of the analysis %q", a.Name)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return text, a, nil
}

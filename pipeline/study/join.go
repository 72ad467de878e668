package study

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/folder"
	"genoveil/pipeline/study/home"
	"genoveil/pipeline/study/phrase"
	"genoveil/pipeline/study/protocol"
	"genoveil/pipeline/study/sitefile"
)

// A Passphrase asks for the passphrase of a site's key. It is called where there is one.
type Passphrase func() (string, error)

// Join gives a party its key: the secret half stays in the home, the public half goes into
// the folder. A key that is there stays; the folder is given its public half again.
func (d *Dir) Join(party, homeDir string, newPassphrase, passphrase Passphrase) error {
	if !slices.Contains(d.Charter.Parties(), party) {
		return fmt.Errorf("%s: the charter names no site or recipient %q", d.Path, party)
	}
	h, err := home.Create(homeDir)
	if err != nil {
		return err
	}
	defer h.Close()
	s, err := h.Join(d.Charter.Study, party)
	if err != nil {
		return err
	}
	if slices.Contains(d.Charter.Sites, party) {
		err := atomicfile.WriteNew(filepath.Join(homeDir, home.SiteFile), []byte(sitefile.Example), 0o600)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	key, err := s.Key(passphrase)
	var public ed25519.PublicKey
	if err == nil {
		public = key.Public().(ed25519.PublicKey)
	} else if public, err = newKey(s, newPassphrase, err); err != nil {
		return err
	}
	return d.publishKey(party, public)
}

// newKey makes a key where there is none.
func newKey(s *home.Study, newPassphrase Passphrase, missing error) (ed25519.PublicKey, error) {
	if s.HasKey() {
		return nil, missing
	}
	text, err := newPassphrase()
	if err != nil {
		return nil, err
	}
	return s.NewKey(text)
}

// publishKey puts a public key into the folder, unless another one is there.
func (d *Dir) publishKey(party string, public ed25519.PublicKey) error {
	path := d.keyFile(party)
	there, err := readKey(path, party)
	if err == nil && there != nil && string(there) != string(public) {
		return fmt.Errorf("%s: another key of %s is there already; ask who joined under this name, and delete the file if it was you with another home", path, party)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return folder.PutBytes(path, keyText(party, public))
}

// Confirm takes the phrase that a person heard in a call of all parties. It holds for the
// charter and the keys as they are now.
func (d *Dir) Confirm(homeDir, typed string) error {
	want, err := d.Phrase()
	if err != nil {
		return err
	}
	h, err := home.Open(homeDir)
	if err != nil {
		return err
	}
	defer h.Close()
	s, err := h.Study(d.Charter.Study)
	if err != nil {
		return err
	}
	if !phrase.Same(typed, want) {
		return errors.New("this is not the phrase of this folder: somebody misheard a word, or has another charter or another key in the folder. Say it again; if it stays so, nobody should go on")
	}
	return s.Confirm(&home.Confirmed{Charter: d.Charter.Canonical(), Keys: d.Keys})
}

// Recover makes the part of a study that was copied or restored an original again. Its
// analyses end, for nobody knows what was released of them, and it gets a new key, which all
// confirm. The others are told where the old key can be opened.
func (d *Dir) Recover(homeDir string, passphrase, newPassphrase Passphrase, now time.Time) error {
	h, err := home.Open(homeDir)
	if err != nil {
		return err
	}
	defer h.Close()
	s, err := h.CopiedStudy(d.Charter.Study)
	if err != nil {
		return err
	}
	if s.HasKey() { // a recovery that was killed may have dropped it
		if err := d.farewells(s, passphrase, now); err != nil {
			return err
		}
	}
	if err := s.SetAside(); err != nil {
		return err
	}
	text, err := newPassphrase()
	if err != nil {
		return err
	}
	if err := s.DropKey(); err != nil {
		return err
	}
	public, err := s.NewKey(text)
	if err != nil {
		return err
	}
	if err := folder.PutBytes(d.keyFile(s.Name), keyText(s.Name, public)); err != nil {
		return err
	}
	return s.Mark()
}

// farewells tells the others that all analyses end here.
func (d *Dir) farewells(s *home.Study, passphrase Passphrase, now time.Time) error {
	key, err := s.Key(passphrase)
	if err != nil {
		return err
	}
	names, err := s.Analyses()
	if err != nil {
		return err
	}
	for _, name := range names {
		docs, err := protocol.LoadDocuments(s.Analysis(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		p := &protocol.Party{Documents: docs, Name: s.Name, Key: key, Home: s, Folder: filepath.Join(d.Path, name), Now: now}
		if err := p.Farewell(); err != nil {
			return err
		}
	}
	return nil
}

package home

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"genoveil/pipeline/atomicfile"
)

const (
	homeName = "README"
	homeText = "This directory is the home of a party of genoveil studies: its keys, its secrets, and the\nledger of what was released of its data. Do not copy it, do not share it, and leave it out\nof backups. site.yaml says which data the site has.\n"

	markerName = "marker"
	lockName   = "lock"
	ledgerName = "ledger"
	// SiteFile is what the site writes about its data.
	SiteFile = "site.yaml"

	private = 0o600
)

// A Home is open for one process at a time.
type Home struct {
	Dir  string
	lock *atomicfile.Lock
	own  string // a lock file, where the file system has no locks
}

// Create makes a home, or opens it where there is one.
func Create(dir string) (*Home, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	h, err := openLocked(dir)
	if err != nil {
		return nil, err
	}
	if err := atomicfile.WriteNew(filepath.Join(dir, homeName), []byte(homeText), private); err != nil && !errors.Is(err, fs.ErrExist) {
		h.Close()
		return nil, err
	}
	return h, nil
}

// Open opens a home.
func Open(dir string) (*Home, error) {
	if _, err := os.Stat(filepath.Join(dir, homeName)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no home of a site; 'genoveil study join' makes one", dir)
	}
	return openLocked(dir)
}

func openLocked(dir string) (*Home, error) {
	h := &Home{Dir: dir}
	lock, err := atomicfile.TryLock(filepath.Join(dir, lockName), private)
	if errors.Is(err, atomicfile.ErrLocked) {
		return nil, atomicfile.Locked(dir + ": another process works with this home; wait for it")
	}
	if err != nil {
		return nil, err
	}
	if h.lock = lock; lock.None() != nil {
		if h.own, err = lockByName(dir); err != nil {
			lock.Release()
			return nil, err
		}
	}
	return h, nil
}

// Close lets another process have the home.
func (h *Home) Close() {
	if h.own != "" {
		os.Remove(h.own)
	}
	h.lock.Release()
}

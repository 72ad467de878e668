package home

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"genoveil/pipeline/atomicfile"
)

// lockByName keeps other processes out where the file system has no locks (Lustre without
// -o flock, some NFS): by a file that only one can make. It has the machine and process, so
// that what a killed process of this machine left is no hindrance.
func lockByName(dir string) (string, error) {
	path := filepath.Join(dir, lockName+".process")
	host, err := os.Hostname()
	if err != nil {
		return "", err
	}
	for range 2 {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, private)
		if err == nil {
			_, err = fmt.Fprintf(f, "%s %d\n", host, os.Getpid())
			return path, errors.Join(err, f.Close())
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		machine, process, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
		pid, err := strconv.Atoi(process)
		if machine != host || err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return "", atomicfile.Locked(fmt.Sprintf("%s: another process works with this home (%s); wait for it, or delete %s if there is none", dir, strings.TrimSpace(string(text)), path))
		}
		if err := os.Remove(path); err != nil {
			return "", err
		}
	}
	return "", atomicfile.Locked(dir + ": another process works with this home; wait for it")
}

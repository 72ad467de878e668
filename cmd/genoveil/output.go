package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/site"
)

// outputFlags say where a command writes.
type outputFlags struct {
	out    string
	record string // "" for none
	shard  shardFlag
}

// output is the name that --out gives.
func (o *outputFlags) output() string { return o.out }

// journal names the journal of a command: NAME.log for --out NAME, and of a shard
// NAME.I-of-N.log, since shards may share the name.
func (o *outputFlags) journal() string {
	if o.shard.given {
		return o.out + "." + strings.ReplaceAll(o.shard.text, "/", "-of-") + ".log"
	}
	return o.out + ".log"
}

// A shardFlag says which part of the work to do.
type shardFlag struct {
	text  string
	part  format.Shard // as check read it
	given bool
}

func (s *shardFlag) register(f *pflag.FlagSet, of string) {
	f.StringVar(&s.text, "shard", "1/1", "part i/n of the work; "+of)
}

func (s *shardFlag) check(f *pflag.FlagSet) (err error) {
	s.given = f.Changed("shard")
	if s.part, err = format.ParseShard(s.text); err != nil {
		return usageError{err}
	}
	return nil
}

// claim is what every command that writes files calls before it computes anything. It
// refuses outputs as checkOutputs does, and deletes what killed commands left of them
// under hidden names.
func (s *session) claim(o *outputFlags, outputs, inputs []string) error {
	if err := o.checkOutputs(outputs, inputs); err != nil {
		return err
	}
	return s.begin(o.journal(), outputs...)
}

// begin is the end of a command's refusals: its journal is written from here on. It
// deletes what killed commands left of the outputs under hidden names.
func (s *session) begin(journal string, outputs ...string) error {
	s.journal.path = journal
	for _, path := range outputs {
		if err := atomicfile.Clean(path); err != nil {
			return err
		}
	}
	return nil
}

// checkOutputs refuses a --out that names no file, and outputs, the --record and
// the journal among them, that cannot be written or would replace what is no output. Inputs may be
// missing, or - for standard input. Empty names stand for flags that are not given.
func (o *outputFlags) checkOutputs(outputs, inputs []string) error {
	if base := filepath.Base(o.out); o.out == "" || os.IsPathSeparator(o.out[len(o.out)-1]) || base == "." || base == ".." {
		return fmt.Errorf("--out %q names no file; give a name, such as %q", o.out, filepath.Join(o.out, "NAME"))
	}
	outputs = slices.DeleteFunc(append(slices.Clone(outputs), o.record, o.journal()), func(path string) bool { return path == "" })
	for i, path := range outputs {
		if err := checkDirectory(filepath.Dir(path)); err != nil {
			return err
		}
		// Those beside it are deleted in the end.
		if err := checkInputs(withSuffixes(path, "", site.CheckpointSuffix, atomicfile.LockSuffix), inputs); err != nil {
			return err
		}
		for _, other := range outputs[:i] {
			if sameFile(path, other) {
				return fmt.Errorf("%s: is the same file as the output %s; choose a different name", path, other)
			}
		}
		if err := checkReplaceable(path); err != nil {
			return err
		}
	}
	return nil
}

// warnReplaced says that a command takes the place of what one before computed.
func (s *session) warnReplaced(path string) {
	if exists(path) {
		s.log.Warn(fmt.Sprintf("%s is there already; it will be replaced at the end", path), "file", path)
	}
}

// checkReplaceable refuses a name that is taken by anything but a file.
func checkReplaceable(path string) error {
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s: is a directory; give the name of a file", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: is not a regular file, and the output would replace it; choose a different name", path)
	}
	return nil
}

// checkInputs refuses files that are inputs.
func checkInputs(paths, inputs []string) error {
	for _, path := range paths {
		for _, input := range inputs {
			if input != "" && sameFile(path, input) {
				return fmt.Errorf("%s: is the same file as the input %s; choose a different name", path, input)
			}
		}
	}
	return nil
}

// checkNewDirectory refuses a directory that a command cannot make. It may be there.
func checkNewDirectory(path string) error {
	info, err := os.Stat(path)
	if to, link := os.Readlink(path); errors.Is(err, fs.ErrNotExist) && link == nil {
		return fmt.Errorf("%s: is a link to %s, which is not there; remove the link or choose a different name", path, to)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return checkDirectory(filepath.Dir(filepath.Clean(path)))
	}
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%s: is not a directory; choose a different name", path)
	}
	return err
}

// checkDirectory refuses a directory that is not there: its name is more often a slip
// than a wish.
func checkDirectory(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such directory; make it first", path)
	}
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%s: is not a directory; choose a different name", path)
	}
	return err
}

// sameFile says whether two names are of one file, also through links, or would be
// where neither is there.
func sameFile(a, b string) bool {
	infoA, errA := status(a)
	infoB, errB := status(b)
	if errA != nil && errB != nil {
		return filepath.Base(a) == filepath.Base(b) && sameFile(filepath.Dir(a), filepath.Dir(b))
	}
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

func status(path string) (fs.FileInfo, error) {
	if path == "-" {
		return os.Stdin.Stat()
	}
	return os.Stat(path)
}

// cohortInputs is what a command that reads a cohort and writes the file out reads by
// that name.
func cohortInputs(dir, out string) []string {
	if name := filepath.Base(out); format.IsCohortFile(name) {
		return []string{dir, filepath.Join(dir, name)}
	}
	return []string{dir}
}

// withSuffixes is the names of files that begin with the same prefix.
func withSuffixes(prefix string, suffixes ...string) []string {
	var paths []string
	for _, s := range suffixes {
		paths = append(paths, prefix+s)
	}
	return paths
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/slurm"
)

// A journal is what a command says, for the file NAME.log beside its results: as PLINK's,
// it has the command line and all messages, and replaces that of the command before.
type journal struct {
	args  []string
	start time.Time

	mu   sync.Mutex
	said bytes.Buffer
}

type journalKey struct{}

// withJournal has newLog write to the journal, too.
func withJournal(ctx context.Context, j *journal) context.Context {
	return context.WithValue(ctx, journalKey{}, j)
}

// journalOf is the journal of a command, or nil.
func journalOf(cmd *cobra.Command) *journal {
	if cmd.Context() == nil {
		return nil
	}
	j, _ := cmd.Context().Value(journalKey{}).(*journal)
	return j
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.said.Write(b)
}

// journalAnnotation names the file of a command that has begun.
const journalAnnotation = "journal"

// journalPath names the journal of a command: NAME.log for --out NAME, and of a shard
// NAME.I-of-N.log, since shards may share the name.
func journalPath(cmd *cobra.Command) string {
	out, _ := cmd.Flags().GetString("out")
	if shard := cmd.Flags().Lookup("shard"); shard != nil && shard.Changed {
		out += "." + strings.ReplaceAll(shard.Value.String(), "/", "-of-")
	}
	return out + ".log"
}

// save writes the journal of a command that has begun. It is left out where standard
// error is that file, which then says the same.
func (j *journal) save(cmd *cobra.Command, stderr io.Writer, code int) error {
	path, begun := cmd.Annotations[journalAnnotation]
	if !begun {
		return nil
	}
	if f, ok := stderr.(*os.File); ok {
		is, errIs := f.Stat()
		if info, err := os.Stat(path); err == nil && errIs == nil && os.SameFile(info, is) {
			return nil
		}
	}
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return nil // the command failed before it made the directory
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var text bytes.Buffer
	words := []string{"genoveil"}
	for _, arg := range j.args {
		words = append(words, slurm.Quote(arg))
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	end := time.Now()
	fmt.Fprintf(&text, "genoveil %s\n%s\nin %s\nstart: %s\n\n", version(), printable(strings.Join(words, " ")), printable(dir), j.start.Format(time.RFC3339))
	text.Write(j.said.Bytes())
	fmt.Fprintf(&text, "\nend: %s, after %.1f s, exit code %d\n", end.Format(time.RFC3339), end.Sub(j.start).Seconds(), code)
	return errors.Join(atomicfile.Clean(path), atomicfile.Write(path, text.Bytes(), 0o666))
}

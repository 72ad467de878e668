package computation

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/protocol"
)

// Result writes the table of coefficients, and where all columns are variants, weights.
func (c *fit) Result(prefix string, _ *protocol.Vector, withoutOwn bool) (*Result, error) {
	if withoutOwn {
		return nil, errors.New("a fit without the own rows is another fit; propose it without this site")
	}
	if !c.fit.Done {
		return nil, errors.New("the fit is not complete")
	}
	r := &Result{}
	r.Lines = append(r.Lines, fmt.Sprintf("%s regression of %s on %d columns: %.0f rows of %d sites", c.Analysis.Model, c.Analysis.Outcome, len(c.Analysis.Columns), c.fit.Rows, len(c.Analysis.Sites)))
	if err := writeNew(r, prefix+".coefficients.tsv", c.fit.WriteTable); err != nil {
		return nil, err
	}
	var weights bytes.Buffer
	if err := c.fit.WriteWeights(&weights); err == nil {
		if err := writeNew(r, prefix+".weights.tsv", func(w io.Writer) error { _, err := w.Write(weights.Bytes()); return err }); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// writeNew writes a file of a result that appears when it is complete.
func writeNew(r *Result, path string, write func(io.Writer) error) error {
	f, err := atomicfile.Create(path, 0o666)
	if err != nil {
		return err
	}
	defer f.Abort()
	if err := write(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return r.commit(path, f)
}

// commit gives a file its name, and warns of what it replaces.
func (r *Result) commit(path string, f *atomicfile.File) error {
	if _, err := os.Lstat(path); err == nil {
		r.Warnings = append(r.Warnings, path+" was there already, and was replaced")
	}
	if err := f.Commit(); err != nil {
		return err
	}
	r.Files = append(r.Files, path)
	return nil
}

package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"

	"genoveil/pipeline/atomicfile"
)

// computeFile is writeFile of what is computed from memory, unless ctx ends before.
func computeFile(ctx context.Context, path string, write func(io.Writer) error) error {
	return writeFile(path, 0o666, func(w io.Writer) error { return await(ctx, func() error { return write(w) }) })
}

// writeFile writes a file that appears only when it is complete.
func writeFile(path string, mode fs.FileMode, write func(io.Writer) error) error {
	f, err := atomicfile.Create(path, mode)
	if err != nil {
		return err
	}
	defer f.Abort()
	if err := write(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.Commit()
}

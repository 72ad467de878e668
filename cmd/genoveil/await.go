package main

import (
	"context"
	"io"
	"os"
)

// await runs a step that reads and computes, and returns when it is done or ctx ends.
// Nothing can call back a read that waits, nor a computation that does not look: it then
// goes on behind, until the process ends, and what it makes must not be used. Steps that
// give files their names look at the context themselves.
func await(ctx context.Context, step func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- step() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// interruptible reads r until ctx ends, as await does.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	out, in := io.Pipe()
	context.AfterFunc(ctx, func() { in.CloseWithError(ctx.Err()) })
	go func() {
		_, err := io.Copy(in, r)
		in.CloseWithError(err)
	}()
	return out
}

// openPipe opens a pipe, such as <(bcftools view …), which is then interruptible. It is nil
// if path is anything else.
func openPipe(ctx context.Context, path string) (pipe io.Reader, err error) {
	info, err := os.Stat(path)
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return nil, nil // let whoever opens it say what is wrong
	}
	err = await(ctx, func() error {
		f, err := os.Open(path)
		if err == nil {
			pipe = interruptible(ctx, f)
		}
		return err
	})
	return pipe, err
}

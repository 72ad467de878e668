package main

import (
	"context"
	"io"
)

// interruptible reads r until ctx ends. Nothing can call back a read that waits
// for a pipe, so it goes on behind the returned reader, which returns at once.
func interruptible(ctx context.Context, r io.Reader) io.Reader {
	out, in := io.Pipe()
	context.AfterFunc(ctx, func() { in.CloseWithError(ctx.Err()) })
	go func() {
		_, err := io.Copy(in, r)
		in.CloseWithError(err)
	}()
	return out
}

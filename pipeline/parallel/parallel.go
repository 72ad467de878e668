// Package parallel calls functions and sends on channels until a context ends.
package parallel

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// Each calls do(0) … do(n−1) on up to so many goroutines.
func Each(ctx context.Context, threads, n int, do func(i int) error) error {
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.SetLimit(threads)
	for i := range n {
		tasks.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return do(i)
		})
	}
	return tasks.Wait()
}

// Send sends, or gives up when the context ends.
func Send[T any](ctx context.Context, c chan<- T, x T) error {
	select {
	case c <- x:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Receive receives, or gives up when the context ends. Where a channel was closed too
// early, an error is about to end the context: until it has, there is none to return, and
// what was to come would count as done.
func Receive[T any](ctx context.Context, c <-chan T) (x T, err error) {
	x, ok := <-c
	if !ok {
		<-ctx.Done()
	}
	return x, ctx.Err()
}

package cpu

import (
	"sync"

	"golang.org/x/sync/errgroup"
)

// workers are the goroutines of an engine and their working memory.
type workers struct {
	threads int
	scratch sync.Pool // *scratch
}

// parallel calls do(0) … do(n−1) on them.
func (k *workers) parallel(n int, do func(i int, w *scratch)) {
	var group errgroup.Group
	group.SetLimit(k.threads)
	for i := range n {
		group.Go(func() error {
			w := k.scratch.Get().(*scratch)
			defer k.scratch.Put(w)
			do(i, w)
			return nil
		})
	}
	group.Wait()
}

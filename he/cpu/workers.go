package cpu

import (
	"iter"
	"sync"
	"sync/atomic"

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

// tileRun is the number of tiles that a goroutine takes at a time: the kernels fetch the
// beginning of a chunk's next tile while they work on one.
const tileRun = 8

// share lists 0 … tiles−1 to any number of goroutines, each of which gets some in a row.
func share(tiles int) iter.Seq[int] {
	var next atomic.Int64
	return func(yield func(int) bool) {
		for from := int(next.Add(tileRun)) - tileRun; from < tiles; from = int(next.Add(tileRun)) - tileRun {
			for tile := from; tile < min(from+tileRun, tiles); tile++ {
				if !yield(tile) {
					return
				}
			}
		}
	}
}

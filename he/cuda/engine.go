//go:build cuda

package cuda

import (
	"fmt"
	"math"
	"sync/atomic"

	"genoveil/gpu"
	"genoveil/he"
)

// An Engine is he.Engine on one or more GPUs. They share the work by samples: the
// constants of each call of Expand are made on the next device in turn, chunks are
// multiplied where their constants are, and sums of all devices are added in the end.
type Engine struct {
	chain he.Chain
	units []*expander
	next  atomic.Uint32
}

// New prepares an engine for the keys on devices that are open. The engine does not close
// them.
//
// Work is queued: an error of a device may come back from a later call than the one that
// queued it, Save and Sums at the latest.
func New(keys *he.EvaluationKeys, devices []*gpu.Device) (*Engine, error) {
	if err := keys.Validate(); err != nil {
		return nil, err
	}
	if len(devices) == 0 {
		return nil, fmt.Errorf("no device")
	}
	e := &Engine{chain: keys.Chain}
	for _, d := range devices {
		u, err := newExpander(keys, d)
		if err != nil {
			return nil, err
		}
		e.units = append(e.units, u)
	}
	return e, nil
}

// Memory is what site.RunJob may count on for columns, running sums and chunks: what
// the device with the least memory has free, less what the engine works in.
func (e *Engine) Memory() int64 {
	least := int64(math.MaxInt64)
	for _, u := range e.units {
		batches := 2 * 2 * batchChunks * u.chain.ChunkLen(he.ChunkSamples)
		least = min(least, u.device.Info().Free/10*9-4*int64(batches+u.workLen()))
	}
	return max(least, minMemory)
}

// minMemory is asked for where a device has less: an allocation then says how much it has.
const minMemory = 100e6

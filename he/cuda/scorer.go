//go:build cuda

package cuda

import (
	"fmt"
	"sync/atomic"

	"genoveil/gpu"
	"genoveil/he"
)

// A Scorer is he.Scorer on one or more GPUs, which take the samples in turn. Work is
// queued as in Engine: errors may come from a later call, Pack and Join at the latest.
type Scorer struct {
	chain he.Chain
	units []*packer
	next  atomic.Uint32
}

// A packer is a unit with the keys of the packing tree.
type packer struct {
	*unit
	keys []gpu.Words // level l of the tree takes keys[l−1]
}

// NewScorer prepares a scorer for the keys on devices that are open.
func NewScorer(keys *he.ScoreKeys, devices []*gpu.Device) (*Scorer, error) {
	if err := keys.Validate(); err != nil {
		return nil, err
	}
	if len(devices) == 0 {
		return nil, fmt.Errorf("no device")
	}
	e := &Scorer{chain: keys.Chain}
	for _, d := range devices {
		u, err := newUnit(keys.Chain, keys.Relinearize, d)
		if err != nil {
			return nil, err
		}
		p := &packer{unit: u}
		for _, key := range keys.Pack {
			prepared, err := u.ring.PrepareKey(u.compute, key, len(keys.Chain.Sums))
			if err != nil {
				return nil, err
			}
			p.keys = append(p.keys, prepared)
		}
		e.units = append(e.units, p)
	}
	return e, nil
}

// scores are reduced sums in the layout of kernels.Weighted, on one device.
type scores struct {
	u                           *packer
	device                      int // number of u
	samples, scores, components int
	sums                        gpu.Words // empty before the first chunk
}

func (s *scores) Samples() int { return s.samples }

// NewScores starts answers at zero, on the next device in turn.
func (e *Scorer) NewScores(samples int, prepared he.Weights) he.Scores {
	w := prepared.(*weights)
	device := int(e.next.Add(1)-1) % len(e.units)
	return &scores{u: e.units[device], device: device, samples: samples, scores: w.scores, components: w.components + 1}
}

// Add queues the work; chunks may be used again when it returns.
func (e *Scorer) Add(answers he.Scores, prepared he.Weights, chunks []he.Chunk) error {
	s, w := answers.(*scores), prepared.(*weights)
	if len(chunks) != w.lanes || s.scores != w.scores || s.components != w.components+1 {
		return fmt.Errorf("%d chunks and %d scores for weights of %d lanes and %d scores", len(chunks), s.scores, w.lanes, w.scores)
	}
	for _, chunk := range chunks {
		if chunk.Samples != s.samples {
			return fmt.Errorf("%d samples in the chunk, %d in the scores", chunk.Samples, s.samples)
		}
	}
	u := s.u
	u.mu.Lock()
	defer u.mu.Unlock()
	if s.sums.Len() == 0 {
		sums, err := u.device.Alloc(e.chain.SumLen(s.components) * s.scores * s.samples)
		if err != nil {
			return err
		}
		if err := u.compute.Zero(sums); err != nil {
			return err
		}
		s.sums = sums
	}
	own := w.polynomials[s.device]
	lane := own.Len() / w.lanes
	for first := 0; first < len(chunks); first += batchChunks {
		last := min(first+batchChunks, len(chunks))
		lists, done, err := u.send(chunks[first:last], []int{4 * (last - first)}, func(c0, c1 []gpu.Words) [][]uint32 {
			var pairs []uint32
			for i := range c0 {
				pairs = append(append(pairs, address(c0[i])...), address(c1[i])...)
			}
			return [][]uint32{pairs}
		})
		if err != nil {
			return err
		}
		err = u.ring.Weighted(u.compute, s.sums, lists[0], last-first, own.Slice(first*lane, last*lane), s.scores, w.components, s.samples, len(e.chain.Sums))
		if err != nil {
			return err
		}
		if err := done(); err != nil {
			return err
		}
	}
	return nil
}

//go:build cuda

package cuda

import (
	"runtime"

	"genoveil/gpu"
	"genoveil/he"
)

// weights are polynomials [lane][score][component][prime][N] in the form of
// kernels.Weighted, on every device.
type weights struct {
	lanes, scores int
	components    int         // of a polynomial: 1 in the clear, 2 encrypted
	polynomials   []gpu.Words // by device
}

func (w *weights) Lanes() int  { return w.lanes }
func (w *weights) Scores() int { return w.scores }

// Prepare transforms weights.
func (e *Scorer) Prepare(lanes [][][]int64) (he.Weights, error) {
	if err := e.chain.CheckWeights(lanes); err != nil {
		return nil, err
	}
	n, primes := e.chain.N(), len(e.chain.Sums)
	return e.prepare(len(lanes), len(lanes[0]), 1, func(u *packer, lane int, polynomials gpu.Words) error {
		values := make([]uint32, 2*n*len(lanes[lane]))
		for k, weights := range lanes[lane] {
			for j, x := range weights {
				at := 2 * (k*n + j)
				values[at], values[at+1] = uint32(x), uint32(uint64(x)>>32)
			}
		}
		a, free, err := u.scratch(len(values))
		if err != nil {
			return err
		}
		defer free()
		if err := u.compute.Write(a[0], values); err != nil {
			return err
		}
		return u.ring.PrepareWeights(u.compute, polynomials, a[0], len(lanes[lane]), primes)
	})
}

// PrepareEncrypted uploads encrypted models and makes their seeded halves.
func (e *Scorer) PrepareEncrypted(models [][]he.SeededCiphertext) (he.Weights, error) {
	if err := e.chain.CheckModels(models); err != nil {
		return nil, err
	}
	size, primes := e.chain.SumLen(1), len(e.chain.Sums)
	return e.prepare(len(models), len(models[0]), 2, func(u *packer, lane int, polynomials gpu.Words) error {
		for k, model := range models[lane] {
			c0, c1 := polynomials.Slice(2*k*size, (2*k+1)*size), polynomials.Slice((2*k+1)*size, (2*k+2)*size)
			a, free, err := u.scratch(8)
			if err != nil {
				return err
			}
			defer free()
			if err := u.compute.Write(a[0], seedWords(model.Seed)); err != nil {
				return err
			}
			if err := u.compute.Write(c0, model.C0[:size]); err != nil {
				return err
			}
			if err := u.ring.Uniform(u.compute, c1, a[0], 1, primes, 1); err != nil {
				return err
			}
		}
		return u.ring.FinishWeights(u.compute, polynomials, 2*len(models[lane]), primes)
	})
}

// prepare has load write the polynomials of every lane on every device.
func (e *Scorer) prepare(lanes, scores, components int, load func(u *packer, lane int, polynomials gpu.Words) error) (*weights, error) {
	w := &weights{lanes: lanes, scores: scores, components: components}
	size := scores * components * e.chain.SumLen(1)
	for _, u := range e.units {
		polynomials, err := e.prepareOn(u, lanes, size, load)
		if err != nil {
			return nil, err
		}
		w.polynomials = append(w.polynomials, polynomials)
		runtime.AddCleanup(w, func(u *packer) {
			u.mu.Lock()
			defer u.mu.Unlock()
			u.device.Free(polynomials)
		}, u)
	}
	return w, nil
}

func (e *Scorer) prepareOn(u *packer, lanes, size int, load func(u *packer, lane int, polynomials gpu.Words) error) (gpu.Words, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	polynomials, err := u.device.Alloc(lanes * size)
	if err != nil {
		return gpu.Words{}, err
	}
	for lane := range lanes {
		if err := load(u, lane, polynomials.Slice(lane*size, (lane+1)*size)); err != nil {
			u.device.Free(polynomials)
			return gpu.Words{}, err
		}
	}
	return polynomials, nil
}

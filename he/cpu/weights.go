package cpu

import (
	"slices"

	"golang.org/x/sync/errgroup"

	"genoveil/he"
	"genoveil/kernels/cpu/sampling"
)

// laneGroup is the number of lanes that are multiplied and summed at a time: what
// one Montgomery reduction takes (kernels.Modulus.InnerProduct).
const laneGroup = 15

// weights are polynomials of weights, transformed and times 1/N.
type weights struct {
	lanes, scores int
	components    int // of a polynomial: 1 in the clear, 2 encrypted

	// groups[g][(score·components + component)·primes + prime] are those of up to
	// laneGroup lanes, laid out by kernels.InterleaveKey.
	groups [][][]uint32
}

func (w *weights) Lanes() int  { return w.lanes }
func (w *weights) Scores() int { return w.scores }

// Prepare transforms weights, five transforms a lane and score: where 64 samples
// follow, about a twentieth of the work.
func (e *Scorer) Prepare(lanes [][][]int64) (he.Weights, error) {
	if err := e.s.chain.CheckWeights(lanes); err != nil {
		return nil, err
	}
	return e.prepare(len(lanes), len(lanes[0]), 1, func(rows [][]uint32, first, score, _, l int) {
		t := e.s.ntt[l]
		for i, row := range rows {
			clear(row)
			for j, x := range lanes[first+i][score] {
				// w(X) = w_0 − Σ w_j·X^(N−j)
				if j == 0 {
					row[0] = t.ReduceSigned(x)
				} else {
					row[e.s.n-j] = t.ReduceSigned(-x)
				}
			}
			t.Forward(row)
		}
	}), nil
}

// PrepareEncrypted lays out encrypted models.
func (e *Scorer) PrepareEncrypted(models [][]he.SeededCiphertext) (he.Weights, error) {
	if err := e.s.chain.CheckModels(models); err != nil {
		return nil, err
	}
	return e.prepare(len(models), len(models[0]), 2, func(rows [][]uint32, first, score, component, l int) {
		for i, row := range rows {
			model := models[first+i][score]
			if component == 0 {
				copy(row, model.C0[l*e.s.n:])
			} else {
				sampling.NewUniform(&model.Seed).Fill(row, e.s.ntt[l].Modulus, 0, uint32(l), 0)
			}
		}
	}), nil
}

// prepare lays out what load writes: the transformed polynomials of some lanes from
// the first, of one score and component, modulo one prime.
func (e *Scorer) prepare(lanes, scores, components int, load func(rows [][]uint32, first, score, component, l int)) *weights {
	w := &weights{lanes: lanes, scores: scores, components: components}
	n, primes := e.s.n, len(e.s.chain.Sums)
	var group errgroup.Group
	group.SetLimit(e.threads)
	for first := 0; first < lanes; first += laneGroup {
		count := min(laneGroup, lanes-first)
		polynomials := make([][]uint32, scores*components*primes)
		w.groups = append(w.groups, polynomials)
		group.Go(func() error {
			memory := make([]uint32, len(polynomials)*count*n)
			rows := slices.Collect(slices.Chunk(make([]uint32, count*n), n))
			for i := range polynomials {
				l := i % primes
				load(rows, first, i/primes/components, i/primes%components, l)
				for _, row := range rows {
					e.s.ntt[l].Scale(row, row, e.s.ntt[l].Inv(uint32(n)))
				}
				polynomials[i] = memory[i*count*n:][:count*n]
				e.s.ntt[l].InterleaveKey(polynomials[i], rows)
			}
			return nil
		})
	}
	group.Wait()
	return w
}

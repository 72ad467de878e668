package pipeline

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"genoveil/he"
	"genoveil/kernels/cpu"
)

// A faulty engine computes right but for one planted fault.
type faulty struct {
	he.Engine
	add  func(add func(he.Chunk) error, chunk he.Chunk, lane, call int) error
	sums func(lane int, sums []he.Sum)

	lanes int
}

func (f *faulty) NewAccumulator(columns []int) he.Accumulator {
	f.lanes++
	return &faultyAccumulator{Accumulator: f.Engine.NewAccumulator(columns), f: f, lane: f.lanes - 1}
}

type faultyAccumulator struct {
	he.Accumulator
	f           *faulty
	lane, calls int
}

// Add hands over every product for itself.
func (f *faulty) Add(d he.Constants, products []he.Product) error {
	for _, p := range products {
		a := p.Accumulator.(*faultyAccumulator)
		a.calls++
		add := func(chunk he.Chunk) error {
			return f.Engine.Add(d, []he.Product{{Chunk: chunk, Accumulator: a.Accumulator}})
		}
		if f.add == nil {
			if err := add(p.Chunk); err != nil {
				return err
			}
			continue
		}
		if err := f.add(add, p.Chunk, a.lane, a.calls-1); err != nil {
			return err
		}
	}
	return nil
}

func (a *faultyAccumulator) Sums() ([]he.Sum, error) {
	sums, err := a.Accumulator.Sums()
	if err == nil && a.f.sums != nil {
		a.f.sums(a.lane, sums)
	}
	return sums, err
}

// use reads a chunk as an engine does, and computes nothing.
func use(chain he.Chain, chunk he.Chunk) error {
	return he.EachTile([]he.Chunk{chunk}, chain.AllTiles(), func(*he.ChunkTile) {})
}

// TestFaultsAreCaught plants faults in the evaluation, honest mistakes and
// attacks, in block 1 of a cohort of two blocks with three planes each; lanes
// count planes, so block 1 has lanes 3, 4 and 5. Each must end in "check failed"
// for that block, with nothing written.
func TestFaultsAreCaught(t *testing.T) {
	c := simulated(t, 200, 1500, 0.03, 1500)
	w := newSmallWorld(t)
	w.encrypt(c.all())
	w.query("case", c.status)
	chain := w.params.Chain()
	n := chain.N()

	// scale is Δg·Δr modulo a prime: one unit of a decoded sum.
	scale := func(l int) uint32 {
		m, err := cpu.NewModulus(chain.Sums[l])
		w.must(err)
		return m.Mul(m.Reduce(w.params.PlaneScale().Uint64()), m.Reduce(w.sumParams().ColumnScale()))
	}
	// addConstant adds a trivial encryption of x·(1 + X + … at all positions of the
	// transformed domain: the constant polynomial x).
	addConstant := func(sum he.Sum, component int, x uint32) {
		for l, q := range chain.Sums {
			m, err := cpu.NewModulus(q)
			w.must(err)
			row := sum.Residues[(component*len(chain.Sums)+l)*n:][:n]
			for j := range row {
				row[j] = m.Add(row[j], m.Mul(x, scale(l)))
			}
		}
	}

	faults := map[string]func(f *faulty){
		"a chunk skipped": func(f *faulty) {
			f.add = func(add func(he.Chunk) error, chunk he.Chunk, lane, call int) error {
				if lane == 4 && call == 1 {
					return use(chain, chunk)
				}
				return add(chunk)
			}
		},
		"a chunk counted twice": func(f *faulty) {
			f.add = func(add func(he.Chunk) error, chunk he.Chunk, lane, call int) error {
				if lane == 3 && call == 2 {
					if err := add(chunk); err != nil {
						return err
					}
				}
				return add(chunk)
			}
		},
		"one residue of a chunk changed": func(f *faulty) {
			f.add = func(add func(he.Chunk) error, chunk he.Chunk, lane, call int) error {
				if lane == 5 && call == 0 {
					changed := he.EncryptedChunk{Samples: chunk.Samples, Seed: chunk.Seed}
					err := he.EachTile([]he.Chunk{chunk}, chain.AllTiles(), func(t *he.ChunkTile) { changed.C0 = append(changed.C0, t.C0(0)...) })
					if err != nil {
						return err
					}
					changed.C0[77] ^= 1
					chunk = he.NewChunk(changed, nil)
				}
				return add(chunk)
			}
		},
		"one residue of a sum changed": func(f *faulty) {
			f.sums = func(lane int, sums []he.Sum) {
				if lane == 3 {
					sums[1].Residues[n-1] ^= 1
				}
			}
		},
		"one column's accumulator altered": func(f *faulty) {
			f.sums = func(lane int, sums []he.Sum) {
				if lane == 3 {
					addConstant(sums[2], 0, 1)
				}
			}
		},
		"all columns altered alike": func(f *faulty) {
			f.sums = func(lane int, sums []he.Sum) {
				if lane == 4 {
					for _, sum := range sums {
						addConstant(sum, 0, 5)
					}
				}
			}
		},
		// What vanishes modulo the base of the check's digits must not pass.
		"a multiple of 8191 added": func(f *faulty) {
			f.sums = func(lane int, sums []he.Sum) {
				if lane == 3 {
					addConstant(sums[0], 0, 8191*5)
				}
			}
		},
		"multiples of 8191 times the secret added": func(f *faulty) {
			f.sums = func(lane int, sums []he.Sum) {
				if lane == 4 {
					for _, sum := range sums {
						addConstant(sum, 1, 8191*2)
					}
				}
			}
		},
		"two columns exchanged": func(f *faulty) {
			f.sums = func(lane int, sums []he.Sum) {
				if lane == 3 {
					sums[0], sums[1] = sums[1], sums[0]
				}
			}
		},
		"the forged block of the secret key": func(f *faulty) {
			// (0, ΔgΔr) decodes to the coefficients of the secret.
			f.sums = func(lane int, sums []he.Sum) {
				if lane == 3 {
					for _, sum := range sums {
						clear(sum.Residues)
						addConstant(sum, 1, 1)
					}
				}
			}
		},
		"zeros instead of sums": func(f *faulty) {
			f.sums = func(lane int, sums []he.Sum) {
				if lane == 3 {
					for _, sum := range sums {
						clear(sum.Residues)
					}
				}
			}
		},
	}
	for name, plant := range faults {
		t.Run(name, func(t *testing.T) {
			job := w.job("case", "case", Whole)
			engine := &faulty{Engine: job.Engine}
			plant(engine)
			job.Engine, job.Threads = engine, 1
			w.must(job.Run(t.Context()))
			_, _, err := w.tryDecrypt("case", "case")
			var failed *CheckFailed
			if !errors.As(err, &failed) || !slices.Equal(failedBlocks(failed), []int{1}) {
				t.Fatalf("%v, want a failed check in block 1", err)
			}
		})
	}
	t.Run("planes left out", func(t *testing.T) {
		// Otherwise the site would decide what is checked.
		w.run("case", "whole")
		whole, err := OpenSums(w.path("whole.sums"))
		w.must(err)
		defer whole.Close()
		less := whole.SumsMeta
		less.Blocks = nil
		for range whole.Blocks {
			less.Blocks = append(less.Blocks, Block{Planes: []Plane{Dosage}})
		}
		out, index, err := less.create(w.path("case.sums"))
		w.must(err)
		for e, i := range index {
			sum, err := whole.read(e)
			w.must(err)
			w.must(out.WriteChunk(i, bytesOf(sum.Residues)))
		}
		_, err = out.Commit()
		w.must(err)
		if _, _, err := w.tryDecrypt("case", "case"); err == nil || !strings.Contains(err.Error(), "does not have the shape of the cohort") {
			t.Error(err)
		}
	})
	t.Run("no fault", func(t *testing.T) {
		w.run("case", "honest")
		w.decrypt("case", "honest")
	})
}

// TestForgedBlockDecodesToTheSecret shows that the attack of the last test is
// real: without the check, the owner would publish the key.
func TestForgedBlockDecodesToTheSecret(t *testing.T) {
	w := newSmallWorld(t)
	chain := w.params.Chain()
	sum := he.Sum{Components: 2, Residues: make([]uint32, chain.SumLen(2))}
	for l, q := range chain.Sums {
		m, err := cpu.NewModulus(q)
		w.must(err)
		d := m.Mul(m.Reduce(w.params.PlaneScale().Uint64()), m.Reduce(w.sumParams().ColumnScale()))
		row := sum.Residues[(len(chain.Sums)+l)*chain.N():][:chain.N()]
		for j := range row {
			row[j] = d
		}
	}
	decryptor, err := he.NewSumDecryptor(w.sumParams(), w.secret)
	w.must(err)
	values, err := decryptor.Decode(sum, 1)
	w.must(err)
	for j, b := range w.secret.Bytes() {
		if values[j] != int64(b)-1 {
			t.Fatalf("position %d decodes to %d, the secret is %d", j, values[j], int64(b)-1)
		}
	}
}

package owner_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"genoveil/he"
	"genoveil/kernels/cpu"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
)

// TestFaultsAreCaught plants faults in the evaluation, honest mistakes and
// attacks, in block 1 of a cohort of two blocks with three planes each; lanes
// count planes, so block 1 has lanes 3, 4 and 5. Each must end in "check failed"
// for that block, with nothing written.
func TestFaultsAreCaught(t *testing.T) {
	c := pipelinetest.Simulated(t, 200, 1500, 0.03, 1500)
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	chain := w.Params.Chain()
	n := chain.N()

	// scale is Δg·Δr modulo a prime: one unit of a decoded sum.
	scale := func(l int) uint32 {
		m, err := cpu.NewModulus(chain.Sums[l])
		w.Must(err)
		return m.Mul(m.Reduce(w.Params.PlaneScale().Uint64()), m.Reduce(w.SumParams().ColumnScale()))
	}
	// addConstant adds a trivial encryption of x·(1 + X + … at all positions of the
	// transformed domain: the constant polynomial x).
	addConstant := func(sum he.Sum, component int, x uint32) {
		for l, q := range chain.Sums {
			m, err := cpu.NewModulus(q)
			w.Must(err)
			row := sum.Residues[(component*len(chain.Sums)+l)*n:][:n]
			for j := range row {
				row[j] = m.Add(row[j], m.Mul(x, scale(l)))
			}
		}
	}

	faults := map[string]func(f *pipelinetest.Faulty){
		"a chunk skipped": func(f *pipelinetest.Faulty) {
			f.OnAdd = func(add func(he.Chunk) error, chunk he.Chunk, lane, call int) error {
				if lane == 4 && call == 1 {
					return pipelinetest.Use(chain, chunk)
				}
				return add(chunk)
			}
		},
		"a chunk counted twice": func(f *pipelinetest.Faulty) {
			f.OnAdd = func(add func(he.Chunk) error, chunk he.Chunk, lane, call int) error {
				if lane == 3 && call == 2 {
					if err := add(chunk); err != nil {
						return err
					}
				}
				return add(chunk)
			}
		},
		"one residue of a chunk changed": func(f *pipelinetest.Faulty) {
			f.OnAdd = func(add func(he.Chunk) error, chunk he.Chunk, lane, call int) error {
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
		"one residue of a sum changed": func(f *pipelinetest.Faulty) {
			f.OnSums = func(lane int, sums []he.Sum) {
				if lane == 3 {
					sums[1].Residues[n-1] ^= 1
				}
			}
		},
		"one column's accumulator altered": func(f *pipelinetest.Faulty) {
			f.OnSums = func(lane int, sums []he.Sum) {
				if lane == 3 {
					addConstant(sums[2], 0, 1)
				}
			}
		},
		"all columns altered alike": func(f *pipelinetest.Faulty) {
			f.OnSums = func(lane int, sums []he.Sum) {
				if lane == 4 {
					for _, sum := range sums {
						addConstant(sum, 0, 5)
					}
				}
			}
		},
		// What vanishes modulo the base of the check's digits must not pass.
		"a multiple of 8191 added": func(f *pipelinetest.Faulty) {
			f.OnSums = func(lane int, sums []he.Sum) {
				if lane == 3 {
					addConstant(sums[0], 0, 8191*5)
				}
			}
		},
		"multiples of 8191 times the secret added": func(f *pipelinetest.Faulty) {
			f.OnSums = func(lane int, sums []he.Sum) {
				if lane == 4 {
					for _, sum := range sums {
						addConstant(sum, 1, 8191*2)
					}
				}
			}
		},
		"two columns exchanged": func(f *pipelinetest.Faulty) {
			f.OnSums = func(lane int, sums []he.Sum) {
				if lane == 3 {
					sums[0], sums[1] = sums[1], sums[0]
				}
			}
		},
		"the forged block of the secret key": func(f *pipelinetest.Faulty) {
			// (0, ΔgΔr) decodes to the coefficients of the secret.
			f.OnSums = func(lane int, sums []he.Sum) {
				if lane == 3 {
					for _, sum := range sums {
						clear(sum.Residues)
						addConstant(sum, 1, 1)
					}
				}
			}
		},
		"zeros instead of sums": func(f *pipelinetest.Faulty) {
			f.OnSums = func(lane int, sums []he.Sum) {
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
			job := w.Job("case", "case", format.Whole)
			engine := &pipelinetest.Faulty{Engine: job.Engine}
			plant(engine)
			job.Engine, job.Threads = engine, 1
			w.Must(job.Run(t.Context()))
			_, _, err := w.TryDecrypt("case", "case")
			var failed *owner.CheckFailed
			if !errors.As(err, &failed) || !slices.Equal(owner.FailedBlocks(failed), []int{1}) {
				t.Fatalf("%v, want a failed check in block 1", err)
			}
		})
	}
	t.Run("planes left out", func(t *testing.T) {
		// Otherwise the site would decide what is checked.
		w.Run("case", "whole")
		whole, err := format.OpenSums(w.Path("whole.sums"))
		w.Must(err)
		defer whole.Close()
		less := whole.SumsMeta
		less.Blocks = nil
		for range whole.Blocks {
			less.Blocks = append(less.Blocks, format.Block{Planes: []format.Plane{format.Dosage}})
		}
		out, index, err := less.Create(w.Path("case.sums"))
		w.Must(err)
		for e, i := range index {
			sum, err := whole.Read(e)
			w.Must(err)
			w.Must(out.WriteChunk(i, format.BytesOf(sum.Residues)))
		}
		_, err = out.Commit()
		w.Must(err)
		if _, _, err := w.TryDecrypt("case", "case"); err == nil || !strings.Contains(err.Error(), "does not have the shape of the cohort") {
			t.Error(err)
		}
	})
	t.Run("no fault", func(t *testing.T) {
		w.Run("case", "honest")
		w.Decrypt("case", "honest")
	})
}

// TestForgedBlockDecodesToTheSecret shows that the attack of the last test is
// real: without the check, the owner would publish the key.
func TestForgedBlockDecodesToTheSecret(t *testing.T) {
	w := pipelinetest.NewSmallWorld(t)
	chain := w.Params.Chain()
	sum := he.Sum{Components: 2, Residues: make([]uint32, chain.SumLen(2))}
	for l, q := range chain.Sums {
		m, err := cpu.NewModulus(q)
		w.Must(err)
		d := m.Mul(m.Reduce(w.Params.PlaneScale().Uint64()), m.Reduce(w.SumParams().ColumnScale()))
		row := sum.Residues[(len(chain.Sums)+l)*chain.N():][:chain.N()]
		for j := range row {
			row[j] = d
		}
	}
	decryptor, err := he.NewSumDecryptor(w.SumParams(), w.Secret)
	w.Must(err)
	values, err := decryptor.Decode(sum, 1)
	w.Must(err)
	for j, b := range w.Secret.Bytes() {
		if values[j] != int64(b)-1 {
			t.Fatalf("position %d decodes to %d, the secret is %d", j, values[j], int64(b)-1)
		}
	}
}

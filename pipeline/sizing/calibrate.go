package sizing

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
	"unsafe"

	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/pipeline/chunkfile"
)

// Calibrate measures the rates on one core, in about three seconds, with a file in
// dir. Parse, Decrypt, Weigh, Pack and Storage stay as shipped.
func Calibrate(ctx context.Context, params he.SumParams, dir string) (Rates, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	c := &calibration{ctx: ctx, params: params, dir: dir, rates: Default}
	for _, step := range []func() error{c.keys, c.encrypt, c.file, c.evaluate} {
		if err := step(); err != nil {
			return c.rates, err
		}
	}
	return c.rates, nil
}

type calibration struct {
	ctx    context.Context
	params he.SumParams
	dir    string
	rates  Rates
	engine he.Engine
	secret *he.SecretKey
	chunk  he.EncryptedChunk
}

// repeats of each measurement, of which the median counts.
const repeats = 5

// median is the median time of do in nanoseconds.
func (c *calibration) median(do func() error) (float64, error) {
	var times []float64
	for range repeats {
		if err := c.ctx.Err(); err != nil {
			return 0, err
		}
		start := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		times = append(times, float64(time.Since(start).Nanoseconds()))
	}
	slices.Sort(times)
	return times[repeats/2], nil
}

func (c *calibration) keys() error {
	var err error
	if c.secret, err = he.GenerateSecret(c.params.Chain()); err != nil {
		return err
	}
	keys, err := he.GenerateEvaluationKeys(c.params.Chain(), c.secret)
	if err != nil {
		return err
	}
	c.engine, err = cpu.New(keys, 1)
	return err
}

// genotypes is the number in a full chunk.
func (c *calibration) genotypes() float64 { return float64(he.ChunkSamples * c.params.N()) }

func (c *calibration) encrypt() error {
	encryptor, err := he.NewEncryptor(c.params.PlaneParams, c.secret)
	if err != nil {
		return err
	}
	genotypes := make([]int32, c.params.N())
	for i := range genotypes {
		genotypes[i] = rand.Int32N(3) - 1
	}
	t, err := c.median(func() error {
		return encryptor.EncryptChunk(&c.chunk, he.ChunkSamples, func(_ int, values []int32) { copy(values, genotypes) })
	})
	c.rates.Encrypt = t / c.genotypes()
	return err
}

func (c *calibration) file() error {
	name := filepath.Join(c.dir, "calibration.chunks")
	defer os.Remove(name)
	content := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(c.chunk.C0))), 4*len(c.chunk.C0))
	const kind, copies = "calibration", 8
	sizes := slices.Repeat([]int64{int64(len(content))}, copies)
	t, err := c.median(func() error {
		w, err := chunkfile.Create(name, kind, nil, sizes, 0o600)
		if err != nil {
			return err
		}
		defer w.Abort()
		for i := range copies {
			if err := w.WriteChunk(i, content); err != nil {
				return err
			}
		}
		_, err = w.Commit()
		return err
	})
	if err != nil {
		return err
	}
	c.rates.Write = t / c.genotypes() / copies
	buffer := make([]byte, len(content))
	t, err = c.median(func() error {
		r, err := chunkfile.Open(name, kind)
		if err != nil {
			return err
		}
		defer r.Close()
		for i := range copies {
			if err := r.Chunk(i, buffer); err != nil {
				return err
			}
		}
		return nil
	})
	c.rates.Read = t / c.genotypes() / copies
	return err
}

func (c *calibration) evaluate() error {
	encryptor, err := he.NewColumnEncryptor(c.params, c.secret)
	if err != nil {
		return err
	}
	const columns = 8
	packed := make([]he.SeededCiphertext, columns)
	for i := range packed {
		if packed[i], err = encryptor.EncryptColumn([]int32{1, 2, 3}); err != nil {
			return err
		}
	}
	expansion := c.engine.NewExpansion(packed)
	from := 0
	var constants he.Constants
	expand, err := c.median(func() (err error) {
		if constants != nil {
			constants.Release()
		}
		constants, err = expansion.Expand(from, from+he.ChunkSamples)
		from += he.ChunkSamples
		return err
	})
	if err != nil {
		return err
	}
	c.rates.Expand = expand / he.ChunkSamples / columns

	// Twice with different numbers of columns: what does not grow is the seeded half.
	const lanes = 16
	var times [2]float64
	var accumulators [lanes]he.Accumulator
	for i, k := range []int{1, columns} {
		products := make([]he.Product, lanes)
		all := []int{0, 1, 2, 3, 4, 5, 6, 7}
		for l := range products {
			accumulators[l] = c.engine.NewAccumulator(all[:k])
			products[l] = he.Product{Chunk: he.NewChunk(c.chunk, nil), Accumulator: accumulators[l]}
		}
		if times[i], err = c.median(func() error { return c.engine.Add(constants, products) }); err != nil {
			return err
		}
	}
	perColumn := (times[1] - times[0]) / (columns - 1)
	c.rates.Multiply = max(perColumn, 0.1*times[0]) / c.genotypes() / lanes
	c.rates.Seed = max(times[0]-perColumn, 0.1*times[0]) / c.genotypes() / lanes

	sums, err := c.median(func() error {
		_, err := c.engine.NewAccumulator([]int{0}).Sums()
		return err
	})
	c.rates.Sum = sums + c.rates.Write/12*float64(4*c.params.Chain().SumLen(2))
	return err
}

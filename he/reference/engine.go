// Package reference is the evaluation engine in plain Lattigo: slow, one thread,
// obviously right. Tests hold the fast engines against it, residue by residue.
package reference

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"math/bits"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"
	"golang.org/x/crypto/chacha20"

	"genoveil/he"
)

// An Engine is he.Engine on Lattigo's evaluator.
type Engine struct {
	chain     he.Chain
	params    rlwe.Parameters
	evaluator *rlwe.Evaluator
}

// New prepares an engine for the keys.
func New(keys *he.EvaluationKeys) (*Engine, error) {
	params, set, err := keys.Lattigo()
	if err != nil {
		return nil, err
	}
	return &Engine{chain: keys.Chain, params: params, evaluator: rlwe.NewEvaluator(params, set)}, nil
}

// NewAccumulator starts sums at zero.
func (e *Engine) NewAccumulator(columns []int) he.Accumulator {
	a := &accumulator{engine: e, columns: columns}
	for range columns {
		sum := rlwe.NewCiphertext(e.params, 2, len(e.chain.Sums)-1)
		sum.IsNTT = true
		a.sums = append(a.sums, sum)
	}
	return a
}

type accumulator struct {
	engine  *Engine
	columns []int
	sums    []*rlwe.Ciphertext
}

// Add adds chunk by chunk and sample by sample.
func (e *Engine) Add(d he.Constants, products []he.Product) error {
	for _, p := range products {
		if err := p.Accumulator.(*accumulator).add(p.Chunk, d.(*constants)); err != nil {
			return err
		}
	}
	return nil
}

func (a *accumulator) add(chunk he.Chunk, expanded *constants) error {
	e := a.engine
	if chunk.Samples != expanded.samples {
		return fmt.Errorf("%d samples in the chunk, %d expanded", chunk.Samples, expanded.samples)
	}
	own, err := read(e.chain, chunk)
	if err != nil {
		return err
	}
	ringQ := e.params.RingQ().AtLevel(len(e.chain.Sums) - 1)
	for s := range chunk.Samples {
		c := load(ringQ, own, s)
		for k, column := range a.columns {
			d, sum := expanded.values[column][s].Value, a.sums[k].Value
			ringQ.MulCoeffsMontgomeryThenAdd(c[0], d[0], sum[0])
			ringQ.MulCoeffsMontgomeryThenAdd(c[0], d[1], sum[1])
			ringQ.MulCoeffsMontgomeryThenAdd(c[1], d[0], sum[1])
			ringQ.MulCoeffsMontgomeryThenAdd(c[1], d[1], sum[2])
		}
	}
	return nil
}

// read is a chunk in memory of our own.
func read(chain he.Chain, chunk he.Chunk) (he.EncryptedChunk, error) {
	own := he.EncryptedChunk{Samples: chunk.Samples, Seed: chunk.Seed, C0: make([]uint32, chain.ChunkLen(chunk.Samples))}
	return own, he.EachTile([]he.Chunk{chunk}, chain.AllTiles(), func(t *he.ChunkTile) {
		copy(own.C0[t.Number*he.TileWidth*chunk.Samples:], t.C0(0))
	})
}

// load is the ciphertext of one sample of a chunk, in Montgomery form.
func load(ringQ *ring.Ring, chunk he.EncryptedChunk, s int) [2]ring.Poly {
	c, n := [2]ring.Poly{ringQ.NewPoly(), ringQ.NewPoly()}, ringQ.N()
	tiles := n / he.TileWidth
	for l, sub := range ringQ.SubRings[:ringQ.Level()+1] {
		for j := range n {
			tile, position := j/he.TileWidth, j%he.TileWidth
			c[0].Coeffs[l][j] = uint64(chunk.C0[((l*tiles+tile)*chunk.Samples+s)*he.TileWidth+position])
		}
		copy(c[1].Coeffs[l], uniform(chunk.Seed, uint32(s), l, n, uint32(sub.Modulus)))
	}
	ringQ.MForm(c[0], c[0])
	ringQ.MForm(c[1], c[1])
	return c
}

func (a *accumulator) Save(k int, dst []uint32) error {
	for _, poly := range a.sums[k].Value {
		for _, residues := range poly.Coeffs {
			for i, x := range residues {
				dst[i] = uint32(x)
			}
			dst = dst[len(residues):]
		}
	}
	return nil
}

func (a *accumulator) Restore(k int, src []uint32) error {
	if err := (he.Sum{Components: 3, Residues: src}).Validate(a.engine.chain); err != nil {
		return err
	}
	for _, poly := range a.sums[k].Value {
		for _, residues := range poly.Coeffs {
			for i := range residues {
				residues[i] = uint64(src[i])
			}
			src = src[len(residues):]
		}
	}
	return nil
}

func (a *accumulator) Sums() ([]he.Sum, error) {
	var sums []he.Sum
	for _, ct := range a.sums {
		out := rlwe.NewCiphertext(a.engine.params, 1, ct.Level())
		if err := a.engine.evaluator.Relinearize(ct, out); err != nil {
			return nil, err
		}
		sums = append(sums, toSum(out))
	}
	return sums, nil
}

func toSum(ct *rlwe.Ciphertext) he.Sum {
	sum := he.Sum{Components: len(ct.Value)}
	for _, poly := range ct.Value {
		for _, residues := range poly.Coeffs {
			for _, x := range residues {
				sum.Residues = append(sum.Residues, uint32(x))
			}
		}
	}
	return sum
}

// uniform is the seeded stream of docs/format.md, written down as the text says
// it, on a library's ChaCha20.
func uniform(seed [32]byte, ciphertext uint32, prime, n int, q uint32) []uint64 {
	width := bits.Len32(q)
	block := func(redraw, counter int) (words []uint32) {
		var nonce [12]byte
		binary.LittleEndian.PutUint32(nonce[0:], ciphertext)
		binary.LittleEndian.PutUint32(nonce[4:], uint32(prime))
		binary.LittleEndian.PutUint32(nonce[8:], uint32(redraw))
		cipher, err := chacha20.NewUnauthenticatedCipher(seed[:], nonce[:])
		if err != nil {
			panic(err) // only for wrong lengths of key or nonce
		}
		cipher.SetCounter(uint32(counter))
		stream := make([]byte, 64)
		cipher.XORKeyStream(stream, stream)
		for ; len(stream) > 0; stream = stream[4:] {
			words = append(words, binary.LittleEndian.Uint32(stream))
		}
		return words
	}
	var out []uint64
	for counter := range n / 16 {
		words := block(0, counter)
		spare := new(big.Int) // the spare high bits of all words, word 0 lowest
		for i, w := range words {
			high := big.NewInt(int64(w >> width))
			spare.Or(spare, high.Lsh(high, uint(i*(32-width))))
		}
		var reserve []uint32
		for i := range 16 * (32 - width) / width {
			candidate := new(big.Int).Rsh(spare, uint(i*width))
			reserve = append(reserve, uint32(candidate.Uint64()&(1<<width-1)))
		}
		redraw := 0
		for _, w := range words {
			x := w & (1<<width - 1)
			for x >= q {
				if len(reserve) == 0 {
					redraw++
					for _, w := range block(redraw, counter) {
						reserve = append(reserve, w&(1<<width-1))
					}
				}
				x, reserve = reserve[0], reserve[1:]
			}
			out = append(out, uint64(x))
		}
	}
	return out
}

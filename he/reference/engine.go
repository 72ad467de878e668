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

type constants struct {
	samples int
	values  [][]*rlwe.Ciphertext // [column][sample]
}

func (c *constants) Samples() int { return c.samples }
func (c *constants) Release()     {}

// Expand expands each column by the automorphism tree. Node index at depth i
// holds the coefficients ≡ index mod 2^i, as Lattigo's Expand does it; samples
// stand in bit-reversed order, so the wanted leaves are a contiguous subtree.
func (e *Engine) Expand(columns []he.PackedColumn, from, to int) (he.Constants, error) {
	result := &constants{samples: to - from}
	for _, column := range columns {
		leaves, err := e.expand(column, from, to)
		if err != nil {
			return nil, err
		}
		result.values = append(result.values, leaves)
	}
	return result, nil
}

func (e *Engine) expand(column he.PackedColumn, from, to int) ([]*rlwe.Ciphertext, error) {
	logN, n := e.chain.LogN, e.chain.N()
	level := len(e.chain.Trait()) - 1
	ringQ := e.params.RingQ().AtLevel(level)

	root := rlwe.NewCiphertext(e.params, 1, level)
	root.IsNTT = true
	for l, q := range e.chain.Trait() {
		for j, x := range column.C0[l*n : (l+1)*n] {
			root.Value[0].Coeffs[l][j] = uint64(x)
		}
		copy(root.Value[1].Coeffs[l], uniform(column.Seed, 0, l, n, q))
	}
	inverse := new(big.Int).ModInverse(big.NewInt(int64(n)), ringQ.ModulusAtLevel[level])
	for _, poly := range root.Value {
		ringQ.MulScalarBigint(poly, inverse, poly)
	}
	powers := rlwe.GenXPow2(ringQ, logN, true) // X^(−2^i)

	leaves := make([]*rlwe.Ciphertext, to-from)
	var walk func(node *rlwe.Ciphertext, depth, first int) error
	walk = func(node *rlwe.Ciphertext, depth, first int) error {
		span := n >> depth // the node covers samples first … first+span−1
		if first >= to || first+span <= from {
			return nil
		}
		if depth == logN {
			leaves[first-from] = e.drop(node)
			return nil
		}
		image := rlwe.NewCiphertext(e.params, 1, level)
		if err := e.evaluator.Automorphism(node, e.chain.ExpandElement(depth), image); err != nil {
			return err
		}
		even, odd := node.CopyNew(), node.CopyNew()
		for c := range node.Value {
			ringQ.Add(node.Value[c], image.Value[c], even.Value[c])
			ringQ.Sub(node.Value[c], image.Value[c], odd.Value[c])
			ringQ.MulCoeffsMontgomery(odd.Value[c], powers[depth], odd.Value[c])
		}
		if err := walk(even, depth+1, first); err != nil {
			return err
		}
		return walk(odd, depth+1, first+span/2)
	}
	return leaves, walk(root, 0, 0)
}

// drop divides by the dropped primes, rounding to nearest.
func (e *Engine) drop(ct *rlwe.Ciphertext) *rlwe.Ciphertext {
	level := len(e.chain.Trait()) - 1
	out := ct.CopyNew()
	buffer := e.params.RingQ().NewPoly()
	for ; level >= len(e.chain.Sums); level-- {
		ringQ := e.params.RingQ().AtLevel(level)
		for c := range out.Value {
			ringQ.DivRoundByLastModulusNTT(out.Value[c], buffer, out.Value[c])
		}
	}
	out.Resize(1, level)
	return out
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

func (a *accumulator) Add(chunk he.Chunk, d he.Constants) error {
	e, n := a.engine, a.engine.chain.N()
	expanded := d.(*constants)
	if chunk.Samples != expanded.samples {
		return fmt.Errorf("%d samples in the chunk, %d expanded", chunk.Samples, expanded.samples)
	}
	ringQ := e.params.RingQ().AtLevel(len(e.chain.Sums) - 1)
	c := [2]ring.Poly{ringQ.NewPoly(), ringQ.NewPoly()}
	tiles := n / he.TileWidth
	for s := range chunk.Samples {
		for l, q := range e.chain.Sums {
			for j := range n {
				tile, position := j/he.TileWidth, j%he.TileWidth
				c[0].Coeffs[l][j] = uint64(chunk.C0[((l*tiles+tile)*chunk.Samples+s)*he.TileWidth+position])
			}
			copy(c[1].Coeffs[l], uniform(chunk.Seed, uint32(s), l, n, q))
		}
		ringQ.MForm(c[0], c[0])
		ringQ.MForm(c[1], c[1])
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

func (a *accumulator) Sums() ([]he.Sum, error) {
	var sums []he.Sum
	for _, ct := range a.sums {
		out := rlwe.NewCiphertext(a.engine.params, 1, ct.Level())
		if err := a.engine.evaluator.Relinearize(ct, out); err != nil {
			return nil, err
		}
		sum := he.Sum{Components: 2}
		for _, poly := range out.Value {
			for _, residues := range poly.Coeffs {
				for _, x := range residues {
					sum.Residues = append(sum.Residues, uint32(x))
				}
			}
		}
		sums = append(sums, sum)
	}
	return sums, nil
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

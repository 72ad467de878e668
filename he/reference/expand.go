package reference

import (
	"math/big"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"
	"github.com/tuneinsight/lattigo/v5/ring/ringqp"

	"genoveil/he"
)

type constants struct {
	samples int
	values  [][]*rlwe.Ciphertext // [column][sample]
}

func (c *constants) Samples() int { return c.samples }
func (c *constants) Release()     {}

type expansion struct {
	engine  *Engine
	columns []he.SeededCiphertext
}

// NewExpansion remembers the columns.
func (e *Engine) NewExpansion(columns []he.SeededCiphertext) he.Expansion {
	return &expansion{e, columns}
}

// Expand expands each column by the tree of he.ExpansionStep, written down as its
// formula says it. Samples stand in bit-reversed order, so children are visited in
// bit-reversed order of s and the wanted leaves are a contiguous subtree.
func (x *expansion) Expand(from, to int) (he.Constants, error) {
	result := &constants{samples: to - from}
	for _, column := range x.columns {
		leaves, err := x.engine.expand(column, from, to)
		if err != nil {
			return nil, err
		}
		result.values = append(result.values, leaves)
	}
	return result, nil
}

func (e *Engine) expand(column he.SeededCiphertext, from, to int) ([]*rlwe.Ciphertext, error) {
	n := e.chain.N()
	steps := e.chain.ExpansionSteps()
	leaves := make([]*rlwe.Ciphertext, to-from)
	var walk func(node *rlwe.Ciphertext, depth, first int) error
	walk = func(node *rlwe.Ciphertext, depth, first int) error {
		if depth == len(steps) {
			leaves[first-from] = e.drop(node)
			return nil
		}
		step := steps[depth]
		span := n >> (step.Depth + step.Levels) // samples of a child
		var images []*rlwe.Element[ringqp.Poly]
		for k := range step.Children() {
			image, err := e.image(node, step.Element(n, k))
			if err != nil {
				return err
			}
			images = append(images, image)
		}
		for position := range step.Children() {
			first := first + position*span
			if first >= to || first+span <= from {
				continue
			}
			s := int(reverse(uint64(position), step.Levels))
			if err := walk(e.child(step, s, images), depth+1, first); err != nil {
				return err
			}
		}
		return nil
	}
	return leaves, walk(e.root(column), 0, 0)
}

// root is the column with its seeded half, times 1/N, which the factors R of all
// steps undo.
func (e *Engine) root(column he.SeededCiphertext) *rlwe.Ciphertext {
	n, level := e.chain.N(), len(e.chain.ColumnPrimes())-1
	ringQ := e.params.RingQ().AtLevel(level)
	root := rlwe.NewCiphertext(e.params, 1, level)
	root.IsNTT = true
	for l, q := range e.chain.ColumnPrimes() {
		for j, x := range column.C0[l*n : (l+1)*n] {
			root.Value[0].Coeffs[l][j] = uint64(x)
		}
		copy(root.Value[1].Coeffs[l], uniform(column.Seed, 0, l, n, q))
	}
	inverse := new(big.Int).ModInverse(big.NewInt(int64(n)), ringQ.ModulusAtLevel[level])
	for _, poly := range root.Value {
		ringQ.MulScalarBigint(poly, inverse, poly)
	}
	return root
}

// image is P times the node under X → X^g, modulo Q·P.
func (e *Engine) image(node *rlwe.Ciphertext, g uint64) (*rlwe.Element[ringqp.Poly], error) {
	rings := e.params.RingQP()
	product := rlwe.NewElementExtended(e.params, 1, node.Level(), e.params.MaxLevelP())
	product.IsNTT = true
	scaled := rings.RingQ.NewPoly()
	rings.RingQ.MulScalarBigint(node.Value[0], rings.RingP.ModulusAtLevel[0], scaled)
	if g == 1 {
		product.Value[0].Q.Copy(scaled)
		rings.RingQ.MulScalarBigint(node.Value[1], rings.RingP.ModulusAtLevel[0], product.Value[1].Q)
		return product, nil
	}
	key, err := e.evaluator.CheckAndGetGaloisKey(g)
	if err != nil {
		return nil, err
	}
	e.evaluator.GadgetProductLazy(node.Level(), node.Value[1], &key.GadgetCiphertext, product)
	rings.RingQ.Add(product.Value[0].Q, scaled, product.Value[0].Q)
	image := rlwe.NewElementExtended(e.params, 1, node.Level(), e.params.MaxLevelP())
	for c := range image.Value {
		rings.AutomorphismNTTWithIndex(product.Value[c], e.evaluator.AutomorphismIndex(g), image.Value[c])
	}
	return image, nil
}

// child is child s of a node with the given images, divided by P.
func (e *Engine) child(step he.ExpansionStep, s int, images []*rlwe.Element[ringqp.Poly]) *rlwe.Ciphertext {
	rings := e.params.RingQP()
	n, R := e.chain.N(), step.Children()
	level := len(e.chain.ColumnPrimes()) - 1
	out := rlwe.NewCiphertext(e.params, 1, level)
	out.IsNTT = true
	for c := range out.Value {
		sum := rings.NewPoly()
		for k, image := range images {
			// ω^(−sk), with X^N = −1.
			rings.MulCoeffsMontgomeryThenAdd(image.Value[c], e.monomial(-s*k*2*n/R), sum)
		}
		rings.MulCoeffsMontgomery(sum, e.monomial(-s<<step.Depth), sum)
		e.evaluator.BasisExtender.ModDownQPtoQNTT(level, 0, sum.Q, sum.P, out.Value[c])
	}
	return out
}

// monomial is X^exponent in the transformed domain and Montgomery form.
func (e *Engine) monomial(exponent int) ringqp.Poly { return monomial(e.params, exponent) }

func monomial(params rlwe.Parameters, exponent int) ringqp.Poly {
	rings, n := params.RingQP(), params.N()
	exponent = ((exponent % (2 * n)) + 2*n) % (2 * n)
	poly := rings.NewPoly()
	for _, r := range []struct {
		*ring.Ring
		ring.Poly
	}{{rings.RingQ, poly.Q}, {rings.RingP, poly.P}} {
		for l, s := range r.SubRings {
			r.Coeffs[l][exponent%n] = 1
			if exponent >= n {
				r.Coeffs[l][exponent%n] = s.Modulus - 1
			}
		}
		r.NTT(r.Poly, r.Poly)
		r.MForm(r.Poly, r.Poly)
	}
	return poly
}

// reverse reverses the lowest `width` bits.
func reverse(x uint64, width int) (r uint64) {
	for range width {
		r, x = r<<1|x&1, x>>1
	}
	return r
}

// drop divides by the dropped primes, rounding to nearest.
func (e *Engine) drop(ct *rlwe.Ciphertext) *rlwe.Ciphertext {
	level := len(e.chain.ColumnPrimes()) - 1
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

package he

import (
	"fmt"
	"math/bits"
)

// A Scorer is an engine for scores: it multiplies the ciphertexts of samples by
// polynomials of weights, sums over blocks and planes, and packs the answers. It
// holds no secret. All scorers return the same residues, bit for bit. Methods may be
// called from several goroutines, but one Scores is for one goroutine at a time.
//
// A *lane* is a block and plane: a chunk of it holds N positions for each sample, and
// a score has N weights for it. With
//
//	w(X) = w_0 − Σ_{j≥1} w_j·X^(N−j)
//
// the constant coefficient of v(X)·w(X) is Σ_j v_j·w_j, as X^N = −1. The other
// coefficients mix weights in other ways, and packing erases them.
type Scorer interface {
	// Prepare transforms the weights [lane][score][position] of some lanes. A lane's
	// weights may be fewer than N; the rest count as zero. Prepared weights are as large
	// as 4 bytes for every weight and prime, and serve any number of chunks.
	Prepare(weights [][][]int64) (Weights, error)

	// PrepareEncrypted prepares the weights [lane][score] of encrypted models
	// (ModelEncryptor.EncryptWeights).
	PrepareEncrypted(models [][]SeededCiphertext) (Weights, error)

	// NewScores starts answers for up to ChunkSamples samples at zero, for as many
	// scores as w has, which may be the weights of any of the lanes to come. It takes
	// 0.33 MB a sample and score where V = 1, half as much again where
	// models are encrypted.
	NewScores(samples int, w Weights) Scores

	// Add multiplies chunks of these samples, one for each lane of w in its order, and
	// adds the products. Every lane of the cohort is added once, some at a time: the
	// answers in progress are read from memory once for sixteen lanes or fewer, but once
	// for all if few are.
	Add(s Scores, w Weights, chunks []Chunk) error

	// Pack returns the nodes of these samples: one ciphertext of two components for each
	// score, the root of a subtree of ChunkLevels levels. The scores must not be used
	// afterwards.
	Pack(s Scores) ([]Sum, error)

	// Join merges two neighbouring nodes of 2^(level−1) samples to their parent. odd may
	// be the zero Sum, a node without samples.
	Join(level int, even, odd Sum) (Sum, error)
}

// CheckNodes refuses what Join cannot merge.
func (c Chain) CheckNodes(level int, even, odd Sum) error {
	if level < 1 || level > c.LogN {
		return fmt.Errorf("a tree of %d levels has no level %d", c.LogN, level)
	}
	nodes := []Sum{even}
	if odd.Components > 0 {
		nodes = append(nodes, odd)
	}
	for _, node := range nodes {
		if err := node.Validate(c); err != nil {
			return err
		}
		if node.Components != 2 {
			return fmt.Errorf("a node of %d components; it has 2", node.Components)
		}
	}
	return nil
}

// Weights are the prepared weights of some lanes, in a form of the scorer's own.
type Weights interface {
	Lanes() int
	Scores() int
}

// Scores are the answers in progress of some samples, in a form of the scorer's own.
type Scores interface {
	Samples() int
}

// ChunkLevels is the number of levels of the packing tree above the samples of a
// full chunk, log2 ChunkSamples.
const ChunkLevels = 6

// A Tile packs the answers of up to N consecutive samples of one score into one
// ciphertext, from the nodes of their chunks in order. It holds at most one node a
// level.
//
// The tree is that of Chen, Dai, Kim and Song (ACNS 2021): at level l = 1 … log N,
// two nodes become
//
//	(even + X^(N/2^l)·odd) + σ(even − X^(N/2^l)·odd),   σ: X → X^(2^l+1).
//
// A node of level l has answers at the coefficients whose index is a multiple of
// N/2^l, and what other coefficients hold of the products is cancelled by the levels
// that remain. So every tile goes through all levels, however few its samples are:
// neighbours that are absent are zero. Sample i stands at coefficient bitreverse(i),
// as in a packed column. Doubling at each level undoes the factor 1/N of prepared
// weights.
type Tile struct {
	scorer Scorer
	chain  Chain
	nodes  []Sum // [level], of zero or one node each
	count  int   // chunks
}

// NewTile starts a tile without samples.
func NewTile(scorer Scorer, chain Chain) *Tile {
	return &Tile{scorer: scorer, chain: chain, nodes: make([]Sum, chain.LogN+1)}
}

// ContinueTile is a tile in the state that State gave, perhaps from a file.
func ContinueTile(scorer Scorer, chain Chain, chunks int, nodes []Sum) (*Tile, error) {
	if chunks < 0 || chunks > chain.N()/ChunkSamples || len(nodes) != bits.OnesCount(uint(chunks)) {
		return nil, fmt.Errorf("%d nodes do not make a tile of %d chunks", len(nodes), chunks)
	}
	t := NewTile(scorer, chain)
	t.count = chunks
	for b := 0; len(nodes) > 0; b++ {
		if chunks>>b&1 == 0 {
			continue
		}
		if err := nodes[0].Validate(chain); err != nil {
			return nil, err
		}
		t.nodes[ChunkLevels+b], nodes = nodes[0], nodes[1:]
	}
	return t, nil
}

// State is the number of chunks and the tile's nodes: one for every bit that is set in
// the number of chunks, lowest first. They must not be changed.
func (t *Tile) State() (chunks int, nodes []Sum) {
	for _, node := range t.nodes {
		if node.Components > 0 {
			nodes = append(nodes, node)
		}
	}
	return t.count, nodes
}

// Add joins the node of the next chunk (Scorer.Pack), perhaps from a file. All but
// the last are of full chunks.
func (t *Tile) Add(node Sum) error {
	if err := node.Validate(t.chain); err != nil {
		return err
	}
	if node.Components != 2 {
		return fmt.Errorf("a node of %d components where packing makes 2", node.Components)
	}
	if t.count == t.chain.N()/ChunkSamples {
		return fmt.Errorf("a tile takes %d chunks", t.count)
	}
	t.count++
	level := ChunkLevels
	for ; t.nodes[level].Components > 0; level++ {
		parent, err := t.scorer.Join(level+1, t.nodes[level], node)
		if err != nil {
			return err
		}
		t.nodes[level], node = Sum{}, parent
	}
	t.nodes[level] = node
	return nil
}

// Sum returns the tile's ciphertext. The tile must not be used afterwards.
func (t *Tile) Sum() (Sum, error) {
	if t.count == 0 {
		return Sum{}, fmt.Errorf("a tile without samples")
	}
	var node Sum // of the last samples, up to the level
	for level := ChunkLevels; level < t.chain.LogN; level++ {
		even, odd := t.nodes[level], node
		if even.Components == 0 {
			even, odd = node, Sum{}
		}
		if even.Components == 0 {
			continue
		}
		parent, err := t.scorer.Join(level+1, even, odd)
		if err != nil {
			return Sum{}, err
		}
		node = parent
	}
	if node.Components == 0 {
		node = t.nodes[t.chain.LogN]
	}
	return node, nil
}

// WeightPolynomial is w(X) of up to n weights in coefficients (Scorer).
func WeightPolynomial(weights []int64, n int) []int64 {
	polynomial := make([]int64, n)
	for j, w := range weights {
		if j == 0 {
			polynomial[0] = w
		} else {
			polynomial[n-j] = -w
		}
	}
	return polynomial
}

// CheckWeights checks the shape [lane][score][position] of weights and their range,
// within ±2^40, for scorers.
func (c Chain) CheckWeights(weights [][][]int64) error {
	if len(weights) == 0 || len(weights[0]) == 0 {
		return fmt.Errorf("no weights")
	}
	for _, lane := range weights {
		if len(lane) != len(weights[0]) {
			return fmt.Errorf("weights of %d scores in one lane and of %d in another", len(weights[0]), len(lane))
		}
		for _, w := range lane {
			if err := checkWeights(w, c.N(), maxNorm); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckModels checks the shape [lane][score] of encrypted models and every residue,
// for scorers.
func (c Chain) CheckModels(models [][]SeededCiphertext) error {
	if len(models) == 0 || len(models[0]) == 0 {
		return fmt.Errorf("no weights")
	}
	for _, lane := range models {
		if len(lane) != len(models[0]) {
			return fmt.Errorf("weights of %d scores in one lane and of %d in another", len(models[0]), len(lane))
		}
		for _, model := range lane {
			if err := model.Validate(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkWeights(weights []int64, n int, limit int64) error {
	if len(weights) > n {
		return fmt.Errorf("%d weights for %d positions", len(weights), n)
	}
	for _, w := range weights {
		if w > limit || w < -limit {
			return fmt.Errorf("a weight is outside ±%d", limit)
		}
	}
	return nil
}

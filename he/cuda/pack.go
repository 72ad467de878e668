//go:build cuda

package cuda

import (
	"genoveil/gpu"
	"genoveil/he"
)

// packScores is the number of scores whose nodes are joined together: 55 MB each with five
// primes and N = 8192.
const packScores = 8

// Pack gathers samples from the tiles, relinearises them where models are encrypted, and
// merges pairs, level by level. Places without samples are nodes of zeros.
func (e *Scorer) Pack(answers he.Scores) ([]he.Sum, error) {
	s := answers.(*scores)
	u := s.u
	u.mu.Lock()
	defer u.mu.Unlock()
	node := e.chain.SumLen(2)
	a, free, err := u.scratch(s.scores * he.ChunkSamples * node)
	if err != nil {
		return nil, err
	}
	defer free()
	nodes := a[0]
	if err := u.leaves(nodes, s); err != nil {
		return nil, err
	}
	for first := 0; first < s.scores; first += packScores {
		last := min(first+packScores, s.scores)
		own := nodes.Slice(first*he.ChunkSamples*node, last*he.ChunkSamples*node)
		for level := 1; level <= he.ChunkLevels; level++ {
			if err := u.join(level, own, own.Slice(node<<(level-1), own.Len()), node<<level, (last-first)*he.ChunkSamples>>level); err != nil {
				return nil, err
			}
		}
	}
	var sums []he.Sum
	for k := range s.scores {
		sum := he.Sum{Components: 2, Residues: make([]uint32, node)}
		if err := u.compute.Read(sum.Residues, nodes.Slice(k*he.ChunkSamples*node, (k*he.ChunkSamples+1)*node)); err != nil {
			return nil, err
		}
		sums = append(sums, sum)
	}
	if s.sums.Len() > 0 {
		u.device.Free(s.sums)
	}
	s.sums = gpu.Words{}
	return sums, nil
}

// leaves writes the nodes of all samples, [score][ChunkSamples][2][prime][N].
func (u *packer) leaves(nodes gpu.Words, s *scores) error {
	primes, node := len(u.chain.Sums), u.chain.SumLen(2)
	if err := u.compute.Zero(nodes); err != nil || s.sums.Len() == 0 {
		return err
	}
	if s.components == 2 {
		return u.ring.Gather(u.compute, nodes, s.sums, s.scores, 2, s.samples, he.ChunkSamples, primes)
	}
	size := u.chain.SumLen(3)
	a, free, err := u.scratch(s.scores*s.samples*size, s.samples*node)
	if err != nil {
		return err
	}
	defer free()
	three, switched := a[0], a[1]
	if err := u.ring.Gather(u.compute, three, s.sums, s.scores, 3, s.samples, s.samples, primes); err != nil {
		return err
	}
	for k := range s.scores {
		own := three.Slice(k*s.samples*size, (k+1)*s.samples*size)
		if err := u.keySwitch(switched, own.Slice(node, own.Len()), size, s.samples, u.relinearize); err != nil {
			return err
		}
		for i := range s.samples {
			leaf := nodes.Slice((k*he.ChunkSamples+i)*node, (k*he.ChunkSamples+i+1)*node)
			if err := u.ring.AddRows(u.compute, leaf, switched.Slice(i*node, (i+1)*node), own.Slice(i*size, i*size+node), 0, primes); err != nil {
				return err
			}
		}
	}
	return nil
}

// join merges `count` pairs of nodes to nodes of a level, where the even ones were. The
// nodes of pair p stand at even[p·stride:] and odd[p·stride:].
func (u *packer) join(level int, even, odd gpu.Words, stride, count int) error {
	primes, node := len(u.chain.Sums), u.chain.SumLen(2)
	a, free, err := u.scratch(count*node, count*node)
	if err != nil {
		return err
	}
	defer free()
	difference, switched := a[0], a[1]
	if err := u.ring.JoinBefore(u.compute, difference, even, odd, u.n>>level, stride, count, primes); err != nil {
		return err
	}
	if err := u.keySwitch(switched, difference.Slice(node/2, difference.Len()), node, count, u.keys[level-1]); err != nil {
		return err
	}
	return u.ring.JoinAfter(u.compute, even, difference, switched, 1<<level+1, stride, count, primes)
}

// Join merges two nodes.
func (e *Scorer) Join(level int, even, odd he.Sum) (he.Sum, error) {
	u := e.units[0]
	if err := e.chain.CheckNodes(level, even, odd); err != nil {
		return he.Sum{}, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	size := e.chain.SumLen(2)
	a, free, err := u.scratch(2 * size)
	if err != nil {
		return he.Sum{}, err
	}
	defer free()
	pair := a[0]
	if err := u.compute.Zero(pair); err != nil {
		return he.Sum{}, err
	}
	for i, node := range []he.Sum{even, odd} {
		if node.Components == 0 {
			continue
		}
		if err := u.compute.Write(pair.Slice(i*size, (i+1)*size), node.Residues); err != nil {
			return he.Sum{}, err
		}
	}
	if err := u.join(level, pair, pair.Slice(size, 2*size), 2*size, 1); err != nil {
		return he.Sum{}, err
	}
	parent := he.Sum{Components: 2, Residues: make([]uint32, size)}
	return parent, u.compute.Read(parent.Residues, pair.Slice(0, size))
}

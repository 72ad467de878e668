package pipeline

import (
	"errors"
	"fmt"
	"slices"

	"genoveil/kernels/cpu"
)

// Merge adds the sums of shards into one .sums file. The shards must answer the
// same query on the same cohort and must not overlap; they need not be all.
func Merge(paths []string, out string) (*SumsMeta, error) {
	var shards []*Sums
	defer func() {
		for _, s := range shards {
			s.Close()
		}
	}()
	for _, path := range paths {
		s, err := OpenSums(path)
		if err != nil {
			return nil, err
		}
		shards = append(shards, s)
	}
	if len(shards) == 0 {
		return nil, errors.New("no sums to merge")
	}
	meta, err := mergeMeta(shards)
	if err != nil {
		return nil, err
	}
	w, index, err := meta.create(out)
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	add, err := newAdder(meta)
	if err != nil {
		return nil, err
	}
	for e, i := range index {
		var total []uint32
		for _, s := range shards {
			if _, ok := s.index[e]; !ok {
				continue
			}
			sum, err := s.read(e)
			if err != nil {
				return nil, err
			}
			if total == nil {
				total = sum.Residues
			} else {
				add(total, sum.Residues)
			}
		}
		if err := w.WriteChunk(i, bytesOf(total)); err != nil {
			return nil, err
		}
	}
	_, err = w.Commit()
	return meta, err
}

// mergeMeta checks that shards belong together and joins their parts.
func mergeMeta(shards []*Sums) (*SumsMeta, error) {
	type owned struct {
		Part
		name string
	}
	var parts []owned
	first := shards[0]
	for _, s := range shards {
		switch {
		case s.Cohort != first.Cohort:
			return nil, fmt.Errorf("%s: comes from another cohort than %s", s.file.Name(), first.file.Name())
		case s.Traits != first.Traits:
			return nil, fmt.Errorf("%s: answers another query than %s", s.file.Name(), first.file.Name())
		case s.Components != first.Components || !s.Params.Equal(first.Params) || s.Samples != first.Samples || !equalSections(s.Sections, first.Sections) ||
			!equalBlocks(s.Blocks, first.Blocks):
			return nil, fmt.Errorf("%s: does not have the shape of %s", s.file.Name(), first.file.Name())
		}
		for _, p := range s.Parts {
			parts = append(parts, owned{p, s.file.Name()})
		}
	}
	slices.SortFunc(parts, func(a, b owned) int { return a.From - b.From })
	meta := first.SumsMeta
	meta.Parts = nil
	for i, p := range parts {
		if i > 0 && p.From < parts[i-1].To {
			return nil, fmt.Errorf("%s and %s both contain sample %d; leave one out", parts[i-1].name, p.name, p.From+1)
		}
		if n := len(meta.Parts); n > 0 && meta.Parts[n-1].To == p.From {
			meta.Parts[n-1].To = p.To
		} else {
			meta.Parts = append(meta.Parts, p.Part)
		}
	}
	return &meta, nil
}

// newAdder returns the addition of two entries, row by row of N residues.
func newAdder(meta *SumsMeta) (func(dst, src []uint32), error) {
	chain := meta.Params.Chain()
	var moduli []cpu.Modulus
	for _, q := range chain.Sums {
		m, err := cpu.NewModulus(q)
		if err != nil {
			return nil, err
		}
		moduli = append(moduli, m)
	}
	n := chain.N()
	return func(dst, src []uint32) {
		for row := 0; row*n < len(dst); row++ {
			d := dst[row*n : (row+1)*n]
			moduli[row%len(moduli)].AddVec(d, d, src[row*n:])
		}
	}, nil
}

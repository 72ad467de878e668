package model

import (
	"fmt"
	"slices"

	"genoveil/genomics/score"
	"genoveil/he"
	"genoveil/pipeline/format"
)

// FixModel rounds a model to the integers that a cohort is evaluated with. blocks are
// the cohort's. The intercept, unless it is nil, is added to every score.
func FixModel(m *score.Model, params he.ScoreParams, encoding format.Encoding, blocks []format.Block, intercept *float64) (*PlainModel, error) {
	n := params.N()
	if variants := len(m.Alt[0]); (variants+n-1)/n != len(blocks) {
		return nil, fmt.Errorf("%d variants do not fit %d blocks", variants, len(blocks))
	}
	added := 0.0
	if intercept != nil {
		added = *intercept
	}
	hasMissing := func(variant int) bool { return slices.Contains(blocks[variant/n].Planes, format.Missing) }
	limits := score.Limits{Answer: params.MaxAnswer(), Norm: params.MaxNorm(), Steps: encoding.Steps()}
	p := &PlainModel{Blocks: len(blocks), Weights: map[format.Plane][][][]int64{format.Dosage: make([][][]int64, len(blocks)), format.Missing: make([][][]int64, len(blocks))}}
	for s, name := range m.Names {
		fixed, err := m.Fix(s, added, limits, hasMissing)
		if err != nil {
			return nil, err
		}
		d := &p.Description
		d.Names, d.Exponents = append(d.Names, name), append(d.Exponents, fixed.Exponent)
		d.Weights, d.Intercept = append(d.Weights, m.Matched[s]), append(d.Intercept, intercept != nil)
		p.Constants = append(p.Constants, fixed.Constant)
		p.Vanished = append(p.Vanished, fixed.Vanished)
		for plane, weights := range map[format.Plane][]int64{format.Dosage: fixed.Alt, format.Missing: fixed.Missing} {
			for b, block := range blocks {
				if slices.Contains(block.Planes, plane) {
					p.Weights[plane][b] = append(p.Weights[plane][b], weights[b*n:min(b*n+n, len(weights))])
				}
			}
		}
	}
	if err := p.Description.Validate(len(m.Names)); err != nil {
		return nil, err
	}
	return p, nil
}

package computation

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"genoveil/genomics/meta"
	"genoveil/pipeline/study/protocol"
)

// calibrated is how a site compares with the others, at variants of the charter.
type calibrated struct {
	Slope meta.Slope `json:"slope"` // of effects at controls
	Null  meta.Slope `json:"null"`  // correlation of z at the null variants
}

// core is what the calibration adds up: w, w·β and N.
func (m *metaAnalysis) core() *meta.Study {
	return &meta.Study{Scheme: m.study.Scheme, Contributors: m.study.Contributors, N: m.study.N, ResidualSD: m.study.ResidualSD, Core: true}
}

// chooseCalibration keeps the variants of the charter's list that are chosen in some cell.
func (m *metaAnalysis) chooseCalibration() error {
	path, err := m.File(m.Charter.Calibration)
	if err != nil {
		return err
	}
	l, err := m.any()
	if err != nil {
		return err
	}
	controls, nulls, err := readCalibration(path, l)
	if err != nil {
		return err
	}
	keep := func(all []int32) []int32 {
		return slices.DeleteFunc(all, func(v int32) bool {
			for c := range m.chosen {
				if m.number(c, v) >= 0 {
					return false
				}
			}
			return true
		})
	}
	m.controls, m.nulls = keep(controls), keep(nulls)
	for what, n := range map[string]int{"controls": len(m.controls), "null variants": len(m.nulls)} {
		if n > 0 && n < leastCalibration {
			return fmt.Errorf("%d %s of the calibration are variants that enough sites have; with fewer than %d, what sites say of them would tell their estimates", n, what, leastCalibration)
		}
	}
	return nil
}

// leastCalibration is how many variants a slope or correlation is over. Of a single one, it
// would be the site's own estimate.
const leastCalibration = 10

// rounded leaves of a slope what a person looks at.
func rounded(s meta.Slope) meta.Slope {
	const unit = 1024
	s.Value, s.SE = math.Round(s.Value*unit)/unit, math.Round(s.SE*unit)/unit
	return s
}

// variants of the calibration, controls first.
func (m *metaAnalysis) calibration() []int32 { return slices.Concat(m.controls, m.nulls) }

// writeCalibration writes core words of each variant, cell after cell; zeros where it is not
// chosen in the cell.
func (m *metaAnalysis) writeCalibration(at int, words []uint64) error {
	all, err := m.ownCalibration()
	if err != nil {
		return err
	}
	copy(words, all[at:])
	return nil
}

func (m *metaAnalysis) ownCalibration() ([]uint64, error) {
	core, variants := m.core(), m.calibration()
	width := len(core.Words())
	var all []uint64
	for c := range m.Analysis.Cells {
		section := make([]uint64, len(variants)*width)
		all = append(all, section...)
		h, err := m.harmonised(c)
		if err != nil {
			return nil, err
		}
		if h == nil {
			continue
		}
		l, err := m.list(m.Analysis.Cells[c].Ancestry)
		if err != nil {
			return nil, err
		}
		own := all[len(all)-len(section):]
		for k, v := range variants {
			if m.number(c, v) < 0 {
				continue
			}
			if err := h.EncodeAt(own[k*width:][:width], core, l, []int32{v}, nil, m.lambda(c)); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// takeCalibration keeps the totals, and refuses what cannot be some.
func (m *metaAnalysis) takeCalibration(total *protocol.Vector) error {
	m.totals = make([]uint64, total.Len)
	if err := total.Read(0, m.totals); err != nil {
		return err
	}
	_, err := m.estimates(m.totals)
	return err
}

func (m *metaAnalysis) contributor() bool { return slices.Contains(m.Analysis.Sites, m.Name) }

// estimates are those of the sums of all cells.
func (m *metaAnalysis) estimates(words []uint64) ([]meta.Estimate, error) {
	core, variants := m.core(), m.calibration()
	width := len(core.Words())
	sums := make([]meta.Total, len(variants))
	for c := range m.Analysis.Cells {
		l, err := m.list(m.Analysis.Cells[c].Ancestry)
		if err != nil {
			return nil, err
		}
		for k, v := range variants {
			t, err := core.Decode(words[(c*len(variants)+k)*width:][:width], l.AF(int(v)))
			if err != nil {
				return nil, err
			}
			sums[k] = sums[k].Plus(&t)
		}
	}
	all := make([]meta.Estimate, len(sums))
	for k := range sums {
		all[k] = core.Others(&sums[k])
	}
	return all, nil
}

// Statement is how this site's effects compare with those of the others.
func (m *metaAnalysis) Statement() (any, error) {
	words, err := m.ownCalibration()
	if err != nil {
		return nil, err
	}
	own, err := m.estimates(words)
	if err != nil {
		return nil, err
	}
	rest := slices.Clone(m.totals)
	for i := range rest {
		rest[i] -= words[i]
	}
	others, err := m.estimates(rest)
	if err != nil {
		return nil, err
	}
	n := len(m.controls)
	return calibrated{rounded(meta.EffectSlope(own[:n], others[:n])), rounded(meta.NullCorrelation(own[n:], others[n:]))}, nil
}

// Hear takes what all sites found, or that all agreed.
func (m *metaAnalysis) Hear(said map[string]json.RawMessage) (err error) {
	if m.stage == comparison {
		m.said, err = declarations[calibrated](said)
	}
	m.stage++
	return err
}

// Problems is what the cards and comparisons show to be wrong.
func (m *metaAnalysis) Problems() []string {
	var all []string
	for _, site := range m.Analysis.Sites {
		if c := m.said[site]; c != nil {
			for _, p := range meta.CalibrationProblems(c.Slope, c.Null) {
				all = append(all, fmt.Sprintf("site %s: %s", site, p))
			}
		}
	}
	return all
}

// Review is a line a site.
func (m *metaAnalysis) Review() []string {
	lines := []string{fmt.Sprintf("analysis %s: each site against the others, at %d controls and %d null variants", m.Analysis.Name, len(m.controls), len(m.nulls))}
	for _, site := range m.Analysis.Sites {
		if c := m.said[site]; c != nil {
			lines = append(lines, fmt.Sprintf("  %-32s effects %s, z of null variants %s", site, slopeText(c.Slope.Value, c.Slope.SE), slopeText(c.Null.Value, c.Null.SE)))
		}
	}
	return lines
}

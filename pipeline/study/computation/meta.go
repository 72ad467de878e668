package computation

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"genoveil/genomics/meta"
	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/protocol"
	"genoveil/secagg"
)

// leastPooled is how many minor alleles a variant has over all sites.
const leastPooled = 20

// A metaAnalysis adds up tables: how many sites have each variant of the list; counts of
// samples and alleles at those that enough sites have; a calibration at some of these, of
// which each site says how it compares with the others; and the association.
type metaAnalysis struct {
	*tables
	study    meta.Study
	declared map[string]*tablesDeclared

	stage           int
	chosen          [][]int32 // numbers of the variants that are added up, by cell
	squares         [][]bool  // of these, whether enough sites have them for sums of squares
	controls, nulls []int32   // for the calibration
	totals          []uint64  // of the calibration

	said map[string]*calibrated
}

// Stages of a meta-analysis. Those from calibration to qc are there where the charter has a
// list for them.
const (
	presence = iota
	counts
	calibration
	comparison
	qc
	association
	complete
)

var metaStages = []string{"presence", "counts", "calibration", "comparison", "qc", "association"}

func newMeta(s *Study) (*metaAnalysis, error) {
	t, a := newTables(s), s.Analysis
	m := &metaAnalysis{tables: t, study: meta.Study{
		Scheme: t.scheme(), ResidualSD: t.trait.SD, Core: a.Core, Heterogeneity: a.Heterogeneity, FrequencySE: a.FrequencySE, Tau: a.Tau,
	}}
	for i := range a.Cells {
		m.study.Contributors += len(a.Cells[i].Sites)
	}
	return m, nil
}

// Dry reads the tables.
func (m *metaAnalysis) Dry() (*Dry, error) {
	d := &Dry{}
	declared := tablesDeclared{map[string]declaredTable{}}
	for i, cell := range m.Analysis.Cells {
		st, err := m.stratum(i)
		if err != nil {
			return nil, err
		}
		if st == nil {
			continue
		}
		h, err := m.harmonised(i)
		if err != nil {
			return nil, err
		}
		l, err := m.list(cell.Ancestry)
		if err != nil {
			return nil, err
		}
		card := h.Card(l)
		used, err := m.used(&cell, st, card.N)
		if err != nil {
			return nil, err
		}
		d.Used = append(d.Used, used)
		declared.Cells[cell.Name] = declaredTable{card, m.lambdas[i], st.Cohort, st.Software, st.Panel, st.Covariates}
		d.Lines = append(d.Lines, fmt.Sprintf("cell %s, table %s:", cell.Name, m.Site.Path(st.Tables[m.trait.Name].File)))
		for _, row := range meta.CardTable([]string{m.Name}, []meta.Card{card})[1:] {
			d.Lines = append(d.Lines, fmt.Sprintf("  %-36s %s", row[0], row[1]))
		}
		problems := h.Problems(&card, &m.study)
		if card.N == 0 {
			return nil, fmt.Errorf("cell %s, table %s: %s", cell.Name, st.Tables[m.trait.Name].File, nothingLeft(&card, problems))
		}
		for _, p := range problems {
			d.Problems = append(d.Problems, fmt.Sprintf("cell %s: %s", cell.Name, p))
		}
		if len(d.Problems) > 0 && !m.Analysis.Allows(charter.CardsAsIs) {
			continue
		}
		if err := m.tryOut(h, l, card.N); err != nil {
			return nil, fmt.Errorf("cell %s, table %s: %w. Correct this variant, or leave it out", cell.Name, st.Tables[m.trait.Name].File, err)
		}
	}
	d.Declared = declared
	if err := declared.check(m.Analysis, m.Name); err != nil {
		return nil, err
	}
	d.Lines = append(d.Lines, "leaves the house, masked: which variants of the list this site has; of those that enough sites have the numbers of samples and alleles, and then "+listed(m.study.Words()))
	return d, nil
}

// nothingLeft says why a table has nothing to contribute.
func nothingLeft(card *meta.Card, problems []string) string {
	switch {
	case len(problems) > 0:
		return "no variant is left: " + strings.Join(problems, "; ")
	case card.Rows == 0:
		return "it has no rows"
	}
	reasons := slices.Sorted(maps.Keys(card.Skipped))
	for i, r := range reasons {
		reasons[i] = fmt.Sprintf("%d rows: %s", card.Skipped[r], r)
	}
	return fmt.Sprintf("no variant of its %d rows is left (%s). Where it has no column of N, give n in site.yaml", card.Rows, strings.Join(reasons, "; "))
}

// tryOut encodes what could be contributed, so that a variant whose numbers cannot be is
// found before the table is approved. How many samples all sites have is not known yet.
func (m *metaAnalysis) tryOut(h *meta.Harmonised, l *meta.List, n int) error {
	study := m.study
	study.N = n * study.Contributors
	words := make([]uint64, len(study.Words()))
	for v := range h.Estimates {
		if err := h.EncodeAt(words, &study, l, []int32{int32(v)}, nil, 1); err != nil {
			return err
		}
	}
	return nil
}

// Known says what becomes known to whom.
func (m *metaAnalysis) Known() []string {
	f := m.Charter.Filters
	return []string{
		fmt.Sprintf("left out of the tables: INFO below %g, minor allele count below %g, effective N below %g; and fewer than %d minor alleles", f.Info, f.MAC, f.NEff, meta.LeastMinorAlleles),
		"everybody sees: a card of each table, and who takes part in which cell",
		fmt.Sprintf("becomes known to all parties: how many sites have each variant; at those that %d or more have, the totals of samples and alleles", m.Charter.Least()),
		"becomes known to " + strings.Join(m.Analysis.Recipients, ", ") + ": the totals of the association",
	}
}

func listed(words []meta.Word) string {
	var names []string
	for _, w := range words {
		names = append(names, w.String())
	}
	return strings.Join(names, ", ")
}

// Begin takes the cards.
func (m *metaAnalysis) Begin(declared map[string]json.RawMessage) (err error) {
	if m.declared, err = declarations[tablesDeclared](declared); err != nil {
		return err
	}
	for site, d := range m.declared {
		if err := d.check(m.Analysis, site); err != nil {
			return err
		}
		for _, t := range d.Cells {
			m.study.N += t.Card.N
		}
	}
	if err := m.study.CheckTally(); err != nil {
		return err
	}
	if err := m.checkLambdas(); err != nil {
		return err
	}
	return m.study.Check()
}

// Next is the next stage.
func (m *metaAnalysis) Next() (protocol.Stage, error) {
	if m.stage == calibration && m.Charter.Calibration == nil {
		m.stage = association
	}
	if m.stage == complete {
		return protocol.Stage{}, nil
	}
	s := protocol.Stage{Form: protocol.Sum, Name: metaStages[m.stage], Width: secagg.Words64, ToAll: true}
	switch m.stage {
	case presence:
		n, err := m.presenceLen()
		if err != nil {
			return s, err
		}
		s.Len = len(m.Analysis.Cells) * n
	case counts:
		s.Len = m.chosenWords(1)
	case calibration:
		s.Len = len(m.Analysis.Cells) * len(m.calibration()) * len(m.core().Words())
		if s.Len == 0 {
			return s, errors.New("no variant of the calibration is one that enough sites have")
		}
	case comparison:
		s.Form = protocol.Statement
	case qc:
		s.Form = protocol.Consent
	case association:
		s.ToAll, s.Len = false, m.chosenWords(len(m.study.Words()))
	}
	if s.Form == protocol.Sum && s.Len == 0 {
		return s, fmt.Errorf("there is no variant that enough sites have: at least %d, and %d minor alleles in all", m.Charter.Least(), leastPooled)
	}
	return s, nil
}

// chosenWords is how many words the chosen variants have.
func (m *metaAnalysis) chosenWords(width int) (n int) {
	for _, cell := range m.chosen {
		n += len(cell) * width
	}
	return n
}

// presenceLen is how many words tell who has which variants, for one cell.
func (m *metaAnalysis) presenceLen() (int, error) {
	n, err := m.length()
	return (n + meta.PresencesPerWord - 1) / meta.PresencesPerWord, err
}

// Write writes the own words of the stage.
func (m *metaAnalysis) Write(at int, words []uint64) error {
	switch m.stage {
	case presence:
		return m.writePresence(at, words)
	case counts:
		return m.writeChosen(at, words, 1, func(c int, h *meta.Harmonised, from int, whole []uint64) error {
			return h.Tally(whole, m.chosen[c][from:][:len(whole)])
		})
	case calibration:
		return m.writeCalibration(at, words)
	case association:
		return m.writeAssociation(at, words)
	}
	return errors.New("the stage has no vector")
}

// Take takes a total.
func (m *metaAnalysis) Take(total *protocol.Vector) (err error) {
	switch m.stage {
	case presence:
		err = m.takePresence(total)
	case counts:
		err = m.takeCounts(total)
	case calibration:
		err = m.takeCalibration(total)
	}
	m.stage++
	return err
}

// writePresence writes which variants of the list this site has, cell after cell.
func (m *metaAnalysis) writePresence(at int, words []uint64) error {
	n, err := m.presenceLen()
	if err != nil {
		return err
	}
	return spans(at, words, func(int) int { return n }, func(cell, from int, part []uint64) error {
		clear(part)
		h, err := m.harmonised(cell)
		if h == nil || err != nil {
			return err
		}
		h.Presence(part, from)
		return nil
	})
}

// spans cuts words from an element on into parts of one section each.
func spans(at int, words []uint64, size func(section int) int, write func(section, from int, part []uint64) error) error {
	section := 0
	for len(words) > 0 {
		n := size(section)
		if at >= n {
			at, section = at-n, section+1
			continue
		}
		part := words[:min(len(words), n-at)]
		if err := write(section, at, part); err != nil {
			return err
		}
		words, at = words[len(part):], at+len(part)
	}
	return nil
}

// readLen is how many elements of a total are read at once.
const readLen = 1 << 16

// takePresence chooses the variants that enough sites have.
func (m *metaAnalysis) takePresence(total *protocol.Vector) error {
	n, err := m.presenceLen()
	if err != nil {
		return err
	}
	cells := m.Analysis.Cells
	m.chosen, m.squares = make([][]int32, len(cells)), make([][]bool, len(cells))
	return read(total, func(at int, w uint64) error {
		c, first := at/n, at%n*meta.PresencesPerWord
		sites, err := meta.UnpackPresences(w, len(cells[c].Sites))
		if err != nil {
			return fmt.Errorf("cell %s: %w", cells[c].Name, err)
		}
		for j, k := range sites {
			if k >= m.least(c) {
				m.chosen[c] = append(m.chosen[c], int32(first+j))
				m.squares[c] = append(m.squares[c], k >= m.Charter.LeastSquares() || m.Analysis.Allows(charter.FewSquares))
			}
		}
		return nil
	})
}

// read reads a total word by word.
func read(total *protocol.Vector, take func(at int, w uint64) error) error {
	buffer := make([]uint64, readLen)
	for at := 0; at < total.Len; at += len(buffer) {
		words := buffer[:min(readLen, total.Len-at)]
		if err := total.Read(at, words); err != nil {
			return err
		}
		for k, w := range words {
			if err := take(at+k, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeCounts keeps the variants of which there are enough minor alleles.
func (m *metaAnalysis) takeCounts(total *protocol.Vector) error {
	cells := m.Analysis.Cells
	c, k, kept := 0, 0, 0
	err := read(total, func(_ int, w uint64) error {
		for k == len(m.chosen[c]) {
			m.keep(c, kept)
			c, k, kept = c+1, 0, 0
		}
		tally, err := meta.UnpackTally(w)
		if err != nil {
			return fmt.Errorf("cell %s: %w", cells[c].Name, err)
		}
		if tally.Sites > len(cells[c].Sites) || tally.Sites < m.least(c) || tally.Samples > m.study.N {
			return fmt.Errorf("cell %s: %d sites with %d samples have a variant: %w", cells[c].Name, tally.Sites, tally.Samples, meta.ErrImpossible)
		}
		if tally.MinorAlleles() >= leastPooled {
			m.chosen[c][kept], m.squares[c][kept] = m.chosen[c][k], m.squares[c][k]
			kept++
		}
		k++
		return nil
	})
	if err != nil {
		return err
	}
	for ; c < len(cells); c, kept = c+1, 0 {
		m.keep(c, kept)
	}
	if m.Charter.Calibration != nil {
		return m.chooseCalibration()
	}
	return nil
}

// keep keeps the first of the chosen variants of a cell.
func (m *metaAnalysis) keep(cell, n int) {
	m.chosen[cell], m.squares[cell] = m.chosen[cell][:n], m.squares[cell][:n]
}

// least is how many sites of a cell have a variant that is added up. A smaller cell is one
// to which all its sites consented, and then all of them have it.
func (m *metaAnalysis) least(cell int) int {
	return min(m.Charter.Least(), len(m.Analysis.Cells[cell].Sites))
}

// writeAssociation writes the words of the chosen variants, cell after cell.
func (m *metaAnalysis) writeAssociation(at int, words []uint64) error {
	width := len(m.study.Words())
	return m.writeChosen(at, words, width, func(c int, h *meta.Harmonised, from int, whole []uint64) error {
		l, err := m.list(m.Analysis.Cells[c].Ancestry)
		if err != nil {
			return err
		}
		to := from + len(whole)/width
		return h.EncodeAt(whole, &m.study, l, m.chosen[c][from:to], m.squares[c][from:to], m.lambda(c))
	})
}

// writeChosen writes words of the chosen variants, cell after cell, of width each. Encode
// writes those of whole variants from a number on.
func (m *metaAnalysis) writeChosen(at int, words []uint64, width int, encode func(cell int, h *meta.Harmonised, from int, whole []uint64) error) error {
	return spans(at, words, func(c int) int { return len(m.chosen[c]) * width }, func(c, from int, part []uint64) error {
		clear(part)
		h, err := m.harmonised(c)
		if h == nil || err != nil {
			return err
		}
		// A part may begin and end within a variant.
		first, last := from/width, (from+len(part)+width-1)/width
		whole := make([]uint64, (last-first)*width)
		if err := encode(c, h, first, whole); err != nil {
			return err
		}
		copy(part, whole[from-first*width:])
		return nil
	})
}

// lambda is the own genomic control of a cell whose table was read.
func (m *metaAnalysis) lambda(cell int) float64 {
	if m.Analysis.GenomicControl {
		return m.lambdas[cell]
	}
	return 1
}

// number finds a variant among the chosen of a cell, −1 where it is not.
func (m *metaAnalysis) number(cell int, variant int32) int {
	if k, there := slices.BinarySearch(m.chosen[cell], variant); there {
		return k
	}
	return -1
}

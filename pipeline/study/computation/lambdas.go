package computation

import (
	"fmt"
	"slices"
	"strings"

	"genoveil/pipeline/study/charter"
)

// checkLambdas looks at the λ of the tables, where the trait's scores are opened with genomic
// control and without it. When the analysis was proposed, these counted as numbers of which
// no two are the same. But λ is 1 at the least, and so it is 1 at many sites. The totals with
// it and without it, one less a multiple of the other, then stand on the sites of which it is
// not.
func (m *metaAnalysis) checkLambdas() error {
	if !m.bothFactors() {
		return nil
	}
	for i := range m.Analysis.Cells {
		cell := &m.Analysis.Cells[i]
		sites := map[float64][]string{}
		for _, site := range cell.Sites {
			l := m.declared[site].Cells[cell.Name].Lambda
			sites[l] = append(sites[l], site)
		}
		for l, same := range sites {
			rest := slices.DeleteFunc(slices.Clone(cell.Sites), func(s string) bool { return slices.Contains(same, s) })
			if len(rest) == 0 || len(rest) >= m.Charter.Least() || m.consented(rest) {
				continue
			}
			return fmt.Errorf("the trait's totals with genomic control and without it would tell something about %s: λ is %.4g in all other tables of the cell %s. Have it proposed with one of the two, or with more sites", strings.Join(rest, " and "), l, cell.Name)
		}
	}
	return nil
}

// bothFactors says whether scores of the trait are opened with several factors, of which one
// is λ, by this analysis and earlier ones.
func (m *metaAnalysis) bothFactors() bool {
	all := []string{m.Analysis.Factors(m.Charter)}
	for _, p := range m.Analysis.History {
		if p.Numbers == m.Analysis.Numbers() && !slices.Contains(all, p.Factors) {
			all = append(all, p.Factors)
		}
	}
	return len(all) > 1 && slices.ContainsFunc(all, charter.Controlled)
}

// consented says whether all of some sites are among those that were asked for their consent.
func (m *metaAnalysis) consented(sites []string) bool {
	return !slices.ContainsFunc(sites, func(s string) bool { return !m.ExposedSite(s) })
}

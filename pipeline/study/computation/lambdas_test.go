package computation

import (
	"strings"
	"testing"

	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/protocol"
)

// TestLambdas: with and without genomic control, the sites whose λ is not that of the others
// stand alone in the difference. They are at least three, or none, or have consented.
func TestLambdas(t *testing.T) {
	c := &charter.Charter{Study: "s", Sites: []string{"a", "b", "c", "d", "e", "f"}, Colluders: 1, Ancestries: []string{"all"}}
	cells := []charter.Cell{{Name: "all", Ancestry: "all", Sex: charter.Both, Sites: c.Sites}}
	a := &charter.Analysis{Name: "second", Kind: charter.Meta, Trait: "t", Scheme: charter.StdErr, Sites: c.Sites, Cells: cells, GenomicControl: true}
	plain := &charter.Analysis{Name: "first", Kind: charter.Meta, Trait: "t", Scheme: charter.StdErr, Sites: c.Sites, Cells: cells}
	for _, test := range []struct {
		lambdas []float64
		history bool
		exposed [][]string
		want    string
	}{
		{[]float64{1, 1, 1, 1, 1.1, 1.2}, true, nil, "about e and f: λ is 1 in all other tables of the cell all"},
		{[]float64{1, 1, 1, 1, 1, 1.2}, true, nil, "about f: λ is 1"},
		{[]float64{1.1, 1.1, 1.1, 1.1, 1, 1}, true, nil, "about e and f: λ is 1.1"},
		{[]float64{1, 1, 1, 1.3, 1.1, 1.2}, true, nil, ""},
		{[]float64{1, 1, 1, 1, 1, 1}, true, nil, ""}, // the two totals are the same
		{[]float64{1, 1, 1, 1, 1.1, 1.2}, true, [][]string{{"e", "f"}}, ""},
		{[]float64{1, 1, 1, 1, 1.1, 1.2}, false, nil, ""},
	} {
		a.History = nil
		if test.history {
			a.History = []charter.Past{plain.Past(c)}
		}
		m := &metaAnalysis{
			tables:   &tables{Study: &Study{Documents: &protocol.Documents{Charter: c, Analysis: a, Exposed: test.exposed}}},
			declared: map[string]*tablesDeclared{},
		}
		for i, s := range c.Sites {
			m.declared[s] = &tablesDeclared{map[string]declaredTable{"all": {Lambda: test.lambdas[i]}}}
		}
		err := m.checkLambdas()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%v, history %t, exposed %v: %v, want %q", test.lambdas, test.history, test.exposed, err, test.want)
		}
	}
}

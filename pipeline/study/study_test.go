package study

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const threeSites = `
study: lipids
sites: [a, b, c]
recipients: [analyst]
traits: [{name: ldl, kind: quantitative, unit: mmol/l, sd: 1}]
variants: variants.tsv
`

// TestMeta: three sites and an analyst run a meta-analysis to its tables.
func TestMeta(t *testing.T) {
	c := simulated([]string{"a", "b", "c"}, 500, 1)
	w := newWorld(t, threeSites, map[string]string{"variants.tsv": c.list})
	w.give(c)
	w.propose("name: first\nkind: meta\ntrait: ldl\n")
	w.approveAll()
	for party, steps := range w.run() {
		if s := steps["first"]; s.Err != nil || !s.State.Done {
			t.Fatalf("%s: %v %+v", party, s.Err, s.State)
		}
	}
	for _, party := range []string{"a", "analyst"} {
		s := w.at(party)
		out := filepath.Join(t.TempDir(), "out")
		r, err := s.Result(context.Background(), "first", out, false)
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		table, err := os.ReadFile(out + ".tbl")
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(table), "\n"); n < 300 {
			t.Errorf("%s: %d lines", party, n)
		}
		t.Log(r.Files, r.Lines, r.Warnings)
	}
}

// TestProposeExposed: what an analysis exposes is looked at for each kind of numbers, and its
// sites are asked.
func TestProposeExposed(t *testing.T) {
	const text = `
study: lipids
sites: [a, b, c, d]
traits: [{name: ldl, kind: quantitative, sd: 1}, {name: t2d, kind: binary}]
variants: variants.tsv
`
	for _, test := range []struct {
		name, first, second, want string
	}{
		{"the same again", "name: x\nkind: meta\ntrait: ldl\nsites: [a, b, c]", "name: y\nkind: meta\ntrait: ldl\nsites: [a, b, c]", ""},
		{"genomic control of three", "name: x\nkind: meta\ntrait: ldl\nsites: [a, b, c]", "name: y\nkind: meta\ntrait: ldl\nsites: [a, b, c]\ngenomic-control: yes", "themselves: a and b; a and c; b and c. Propose"},
		{"genomic control of four", "name: x\nkind: meta\ntrait: ldl", "name: y\nkind: meta\ntrait: ldl\ngenomic-control: yes", ""},
		{"another trait of one site less", "name: x\nkind: meta\ntrait: ldl", "name: y\nkind: meta\ntrait: t2d\nsites: [a, b, c]", "themselves: d. Propose"},
		{"a fit of one site less", "name: x\nkind: meta\ntrait: ldl", "name: y\nkind: fit\nmodel: linear\noutcome: y\ncolumns: [z]\nsites: [a, b, c]", "themselves: d. Propose"},
		{"a forest plot before", "name: x\nkind: forest\ntrait: ldl\nvariants: [rs1]", "name: y\nkind: meta\ntrait: ldl", ""},
		{"a forest plot", "name: x\nkind: meta\ntrait: ldl", "name: y\nkind: forest\ntrait: ldl\nvariants: [rs1]", "themselves: a; b; c; d. Propose"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, text, map[string]string{"variants.tsv": simulated([]string{"a"}, 3, 1).list})
			w.propose(test.first)
			_, err := w.open().Propose([]byte(test.second), today, false)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

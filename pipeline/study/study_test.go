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

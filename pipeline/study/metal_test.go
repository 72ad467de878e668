package study

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/meta"
	"genoveil/genomics/shareddata"
	"genoveil/genomics/text"
	"genoveil/pipeline/study/home"
)

// readTable reads the cells of a table with tabs, by the first column.
func readTable(t *testing.T, path string) (names []string, cells map[string]map[string]string) {
	t.Helper()
	lines, err := text.Open(path, 1<<16, "a table")
	if err != nil {
		t.Fatal(err)
	}
	defer lines.Close()
	var header []string
	cells = map[string]map[string]string{}
	for {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return names, cells
		}
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Split(string(line), "\t")
		if header == nil {
			header = fields
			continue
		}
		row := map[string]string{}
		for i, name := range header {
			row[name] = fields[i]
		}
		names, cells[fields[0]] = append(names, fields[0]), row
	}
}

// metalTies are the cells of variants that all three sites have, which METAL prints
// otherwise in the last digit; genomics/meta says why.
var metalTies = map[string][]string{
	"CASE.stderr":      {"rs3121680 HetPVal 0.198, METAL 0.1981"},
	"CASE.stderr.gc":   {"rs1152237 HetPVal 0.2607, METAL 0.2608"},
	"QT.stderr":        {"rs208702 HetPVal 0.3361, METAL 0.3362"},
	"QT.stderr.gc":     {"rs625351 P-value 0.06871, METAL 0.0687"},
	"QT.samplesize":    {"rs5753472 P-value 0.08897, METAL 0.08896"},
	"QT.samplesize.gc": {"rs8887 HetPVal 0.5967, METAL 0.5968"},
}

// TestMETAL: three sites, whose tables have flipped alleles, other strands and missing
// variants, get METAL's table in every printed cell, in both schemes, with and without
// genomic control, of the variants that all have. It takes their consent: sums of squares
// over three, and several totals over the same three, tell what a site has.
func TestMETAL(t *testing.T) {
	for trait, kind := range map[string]string{"CASE": "kind: binary", "QT": "kind: quantitative, sd: 1.5"} {
		t.Run(trait, func(t *testing.T) { compareMETAL(t, trait, kind) })
	}
}

func compareMETAL(t *testing.T, trait, kind string) {
	dir := shareddata.Dir(t, "three-sites")
	w := newWorld(t, "study: hapmap\nsites: [s1, s2, s3]\ntraits: [{name: trait, "+kind+"}]\nvariants: variants.tsv\nfilters: {mac: 0}\n",
		map[string]string{"variants.tsv": metalList(t, filepath.Join(dir, "metal."+trait+".stderr.tbl.gz"))})
	for i := range 3 {
		table := filepath.Join(dir, fmt.Sprintf("site%d.%s.sumstats.gz", i+1, trait))
		text := "strata:\n- ancestry: all\n  tables:\n    trait: {file: '" + table + "', build: 38, palindromes: forward, columns: {id: MARKER, effect: A1, other: A2, eaf: FREQ, n: N, beta: BETA, se: SE, p: P}}\n"
		w.ok(os.WriteFile(filepath.Join(w.homes[fmt.Sprintf("s%d", i+1)], home.SiteFile), []byte(text), 0o600))
	}
	batch := "batch:\n"
	var names []string
	for _, scheme := range []string{"stderr", "samplesize"} {
		for _, control := range []string{"", ".gc"} {
			names = append(names, scheme+control)
			batch += fmt.Sprintf("- {name: %s, kind: meta, trait: trait, scheme: %s, genomic-control: %t, heterogeneity: yes, frequency-se: yes, allow: [squares-of-few-sites, frequency-se]}\n",
				analysisName(scheme+control), scheme, control != "")
		}
	}
	w.propose(batch)
	w.approveAll()
	w.run()
	s := w.at("s2")
	defer s.Close()
	for _, name := range names {
		out := filepath.Join(t.TempDir(), "out")
		if _, err := s.Result(context.Background(), analysisName(name), out, false); err != nil {
			t.Fatal(err)
		}
		name := trait + "." + name
		got, rows := readTable(t, out+".tbl")
		_, want := readTable(t, filepath.Join(dir, "metal."+name+".tbl.gz"))
		if n := map[string]int{"CASE": 13_161, "QT": 13_185}[trait]; len(got) != n { // of 14,079; sites lack the rest
			t.Errorf("%s: %d variants, want %d", name, len(got), n)
		}
		compared := 0
		var ties []string
		for _, marker := range got {
			for column, cell := range rows[marker] {
				of, there := want[marker][column]
				if !there {
					continue
				}
				if compared++; cell != of {
					ties = append(ties, fmt.Sprintf("%s %s %s, METAL %s", marker, column, cell, of))
				}
			}
		}
		if compared != 12*len(got) || !slices.Equal(ties, metalTies[name]) {
			t.Errorf("%s: %d cells of %d variants compared; apart: %q, want %q", name, compared, len(got), ties, metalTies[name])
		}
	}
}

// metalList is a list of the markers of METAL's table, with its Allele1 as ALT.
func metalList(t *testing.T, path string) string {
	t.Helper()
	markers, cells := readTable(t, path)
	var list bytes.Buffer
	l, err := meta.NewListWriter(&list, []string{"all"})
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range markers {
		var f float64
		fmt.Sscan(cells[m]["Freq1"], &f)
		v := meta.Variant{ID: m, Chrom: "1", Pos37: 2*i + 1, Pos38: i + 1, Ref: strings.ToUpper(cells[m]["Allele2"]), Alt: strings.ToUpper(cells[m]["Allele1"])}
		if err := l.Write(v, []float64{f}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	return list.String()
}

func analysisName(name string) string { return strings.ReplaceAll(name, ".", "-") }

package meta

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/shareddata"
	"genoveil/genomics/sumstats"
	"genoveil/genomics/text"
)

// siteColumns are those of three-sites' tables.
var siteColumns = sumstats.Columns{ID: "MARKER", Effect: "A1", Other: "A2", EAF: "FREQ", N: "N", Beta: "BETA", SE: "SE", P: "P"}

// readMETAL reads a table of METAL as it is printed: the names of its columns, and the
// cells by variant.
func readMETAL(t *testing.T, path string) (markers []string, cells map[string]map[string]string) {
	t.Helper()
	lines, err := text.Open(path, 1<<16, "METAL's table")
	if err != nil {
		t.Fatal(err)
	}
	defer lines.Close()
	line, err := lines.Next()
	if err != nil {
		t.Fatal(err)
	}
	header := strings.Split(string(line), "\t")
	cells = map[string]map[string]string{}
	for {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return markers, cells
		}
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Split(string(line), "\t")
		row := map[string]string{}
		for i, name := range header {
			row[name] = fields[i]
		}
		markers = append(markers, fields[0])
		cells[fields[0]] = row
	}
}

// metalList is a list of METAL's markers with its Allele1 as ALT, so that its table has our
// orientation, and the average of its frequencies.
func metalList(t *testing.T, markers []string, cells map[string]map[string]string) *List {
	t.Helper()
	var table bytes.Buffer
	w, err := NewListWriter(&table, []string{"ALL"})
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range markers {
		var f float64
		fmt.Sscan(cells[m]["Freq1"], &f)
		v := Variant{ID: m, Chrom: "1", Pos37: 2*i + 1, Pos38: i + 1, Ref: strings.ToUpper(cells[m]["Allele2"]), Alt: strings.ToUpper(cells[m]["Allele1"])}
		if err := w.Write(v, []float64{f}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	l, err := ReadList("list", &table, "ALL")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// readSite harmonises a site's table. METAL takes A/T and C/G variants as they stand.
func readSite(t *testing.T, l *List, trait string, site int) *Harmonised {
	t.Helper()
	path := filepath.Join(shareddata.Dir(t, "three-sites"), fmt.Sprintf("site%d.%s.sumstats.gz", site, trait))
	r, err := sumstats.Open(path, sumstats.Options{Columns: &siteColumns})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h, err := l.HarmoniseForward(r, GRCh38)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestMETAL adds the integers of three sites and compares the table with METAL's, in each
// printed cell, for both traits and schemes, with and without genomic control.
func TestMETAL(t *testing.T) {
	dir := shareddata.Dir(t, "three-sites")
	for _, trait := range []string{"CASE", "QT"} {
		l, sites := threeSites(t, trait)
		for _, scheme := range []Scheme{StdErr, SampleSize} {
			for _, control := range []bool{false, true} {
				name := "metal." + trait + []string{".stderr", ".samplesize"}[scheme] + map[bool]string{true: ".gc"}[control] + ".tbl.gz"
				t.Run(name, func(t *testing.T) {
					s := &Study{Scheme: scheme, Contributors: 3, N: 957, Heterogeneity: true, FrequencySE: true, Tau: true}
					if trait == "QT" {
						s.ResidualSD = 1.5
					}
					_, want := readMETAL(t, filepath.Join(dir, name))
					found := compareMETAL(t, s, l, sites, control, want)
					if !slices.Equal(found, ties[name]) {
						t.Errorf("ties %q, want %q", found, ties[name])
					}
				})
			}
		}
	}
}

// ties are the cells that METAL prints otherwise, all in the last digit. The numbers behind
// them lie within nearTie units of that digit from the middle between two printed ones, where
// METAL's approximations decide: Hill's of P, and its incomplete gamma function of HetPVal,
// which is right to 3e-7 of itself. The standard error lies in the middle but for the last
// bit of a float64.
var ties = map[string][]string{
	"metal.CASE.stderr.tbl.gz":      {"rs3121680 HetPVal 0.198, METAL 0.1981", "rs6508101 StdErr 0.1655, METAL 0.1656"},
	"metal.CASE.stderr.gc.tbl.gz":   {"rs1152237 HetPVal 0.2607, METAL 0.2608"},
	"metal.QT.stderr.tbl.gz":        {"rs208702 HetPVal 0.3361, METAL 0.3362"},
	"metal.QT.stderr.gc.tbl.gz":     {"rs625351 P-value 0.06871, METAL 0.0687"},
	"metal.QT.samplesize.tbl.gz":    {"rs5753472 P-value 0.08897, METAL 0.08896"},
	"metal.QT.samplesize.gc.tbl.gz": {"rs8887 HetPVal 0.5967, METAL 0.5968"},
}

const nearTie = 2e-4

// isTie says whether a number lies so near to the middle of two that are printed.
func isTie(exact float64, got, want string) bool {
	a, okA := new(big.Rat).SetString(got)
	b, okB := new(big.Rat).SetString(want)
	if !okA || !okB || a.Cmp(b) == 0 {
		return false
	}
	x, _ := new(big.Rat).Add(a, b).Float64()
	y, _ := new(big.Rat).Sub(a, b).Float64()
	return math.Abs(exact-x/2) < nearTie*math.Abs(y)
}

// compareMETAL makes the table of the sites' integers, and returns the cells that are ties.
func compareMETAL(t *testing.T, s *Study, l *List, sites []*Harmonised, control bool, want map[string]map[string]string) (ties []string) {
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	width := len(s.Words())
	sum := make([]uint64, width*l.Len())
	words := make([]uint64, width*l.Len())
	for _, h := range sites {
		lambda := 1.0
		if control {
			lambda = h.Lambda(s.Scheme)
		}
		if err := h.Encode(words, s, l, 0, l.Len(), lambda); err != nil {
			t.Fatal(err)
		}
		for i := range sum {
			sum[i] += words[i]
		}
	}
	var table bytes.Buffer
	w, err := NewMETALWriter(&table, s)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]Row{}
	for i := range l.Len() {
		total, err := s.Decode(sum[i*width:][:width], l.AF(i))
		if err != nil {
			t.Fatal(l.Variant(i).ID, err)
		}
		r := Row{l.Variant(i), total, s.Result(&total)}
		rows[r.Variant.ID] = r
		if err := w.Write(&r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if len(want) != l.Len() {
		t.Fatalf("METAL has %d variants, the list %d", len(want), l.Len())
	}
	lines := strings.Split(strings.TrimSuffix(table.String(), "\n"), "\n")
	header := strings.Split(lines[0], "\t")
	compared := 0
	for _, line := range lines[1:] {
		fields := strings.Split(line, "\t")
		for i, column := range header {
			cell, ok := want[fields[0]][column]
			if !ok {
				continue
			}
			compared++
			if fields[i] == cell {
				continue
			}
			r := rows[fields[0]]
			exact := map[string]float64{"HetPVal": r.Result.HetP, "HetChiSq": r.Result.HetChiSq, "HetISq": r.Result.HetISq, "P-value": math.Pow(10, -r.Result.LogP),
				"Effect": r.Result.Effect, "StdErr": r.Result.StdErr, "Freq1": r.Result.Freq, "FreqSE": r.Result.FreqSE, "Zscore": r.Result.Z}[column]
			found := fmt.Sprintf("%s %s %s, METAL %s", fields[0], column, fields[i], cell)
			if isTie(exact, fields[i], cell) {
				ties = append(ties, found)
			} else {
				t.Errorf("%s (%.12g)", found, exact)
			}
		}
	}
	// The marker, its alleles, frequency and its standard error, effect or Z with what is
	// beside it, P, and four of heterogeneity.
	if want := 14_079 * 12; compared != want {
		t.Errorf("%d cells compared, want %d", compared, want)
	}
	slices.Sort(ties)
	return ties
}

// TestExponents: a thousand times the samples declared, a frequency far from that of the
// sites in the list, and 64 contributors cost no printed cell.
func TestExponents(t *testing.T) {
	dir := shareddata.Dir(t, "three-sites")
	for _, trait := range []string{"CASE", "QT"} {
		l, sites := threeSites(t, trait)
		for i := range l.af {
			l.af[i] = 0.001 * float64(i%10)
		}
		for _, scheme := range []Scheme{StdErr, SampleSize} {
			s := &Study{Scheme: scheme, Contributors: 64, N: 957_000, Heterogeneity: true, FrequencySE: true, Tau: true}
			if trait == "QT" {
				s.ResidualSD = 1.5
			}
			name := "metal." + trait + []string{".stderr", ".samplesize"}[scheme] + ".tbl.gz"
			_, want := readMETAL(t, filepath.Join(dir, name))
			for _, found := range compareMETAL(t, s, l, sites, false, want) {
				if !slices.Contains(ties[name], found) {
					t.Errorf("%s: %s", name, found)
				}
			}
		}
	}
}

// TestPalindromes: where Harmonise takes an A/T or C/G variant by its frequency, it is
// oriented as its letters are, for no site has these on the other strand.
func TestPalindromes(t *testing.T) {
	l, _ := threeSites(t, "CASE")
	for site := 1; site <= 3; site++ {
		path := filepath.Join(shareddata.Dir(t, "three-sites"), fmt.Sprintf("site%d.CASE.sumstats.gz", site))
		r, err := sumstats.Open(path, sumstats.Options{Columns: &siteColumns})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		h, err := l.Harmonise(r, GRCh38)
		if err != nil {
			t.Fatal(err)
		}
		letters := readSite(t, l, "CASE", site)
		left := 0
		for i := range h.Estimates {
			if e := &h.Estimates[i]; !e.Present && letters.Estimates[i].Present {
				left++
			} else if e.Present && e.Beta != letters.Estimates[i].Beta {
				t.Errorf("site %d, %s: %g, by its letters %g", site, l.Variant(i).ID, e.Beta, letters.Estimates[i].Beta)
			}
		}
		if len(h.Skipped) != 1 || h.Skipped[palindrome] != left || h.ByFrequency < 100 || h.Found+left != r.Rows() || h.Swapped < 1000 || (h.Complemented > 1000) != (site == 3) {
			t.Errorf("site %d: %+v, %d of %d rows", site, h.Skipped, h.ByFrequency, r.Rows())
		}
	}
}

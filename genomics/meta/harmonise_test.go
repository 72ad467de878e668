package meta

import (
	"io"
	"maps"
	"math"
	"strings"
	"testing"

	"genoveil/genomics/sumstats"
)

// memory is a table in memory.
type memory struct {
	rows      []sumstats.Row
	positions bool
}

func (m *memory) Positions() bool { return m.positions }

func (m *memory) Program() string { return "memory" }

func (m *memory) Skipped() map[string]int { return map[string]int{} }

func (m *memory) Next(row *sumstats.Row) error {
	if len(m.rows) == 0 {
		return io.EOF
	}
	*row, m.rows = m.rows[0], m.rows[1:]
	return nil
}

const smallList = `ID CHR POS37 POS38 REF ALT AF_ALL
snp 1 100 1100 A G 0.3
palindrome 1 101 1101 A T 0.2
middle 1 102 1102 C G 0.36
unknown 1 103 1103 C G .
insertion 1 104 1104 A AT 0.3
deletion 1 104 1104 AT A 0.3
indel 1 105 1105 GTC G 0.3
two 1 106 1106 A C 0.3
two 1 106 1106 A T 0.3
strands 1 107 1107 A G 0.3
strands 1 107 1107 C T 0.3
x X 108 . A G 0.3
`

func readSmallList(t *testing.T) *List {
	t.Helper()
	l, err := ReadList("l", strings.NewReader(smallList), "ALL")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestHarmonise(t *testing.T) {
	l := readSmallList(t)
	number := map[string]int{}
	for i := l.Len() - 1; i >= 0; i-- { // of two with an ID the first
		number[l.Variant(i).ID] = i
	}
	for _, test := range []struct {
		chrom          string
		pos            int
		effect, other  string
		eaf            float64
		variant        string // "" where none is found
		swapped        bool
		reason, countd string
	}{
		{"1", 100, "G", "A", 0.3, "snp", false, "", ""},
		{"chr1", 100, "A", "G", 0.7, "snp", true, "", ""},
		{"1", 100, "C", "T", 0.3, "snp", false, "", "complemented"},
		{"1", 100, "T", "C", 0.7, "snp", true, "", "complemented"},
		{"1", 100, "G", "", 0.3, "snp", false, "", ""},
		{"1", 100, "T", "", 0.7, "snp", true, "", "complemented"},
		{"1", 100, "A", "C", 0.3, "", false, otherAlleles, ""},
		{"1", 100, "AG", "A", 0.3, "", false, otherAlleles, ""},
		{"1", 99, "G", "A", 0.3, "", false, notListed, ""},
		{"2", 100, "G", "A", 0.3, "", false, notListed, ""},
		{"1", 1100, "G", "A", 0.3, "", false, otherBuild, ""},
		{"1", 1100, "G", "T", 0.3, "", false, notListed, ""},
		{"1", 101, "T", "A", 0.1, "palindrome", false, "", "frequency"},
		{"1", 101, "T", "A", 0.9, "palindrome", true, "", "frequency"},
		{"1", 101, "A", "T", 0.9, "palindrome", true, "", "frequency"},
		{"1", 101, "A", "T", 0.1, "palindrome", false, "", "frequency"},
		{"1", 101, "T", "A", 0.65, "palindrome", true, "", "frequency"},
		{"1", 101, "T", "A", 0.36, "", false, palindrome, ""},
		{"1", 101, "T", "A", 0.64, "", false, palindrome, ""},
		{"1", 101, "T", "A", math.NaN(), "", false, palindrome, ""},
		{"1", 102, "G", "C", 0.1, "", false, palindrome, ""},
		{"1", 103, "G", "C", 0.1, "", false, palindrome, ""},
		{"1", 104, "AT", "A", 0.3, "", false, undecided, ""},
		{"1", 105, "G", "GTC", 0.3, "indel", false, "", ""},
		{"1", 105, "GTC", "G", 0.7, "indel", true, "", ""},
		{"1", 105, "C", "CAG", 0.7, "", false, otherAlleles, ""}, // the other strand
		{"1", 106, "C", "A", 0.3, "two", false, "", ""},
		{"1", 106, "A", "", 0.7, "", false, undecided, ""},
		{"1", 107, "G", "A", 0.3, "strands", false, "", ""}, // and not C>T on the other strand
		{"X", 108, "G", "A", 0.3, "x", false, "", ""},
		{"23", 108, "A", "G", 0.7, "x", true, "", ""},
		{"X", 1108, "A", "G", 0.7, "", false, notListed, ""},
	} {
		row := sumstats.Row{Chrom: test.chrom, Pos: test.pos, Effect: test.effect, Other: test.other, EAF: test.eaf, Beta: 0.5, SE: 0.1, LogP: 6, N: 100, Cases: 40, Info: 0.5}
		h, err := l.Harmonise(&memory{[]sumstats.Row{row, row}, true}, GRCh37)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{test.reason: 2}
		if test.reason == "" {
			want = map[string]int{duplicate: 1}
		}
		if !maps.Equal(h.Skipped, want) {
			t.Errorf("%+v: left out %v", test, h.Skipped)
		}
		found := 0
		for i, e := range h.Estimates {
			if !e.Present {
				continue
			}
			found++
			beta, af := 0.5, test.eaf
			if test.swapped {
				beta, af = -0.5, 1-test.eaf
			}
			if i != number[test.variant] || e != (Estimate{Beta: beta, SE: 0.1, LogP: 6, AF: af, N: 100, Cases: 40, Info: 0.5, Present: true}) {
				t.Errorf("%+v: %s has %+v", test, l.Variant(i).ID, e)
			}
		}
		one := func(ok bool) int {
			if ok {
				return 1
			}
			return 0
		}
		if found != one(test.variant != "") || h.Found != found || h.Swapped != one(test.swapped) || h.Complemented != one(test.countd == "complemented") || h.ByFrequency != one(test.countd == "frequency") {
			t.Errorf("%+v: found %d, swapped %d, complemented %d, by frequency %d", test, h.Found, h.Swapped, h.Complemented, h.ByFrequency)
		}
	}
}

// TestBuilds finds the same variants by position on the other build and by ID.
func TestBuilds(t *testing.T) {
	l := readSmallList(t)
	row := sumstats.Row{Chrom: "1", Pos: 1105, ID: "indel", Effect: "G", Other: "GTC", Beta: 1, SE: 1, EAF: 0.3, N: 1}
	for name, harmonise := range map[string]func() (*Harmonised, error){
		"GRCh38": func() (*Harmonised, error) { return l.Harmonise(&memory{[]sumstats.Row{row}, true}, GRCh38) },
		"ID":     func() (*Harmonised, error) { return l.Harmonise(&memory{[]sumstats.Row{row}, false}, GRCh38) },
	} {
		h, err := harmonise()
		if err != nil || h.Found != 1 || !h.Estimates[6].Present {
			t.Errorf("%s: %v, %+v", name, err, h)
		}
	}
	row.ID = "two"
	row.Effect, row.Other = "C", "A"
	h, err := l.Harmonise(&memory{[]sumstats.Row{row}, false}, GRCh37)
	if err != nil || h.Found != 1 || !h.Estimates[7].Present {
		t.Errorf("%v, %+v", err, h)
	}
	row.ID = "nobody"
	if h, err = l.Harmonise(&memory{[]sumstats.Row{row}, false}, GRCh37); err != nil || h.Skipped[notListed] != 1 {
		t.Errorf("%v, %+v", err, h)
	}
	if _, err := l.Harmonise(&memory{}, 36); err == nil || err.Error() != "build 36; the list has positions on GRCh37 and GRCh38" {
		t.Error(err)
	}
}

// TestEncodeNames: the error names the variant.
func TestEncodeNames(t *testing.T) {
	l := readSmallList(t)
	row := sumstats.Row{Chrom: "1", Pos: 105, Effect: "G", Other: "GTC", Beta: 1, SE: 1e-3, EAF: 0.3, N: 100}
	h, err := l.Harmonise(&memory{[]sumstats.Row{row}, true}, GRCh37)
	if err != nil {
		t.Fatal(err)
	}
	s := &Study{Contributors: 2, N: 1000}
	words := make([]uint64, 12*len(s.Words()))
	err = h.Encode(words, s, l, 0, 12, 1)
	if want := "variant indel (1:1105 GTC>G on GRCh38): a standard error of 0.001 is less than 100 samples can have; is the trait in the unit of the study?"; err == nil || err.Error() != want {
		t.Error(err)
	}
	if err := h.Encode(words, s, l, 7, 12, 1); err != nil {
		t.Error(err)
	}
}

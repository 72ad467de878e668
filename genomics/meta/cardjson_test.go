package meta

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"genoveil/genomics/sumstats"
)

// smallCard is a card of a table with a row of each kind.
func smallCard() Card {
	nan := math.NaN()
	return Card{
		Source: Source{Program: "REGENIE --htp", Build: GRCh38, Rows: 12, Found: 5, Swapped: 2, Complemented: 1, ByFrequency: 1, Skipped: map[string]int{notListed: 4, "NA": 3}},
		N:      1000, Cases: 300, MedianN: 990, PZ: 1.0625, SEN: 2, SENExpected: nan, XRatio: math.Inf(1),
		Lambda: [3]float64{nan, 1.5, 1}, Info: [5]float64{0.5, 0.625, 0.75, 0.875, 1}, AFCorrelation: -0.5,
		AFDifference: [20]float64{0: 0.75, 19: 0.25},
	}
}

const smallCardJSON = `{"program":"REGENIE --htp","build":38,"rows":12,"found":5,"swapped":2,"complemented":1,"by-frequency":1,"left-out":{"NA":3,"not in the list":4},` +
	`"n":1000,"cases":300,"median-n":990,"pz":1.0625,"se-n":2,"se-n-expected":null,"x-ratio":null,"lambda":[null,1.5,1],"info":[0.5,0.625,0.75,0.875,1],` +
	`"af-correlation":-0.5,"af-difference":[0.75,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.25]}`

func TestCardJSON(t *testing.T) {
	card := smallCard()
	data, err := json.Marshal(card)
	if err != nil || string(data) != smallCardJSON {
		t.Fatalf("%s, %v", data, err)
	}
	var spaced strings.Builder
	encoder := json.NewEncoder(&spaced)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(struct{ Card *Card }{&card}); err != nil {
		t.Fatal(err)
	}
	var got struct{ Card Card }
	if err := json.Unmarshal([]byte(spaced.String()), &got); err != nil {
		t.Fatal(err)
	}
	card.XRatio = math.NaN()
	if diff := cmp.Diff(card, got.Card, cmpopts.EquateNaNs()); diff != "" {
		t.Error(diff)
	}
}

// TestCardOfTable: what a table gives is what others accept, also of an empty one.
func TestCardOfTable(t *testing.T) {
	l, sites := threeSites(t, "CASE")
	empty, err := l.Harmonise(&memory{nil, true}, GRCh37)
	if err != nil {
		t.Fatal(err)
	}
	sites[0].Filter(Filter{Count: 100})
	sites[0].DropRare()
	for _, h := range append(sites, empty) {
		card := h.Card(l)
		data, err := json.Marshal(card)
		if err != nil {
			t.Fatal(err)
		}
		var got Card
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(card, got, cmpopts.EquateNaNs()); diff != "" {
			t.Error(diff)
		}
	}
	if card := sites[0].Card(l); card.Rows != 13_782 || card.N != 371 || card.MedianN < 360 || card.Skipped[lowCount] == 0 {
		t.Errorf("%+v", card)
	}
}

// TestReasons: every reason for which this package leaves out rows fits a card, and so do
// those of a table's reader.
func TestReasons(t *testing.T) {
	const table = "CHROM POS ID EFFECT OTHER BETA SE P N CASES EAF\n" +
		"1 100 snp G A 1 1 0.5 100 40 0.3\n" + "1 0 snp G A 1 1 0.5 100 40 0.3\n" + "1 100 snp G N 1 1 0.5 100 40 0.3\n" + "1 100 snp G A 1 -1 0.5 100 40 0.3\n" +
		"1 100 snp G A 1 1 0.5 100 40 1.3\n" + "1 100 snp G A NA 1 0.5 100 40 0.3\n" + "1 100 snp G A 1 1 1.5 100 40 0.3\n" + "1 100 snp G A 1 1 0.5 100 140 0.3\n"
	columns := &sumstats.Columns{Chrom: "CHROM", Pos: "POS", ID: "ID", Effect: "EFFECT", Other: "OTHER", Beta: "BETA", SE: "SE", P: "P", N: "N", Cases: "CASES", EAF: "EAF"}
	rows, err := sumstats.NewReader("table", strings.NewReader(table), sumstats.Options{Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	l := readSmallList(t)
	h, err := l.Harmonise(rows, GRCh37)
	if err != nil {
		t.Fatal(err)
	}
	if h.Rows != rows.Rows() || h.Found != 1 || len(h.Skipped) < 6 {
		t.Errorf("%+v", h.Source)
	}
	for _, reason := range []string{notListed, otherBuild, otherAlleles, undecided, palindrome, duplicate, lowInfo, lowCount, lowEffective, fewAlleles, unknownCounts} {
		h.Rows++
		h.Skipped[reason]++
	}
	if _, err := json.Marshal(h.Card(l)); err != nil {
		t.Error(err)
	}
}

func TestCardRefuses(t *testing.T) {
	if _, err := json.Marshal(Card{}); err == nil {
		t.Error("a card without a build is written")
	}
	for _, test := range []struct{ old, new, want string }{
		{`"n":`, `"more":1,"n":`, "not in the form"},
		{`"n":1000,`, ``, "not in the form"},
		{`"n":1000,`, `"N":1000,`, "not in the form"},
		{`"n":1000,`, `"n":1000,"n":1000,`, "not in the form"},
		{`"n":1000,`, `"n":1e3,`, "cannot unmarshal"},
		{`"n":1000,`, `"n":"1000",`, "cannot unmarshal"},
		{`"NA":3,`, `"NA":2,"NA":3,`, "not in the form"},
		{`"lambda":[null,`, `"lambda":[`, "not in the form"},
		{`"lambda":[null,`, `"lambda":[null,null,`, "not in the form"},
		{`"pz":1.0625`, `"pz":1.06250`, "not in the form"},
		{`"pz":1.0625`, `"pz":"NaN"`, "cannot unmarshal"},
		{`"pz":1.0625`, `"pz":1e31`, "not in the form"},
		{`"pz":1.0625`, `"pz":1e999`, "cannot unmarshal"},
		{`"pz":1.0625`, `"pz":-1`, "standard errors cannot be"},
		{`[0.75,0,`, `[0.75,2,`, "allele frequencies cannot be"},
		{`"af-correlation":-0.5`, `"af-correlation":-1.5`, "allele frequencies cannot be"},
		{`[null,1.5,1]`, `[null,-1.5,1]`, "genomic control cannot be"},
		{`"info":[0.5`, `"info":[-0.5`, "INFO cannot be"},
		{`"build":38`, `"build":36`, "the build cannot be"},
		{`"found":5`, `"found":6`, "rows that are neither found nor left out cannot be"},
		{`"found":5`, `"found":-5`, "rows that are neither found nor left out cannot be"},
		{`"swapped":2`, `"swapped":13`, "rows swapped cannot be"},
		{`"complemented":1`, `"complemented":-1`, "rows on the other strand cannot be"},
		{`"n":1000,"cases":300`, `"n":3000000000,"cases":300`, "numbers of samples cannot be"},
		{`"cases":300`, `"cases":1001`, "numbers of samples cannot be"},
		{`"median-n":990`, `"median-n":1001`, "numbers of samples cannot be"},
		{`REGENIE`, `\u003cb\u003e`, "the program's name cannot be"},
		{`REGENIE`, `<b>`, "not in the form"},
		{`REGENIE`, `\u0007`, "the program's name cannot be"},
		{`REGENIE`, strings.Repeat("R", 200), "the program's name cannot be"},
		{`"NA":3`, `"` + strings.Repeat("N", 200) + `":3`, "rows left out"},
		{`"NA":3`, `"":3`, "rows left out"},
		{`"NA":3`, `"NA":-3`, "rows left out"},
		{`"NA":3`, `"NA":9223372036854775807`, "rows left out"},
		{`"NA":3`, `"a":0` + manyReasons(), "rows left out for 101 reasons"},
		{`REGENIE`, strings.Repeat("R", maxCardBytes), "longer than 65536 bytes"},
	} {
		data := strings.Replace(smallCardJSON, test.old, test.new, 1)
		if data == smallCardJSON {
			t.Fatalf("%s is not there", test.old)
		}
		card := Card{N: 7}
		if err := json.Unmarshal([]byte(data), &card); err == nil || !strings.Contains(err.Error(), test.want) || card.N != 7 {
			t.Errorf("%.60s: %v, want %s", test.new, err, test.want)
		}
	}
}

func manyReasons() string {
	var all strings.Builder
	for i := range 99 {
		all.WriteString(`,"b` + string(rune('A'+i/26)) + string(rune('a'+i%26)) + `":0`)
	}
	return all.String()
}

func FuzzCard(f *testing.F) {
	f.Add([]byte(smallCardJSON))
	f.Add([]byte(`{}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var card Card
		if err := card.UnmarshalJSON(data); err != nil {
			return
		}
		again, err := json.Marshal(card)
		if err != nil {
			t.Fatal(err)
		}
		var twice Card
		if err := json.Unmarshal(again, &twice); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(card, twice, cmpopts.EquateNaNs()); diff != "" {
			t.Fatal(diff)
		}
		CardTable([]string{"a"}, []Card{card})
	})
}

func TestSlopeJSON(t *testing.T) {
	for _, test := range []struct {
		slope Slope
		want  string
	}{
		{Slope{-0.5, 0.25, 4}, `{"value":-0.5,"se":0.25,"variants":4}`},
		{Slope{math.NaN(), math.Inf(1), 0}, `{"value":null,"se":null,"variants":0}`},
	} {
		data, err := json.Marshal(test.slope)
		if err != nil || string(data) != test.want {
			t.Errorf("%s, %v", data, err)
		}
		var got Slope
		if err := json.Unmarshal(data, &got); err != nil {
			t.Error(err)
		}
		if again, _ := json.Marshal(got); string(again) != test.want {
			t.Errorf("%s, want %s", again, test.want)
		}
		if problems := CalibrationProblems(got, got); (problems == nil) != math.IsNaN(got.Value) {
			t.Errorf("%q", problems)
		}
	}
	for _, data := range []string{
		`null`, `{}`, `[]`, `{"value":1,"se":1}`, `{"value":1,"se":-1,"variants":1}`, `{"value":1,"se":1,"variants":-1}`, `{"value":1,"se":1,"variants":134217729}`,
		`{"value":1,"se":1,"variants":1,"more":1}`, `{"value":1e40,"se":1,"variants":1}`, `{"se":1,"value":1,"variants":1}`,
	} {
		var got Slope
		if err := got.UnmarshalJSON([]byte(data)); err == nil {
			t.Errorf("%s is read as %+v", data, got)
		}
	}
}

func FuzzSlope(f *testing.F) {
	f.Add([]byte(`{"value":-0.5,"se":null,"variants":4}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s Slope
		if s.UnmarshalJSON(data) == nil && (s.SE < 0 || s.Variants < 0 || math.IsInf(s.Value, 0)) {
			t.Fatalf("%+v", s)
		}
	})
}

func TestCardTable(t *testing.T) {
	a, b := smallCard(), smallCard()
	b.Skipped, b.AFDifference, b.Program = map[string]int{"NA": 7}, [20]float64{1: 1}, "SAIGE"
	want := `;brno;oslo
Program;REGENIE --htp;SAIGE
Build;GRCh38;GRCh38
N;1000;1000
N, median;990;990
Cases;300;300
λ, MAF below 0.01;NA;NA
λ, MAF 0.01 to 0.05;1.5;1.5
λ, MAF from 0.05;1;1
P–Z slope;1.062;1.062
SE–N;2;2
SE–N, expected;NA;NA
SE on X ÷ on autosomes;+Inf;+Inf
INFO, 5 %;0.5;0.5
INFO, 25 %;0.625;0.625
INFO, 50 %;0.75;0.75
INFO, 75 %;0.875;0.875
INFO, 95 %;1;1
AF, correlation with the list;-0.5;-0.5
AF 0.00 to 0.05 from the list's;0.75;0
AF 0.05 to 0.10 from the list's;0;1
AF 0.95 to 1.00 from the list's;0.25;0
Rows;12;12
Rows found;5;5
Swapped;2;2
On the other strand;1;1
Strand by frequency;1;1
Left out: NA;3;7
Left out: not in the list;4;0`
	var got []string
	for _, row := range CardTable([]string{"brno", "oslo"}, []Card{a, b}) {
		got = append(got, strings.Join(row, ";"))
	}
	if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
		t.Error(diff)
	}
}

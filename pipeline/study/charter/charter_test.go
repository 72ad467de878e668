package charter

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var today = time.Date(2030, 1, 1, 23, 59, 0, 0, time.FixedZone("west", -3600))

// digest stands for files in the study's folder.
func digest(name string) (string, error) {
	if name == "lost.tsv" {
		return "", errors.New("lost.tsv is not there")
	}
	return "digest of " + name, nil
}

const aCharter = `
study: lipids
sites: [c, a, b]
recipients: [zoe, analyst]
colluders: 1
ancestries: [eur, afr]
traits:
- {name: ldl, kind: quantitative, unit: mmol/l, sd: 0.9}
- {name: t2d, kind: binary}
variants: variants.tsv
calibration: calibration.txt
filters: {info: 0.3, mac: 20, neff: 0}
days: 60
`

const anAnalysis = `
name: first
kind: meta
trait: ldl
cells:
- {name: eur, ancestry: eur}
- {name: afr, ancestry: afr}
`

func parsed(t testing.TB, text string) *Charter {
	t.Helper()
	c, err := ParseYAML([]byte(text), digest)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestDefaults: what a charter does not say is written out, and names are in order.
func TestDefaults(t *testing.T) {
	c := parsed(t, "study: lipids\nsites: [c, a, b]\n")
	want := &Charter{
		Study: "lipids", Sites: []string{"a", "b", "c"}, Receivers: []string{}, Colluders: 1, Ancestries: []string{"all"},
		Traits: []Trait{}, Filters: Filters{MAC: 20}, Days: 60,
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("%+v", c)
	}
	full := parsed(t, aCharter)
	if !slices.Equal(full.Parties(), []string{"a", "b", "c", "analyst", "zoe"}) || full.Variants.SHA256 != "digest of variants.tsv" || full.Least() != 3 || full.LeastSquares() != 5 {
		t.Errorf("%+v", full)
	}
	example := parsed(t, strings.ReplaceAll(Example, "STUDY", "lipids"))
	if !slices.Equal(example.Sites, []string{"site-a", "site-b", "site-c"}) {
		t.Errorf("%+v", example)
	}
}

// TestCanonical: the canonical form is read as it was written, and has all of the charter
// but for comments and the order of names.
func TestCanonical(t *testing.T) {
	c := parsed(t, aCharter)
	again := &Charter{}
	if err := strictJSON(c.Canonical(), again); err != nil || !reflect.DeepEqual(c, again) {
		t.Error(err)
	}
	same := parsed(t, "# comment\n"+strings.Replace(aCharter, "[c, a, b]", "[b, c, a]", 1))
	if !bytes.Equal(same.Canonical(), c.Canonical()) {
		t.Error("the order of names counts")
	}
	for _, change := range []string{
		"lipids", "zoe", "eur", "ldl", "quantitative|binary", "mmol", "0.9", "variants", "0.3", "20", "60",
	} {
		old, new, _ := strings.Cut(change, "|")
		if new == "" {
			new = strings.NewReplacer("l", "k", "z", "y", "e", "i", "2", "3", "6", "7", "9", "8", "0.3", "0.4", "v", "w").Replace(old)
		}
		text := strings.Replace(aCharter, old, new, 1)
		if other, err := ParseYAML([]byte(text), digest); err == nil && bytes.Equal(other.Canonical(), c.Canonical()) {
			t.Errorf("%s and %s are one", old, new)
		}
	}
}

// edited is a text with a part replaced, which it must have.
func edited(t *testing.T, text, edit string) string {
	t.Helper()
	old, new, _ := strings.Cut(edit, " => ")
	if !strings.Contains(text, old) {
		t.Fatalf("there is no %q", old)
	}
	return strings.Replace(text, old, new, 1)
}

func names(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("n%d", i))
	}
	return strings.Join(all, ", ")
}

// TestBadCharters: each is refused in its own words.
func TestBadCharters(t *testing.T) {
	for edit, want := range map[string]string{
		"study: lipids => study: Lipids":                              `the study "Lipids": a name has 1 to 32 of a-z, 0-9 and -`,
		"study: lipids => study: -x":                                  `the study "-x"`,
		"study: lipids => study: ''":                                  `the study ""`,
		"study: lipids => study: ../x":                                `the study "../x"`,
		"study: lipids => stud: lipids":                               `stud`,
		"study: lipids => study: x\nstudy: y":                         `study`,
		"[c, a, b] => [c, a, A]":                                      `the site "A"`,
		"[c, a, b] => [c, a, a]":                                      `the site "a" is there twice`,
		"[c, a, b] => [c, a]":                                         `2 sites; with fewer than 3`,
		"[c, a, b] => [" + names(65) + "]":                            `65 sites and 2 recipients; a study has at most 64 of each`,
		"[c, a, b] => [" + names(100000) + "]":                        `the site: 100000 names`,
		"[zoe, analyst] => [zoe, b]":                                  `"b" is a site and a recipient`,
		"[zoe, analyst] => [zoe, zoe]":                                `the recipient "zoe" is there twice`,
		"colluders: 1 => colluders: 0":                                `colluders: 0; with 3 sites it is 1 to 1`,
		"colluders: 1 => colluders: 2":                                `colluders: 2; with 3 sites it is 1 to 1`,
		"[eur, afr] => [eur, eur]":                                    `the ancestry "eur" is there twice`,
		"[eur, afr] => [EUR]":                                         `the ancestry "EUR"`,
		"[eur, afr] => [" + names(65) + "]":                           `65 ancestries; a charter has at most 64`,
		"name: t2d => name: ldl":                                      `the trait "ldl" is there twice`,
		"kind: binary => kind: ordinal":                               `trait "t2d": kind is quantitative or binary, not "ordinal"`,
		"kind: binary => kind: binary, sd: 1":                         `trait "t2d" is binary and has an sd`,
		"sd: 0.9 => sd: 0":                                            `trait "ldl": give the sd of its residuals`,
		"sd: 0.9 => sd: .nan":                                         `trait "ldl": give the sd of its residuals`,
		"sd: 0.9 => sd: 1e10":                                         `trait "ldl": give the sd of its residuals`,
		"mmol/l => " + strings.Repeat("m", 81):                        `trait "ldl": the unit is longer than 80 letters`,
		"unit: mmol/l => unit: \"\\e[2J\"":                            `trait "ldl": the unit`,
		"variants.tsv => ../variants.tsv":                             `"../variants.tsv": give the name of a file in the study's folder`,
		"variants.tsv => .variants":                                   `".variants": give the name of a file`,
		"variants.tsv => 'a\\b'":                                      `give the name of a file`,
		"variants.tsv => 'c:x'":                                       `give the name of a file`,
		"variants.tsv => charter.yaml":                                `"charter.yaml" is no name of a list`,
		"variants.tsv => lost.tsv":                                    `lost.tsv is not there`,
		"variants: variants.tsv => ":                                  `calibration names variants of a list; give variants, too`,
		"info: 0.3 => info: -1":                                       `a filter of -1; give a number from 0 up`,
		"info: 0.3 => info: .nan":                                     `a filter of NaN`,
		"mac: 20 => mac: .inf":                                        `a filter of +Inf`,
		"days: 60 => days: 0":                                         `days: 0; give 1 to 3650`,
		"days: 60 => days: 3651":                                      `days: 3651; give 1 to 3650`,
		"days: 60 => days: 60\n---\nstudy: two":                       `more than one document; give one`,
		"days: 60 => days: [60]":                                      `days|a list`,
		"study: lipids => study: x # " + strings.Repeat("x", maxYAML): `longer than 1048576 bytes`,
	} {
		_, err := ParseYAML([]byte(edited(t, aCharter, edit)), digest)
		if want, or, _ := strings.Cut(want, "|"); err == nil || !strings.Contains(err.Error(), want) && (or == "" || !strings.Contains(err.Error(), or)) {
			t.Errorf("%.60s: %.200v", edit, err)
		}
	}
	if _, err := ParseYAML(nil, digest); err == nil || err.Error() != "empty" {
		t.Error(err)
	}
	var traits strings.Builder
	for i := range maxTraits + 1 {
		fmt.Fprintf(&traits, "- {name: t%d, kind: binary}\n", i)
	}
	if _, err := ParseYAML([]byte(edited(t, aCharter, "- {name: t2d, kind: binary} => "+traits.String())), digest); err == nil || !strings.Contains(err.Error(), "1002 traits; a charter has at most 1000") {
		t.Error(err)
	}
}

func analysis(t testing.TB, c *Charter, text string) *Analysis {
	t.Helper()
	all, err := c.ParseAnalyses([]byte(text), today)
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// TestAnalysisDefaults: what an analysis does not say is written out.
func TestAnalysisDefaults(t *testing.T) {
	c := parsed(t, aCharter)
	a := analysis(t, c, anAnalysis)
	all := []string{"a", "b", "c"}
	want := &Analysis{
		Name: "first", Kind: Meta, ID: a.ID, Trait: "ldl", Sites: all, Recipients: []string{"a", "analyst", "b", "c", "zoe"},
		Cells:   []Cell{{"eur", "eur", Both, all}, {"afr", "afr", Both, all}},
		Expires: "2030-03-03", Allow: []string{}, Scheme: StdErr, History: []Past{},
	}
	if !reflect.DeepEqual(a, want) {
		t.Errorf("%+v", a)
	}
	if again := analysis(t, c, anAnalysis); again.ID == a.ID || !isID(a.ID) {
		t.Error("two analyses have one ID")
	}
	if last, err := a.LastDay(); err != nil || !last.Equal(time.Date(2030, 3, 4, 0, 0, 0, 0, time.UTC)) {
		t.Error(last, err)
	}
	read, err := c.ParseCanonical(a.Canonical())
	if err != nil || !reflect.DeepEqual(read, a) {
		t.Error(err)
	}
	some := analysis(t, parsed(t, strings.Replace(aCharter, "[c, a, b]", "[a, b, c, d]", 1)), "name: x\nkind: meta\ntrait: ldl\ncells: [{name: m, ancestry: eur, sex: male, sites: [c, b, a]}, {name: f, ancestry: eur, sex: female, sites: [b, a]}]\nrecipients: [zoe]\n")
	if !slices.Equal(some.Sites, all) || !slices.Equal(some.Recipients, []string{"zoe"}) || !slices.Equal(some.Cells[0].Sites, all) {
		t.Errorf("%+v", some)
	}
}

// TestUnits: a cell of both sexes stands on those of each, and one of all ancestries on each.
func TestUnits(t *testing.T) {
	c := parsed(t, aCharter)
	cell := Cell{"all", "", Both, []string{"a", "b"}}
	if n := len(cell.Units(c)); n != 8 {
		t.Errorf("%d units", n)
	}
	cell.Ancestry, cell.Sex = "eur", Male
	if got, want := cell.Units(c), []Unit{{"a", "eur", Male}, {"b", "eur", Male}}; !slices.Equal(got, want) {
		t.Error(got)
	}
	a := &Analysis{Kind: Forest, Cells: []Cell{cell}}
	if got, want := a.Rosters(c), [][]Unit{{{"a", "eur", Male}}, {{"b", "eur", Male}}}; !reflect.DeepEqual(got, want) {
		t.Error(got)
	}
}

const aHistory = "history:\n- {id: 00112233445566778899aabbccddeeff, study: old, name: one, numbers: meta:ldl, rosters: [[{site: a, ancestry: eur, sex: male}]]}\n"

// TestBadAnalyses: each is refused in its own words.
func TestBadAnalyses(t *testing.T) {
	const fit = "name: first\nkind: fit\nmodel: linear\noutcome: y\ncolumns: [x, z]\n"
	const forest = "name: first\nkind: forest\ntrait: ldl\nvariants: [rs1, rs2]\ncells: [{name: eur, ancestry: eur}]\n"
	c := parsed(t, aCharter)
	for _, text := range []string{anAnalysis, anAnalysis + aHistory, fit, forest} {
		analysis(t, c, text)
	}
	for _, bad := range []struct{ text, edit, want string }{
		{anAnalysis, "name: first => name: First", `the analysis "First": a name has`},
		{anAnalysis, "name: first => name: sites", `give the analysis another`},
		{anAnalysis, "kind: meta => kind: gwas", `kind is meta, fit or forest, not "gwas"`},
		{anAnalysis, "trait: ldl => trait: bmi", `the trait "bmi" is not in the charter`},
		{anAnalysis, "trait: ldl => trait: ldl\nsites: [a, b, d]", `the site "d" is not in the charter`},
		{anAnalysis, "trait: ldl => trait: ldl\nsites: [a, b, b]", `the site "b" is there twice`},
		{anAnalysis, "trait: ldl => trait: ldl\nsites: [a, b]", `2 sites;`},
		{anAnalysis, "trait: ldl => trait: ldl\nsites: [" + names(100000) + "]", `the site: 100000 names`},
		{anAnalysis, "trait: ldl => trait: ldl\nrecipients: [d]", `the recipient "d" is not in the charter`},
		{anAnalysis, "trait: ldl => trait: ldl\nrecipients: []", `no recipients`},
		{anAnalysis, "trait: ldl => trait: ldl\nexpires: tomorrow", `expires: "tomorrow" is no date such as 2027-01-31`},
		{anAnalysis, "trait: ldl => trait: ldl\nallow: [all]", `allow: "all" is no rule that can be set aside`},
		{anAnalysis, "trait: ldl => trait: ldl\nmodel: linear", `model, outcome, time, columns and ridge are of kind fit`},
		{anAnalysis, "trait: ldl => trait: ldl\nvariants: [rs1]", `variants are of kind forest`},
		{anAnalysis, "trait: ldl => trait: ldl\nscheme: none", `scheme is stderr or samplesize, not "none"`},
		{anAnalysis, "trait: ldl => trait: ldl\nfrequency-se: true", `set the rule aside with allow: [frequency-se]`},
		{anAnalysis, "trait: ldl => trait: ldl\ntau: true", `tau needs heterogeneity`},
		{anAnalysis, "trait: ldl => trait: ldl\ncore: true\nheterogeneity: true", `core sums are without heterogeneity`},
		{anAnalysis, "ancestry: eur => sex: male", `cell "eur": name its ancestry, whose frequencies tell strands`},
		{anAnalysis, "ancestry: eur => ancestry: eas", `cell "eur": the ancestry "eas" is not in the charter`},
		{anAnalysis, "ancestry: eur => ancestry: afr", `cell "afr" overlaps another at site "a": afr, female`},
		{anAnalysis, "ancestry: eur => ancestry: eur, sex: all", `cell "eur": sex is female, male or both, not "all"`},
		{anAnalysis, "ancestry: eur => ancestry: eur, sites: [a]", `cell "eur" has fewer than 2 sites`},
		{anAnalysis, "ancestry: eur => ancestry: eur, sites: [a, a]", `cell "eur": the site "a" is there twice`},
		{anAnalysis, "trait: ldl => trait: ldl\nsites: [a, b, c]", ``},
		{anAnalysis, "name: afr => name: eur", `the cell "eur" is there twice`},
		{anAnalysis, "name: first => id: x\nname: first", `id`},
		{anAnalysis, "name: first => name: first\nname: second", `name`},
		{anAnalysis + aHistory, "001122 => 00112", `is no identifier of an earlier analysis`},
		{anAnalysis + aHistory, "aabb => AABB", `is no identifier of an earlier analysis`},
		{anAnalysis + aHistory, "study: old => study: Old", `history "Old": a name has`},
		{anAnalysis + aHistory, "name: one => name: ''", `history "": a name has`},
		{anAnalysis + aHistory, "rosters: [[{site: a, ancestry: eur, sex: male}]] => rosters: []", `history: one has 0 totals; it has 1 to 64`},
		{anAnalysis + aHistory, "sex: male => sex: both", `history: one has a unit that is none`},
		{anAnalysis + aHistory, "numbers: meta:ldl => numbers: " + strings.Repeat("x", 200), `history: one`},
		{anAnalysis + aHistory, "study: old => approved: true, study: old", `approved`},
		{fit, "columns: [x, z] => columns: [x, x]", `the column "x" is empty, no name of a column, or there twice`},
		{fit, "columns: [x, z] => columns: [y]", `the column "y" is empty, no name of a column, or there twice`},
		{fit, "outcome: y => outcome: ''", `the column "" is empty`},
		{fit, "outcome: y => outcome: \"a\\tb\"", `no name of a column`},
		{fit, "outcome: y => outcome: \"\\e[2J\"", `no name of a column`},
		{fit, "outcome: y => outcome: \"a\\u202eb\"", `no name of a column`},
		{fit, "[x, z] => [" + names(257) + "]", `257 columns; a fit has at most 256`},
		{fit, "model: linear => model: cox", `time is the column of times of a cox model`},
		{fit, "model: linear => model: linear\ntime: t", `time is the column of times of a cox model`},
		{fit, "model: linear => model: linear\nridge: -1", `a ridge of -1; give a number from 0 up`},
		{fit, "model: linear => model: linear\nridge: .inf", `a ridge of +Inf`},
		{fit, "model: linear => model: linear\nscheme: stderr", `are of kind meta`},
		{fit, "model: linear => model: linear\ncells: [{name: m, sex: male}, {name: f, sex: female}]", `a fit has one cell`},
		{forest, "variants: [rs1, rs2] => variants: []", `0 variants; a forest plot has 1 to 100`},
		{forest, "variants: [rs1, rs2] => variants: [" + names(101) + "]", `101 variants; a forest plot has 1 to 100`},
		{forest, "[rs1, rs2] => [rs1, rs1]", `the variant "rs1" is empty, too long, not printable or there twice`},
		{forest, "[rs1, rs2] => [\"\\e[2J\"]", `not printable`},
	} {
		_, err := c.ParseAnalyses([]byte(edited(t, bad.text, bad.edit)), today)
		if (err == nil) != (bad.want == "") || err != nil && !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%.80s: %.200v", bad.edit, err)
		}
	}
}

// TestBatch: analyses of a batch are checked one by one, and have names of their own.
func TestBatch(t *testing.T) {
	c := parsed(t, aCharter)
	one := "{name: one, kind: fit, model: linear, outcome: y}"
	all, err := c.ParseAnalyses([]byte("batch: ["+one+", "+strings.Replace(one, "one", "two", 1)+"]"), today)
	if err != nil || len(all) != 2 || all[0].Name != "one" || all[1].Name != "two" || all[0].ID == all[1].ID {
		t.Fatal(all, err)
	}
	for text, want := range map[string]string{
		"batch: [" + one + ", " + one + "]":                    `the analysis "one" is there twice`,
		"batch: [" + one + ", null]":                           "an empty entry in the batch",
		"name: x\nbatch: [" + one + "]":                        "settings beside the batch; put them into its analyses",
		"batch: [" + one + strings.Repeat(", null", 500) + "]": "501 analyses in a batch; give at most 500",
	} {
		if _, err := c.ParseAnalyses([]byte(text), today); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v", text, err)
		}
	}
}

// TestParseCanonical: there is one text of an analysis.
func TestParseCanonical(t *testing.T) {
	c := parsed(t, aCharter)
	text := string(analysis(t, c, anAnalysis).Canonical())
	for _, other := range []string{
		text + "\n", " " + text, strings.Replace(text, `"name"`, `"Name"`, 1), strings.Replace(text, `"tau":`, `"tau": `, 1) + " ",
		strings.Replace(text, `{`, `{"extra":1,`, 1), text + text, text[:len(text)-1], "", "null", "{}",
		strings.Replace(text, `"name":"first"`, `"name":"first","name":"first"`, 1),
		strings.Replace(text, `"name":"first"`, `"name":"f\u0069rst"`, 1),
		strings.Replace(text, `"expires":"2030`, `"expires":"20x0`, 1),
		strings.Replace(text, `"sites":["a","b","c"]`, `"sites":["a","b","q"]`, 1),
	} {
		if _, err := c.ParseCanonical([]byte(other)); err == nil {
			t.Errorf("%s is an analysis", other)
		}
	}
	if _, err := c.ParseCanonical(make([]byte, maxYAML+1)); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Error(err)
	}
}

// TestIsName: names are the same in folders that do not tell capitals, and no paths or flags.
func TestIsName(t *testing.T) {
	for text, want := range map[string]bool{
		"a": true, "site-a": true, "0": true, strings.Repeat("x", 32): true,
		"": false, "A": false, "-a": false, "a-": false, "-": false, "a_b": false, "a.b": false, "a/b": false, "é": false,
		strings.Repeat("x", 33): false, "a\n": false, " a": false,
	} {
		if IsName(text) != want {
			t.Errorf("%q", text)
		}
	}
}

// FuzzCharter: a charter that is taken has one canonical form, which is taken again.
func FuzzCharter(f *testing.F) {
	f.Add([]byte(aCharter))
	f.Add([]byte(Example))
	f.Add([]byte("study: &x lipids\nsites: [*x, a, b]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseYAML(text, digest)
		if err != nil {
			return
		}
		again := &Charter{}
		if err := strictJSON(c.Canonical(), again); err != nil || again.Check() != nil {
			t.Errorf("%s: %v", c.Canonical(), err)
		}
	})
}

// FuzzAnalyses: an analysis that is taken has one canonical form, which is taken again.
func FuzzAnalyses(f *testing.F) {
	c := parsed(f, aCharter)
	f.Add([]byte(anAnalysis + aHistory))
	f.Add([]byte("batch: [{name: one, kind: fit, model: linear, outcome: y}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := c.ParseAnalyses(text, today)
		if err != nil {
			return
		}
		for _, a := range all {
			if _, err := c.ParseCanonical(a.Canonical()); err != nil {
				t.Errorf("%s: %v", a.Canonical(), err)
			}
		}
	})
}

// FuzzCanonical: what is taken is its own canonical form.
func FuzzCanonical(f *testing.F) {
	c := parsed(f, aCharter)
	f.Add(analysis(f, c, anAnalysis+aHistory).Canonical())
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := c.ParseCanonical(text)
		if err == nil && !bytes.Equal(a.Canonical(), text) {
			t.Errorf("%s", a.Canonical())
		}
		if err == nil {
			a.Rosters(c)
			a.Past(c)
		}
	})
}

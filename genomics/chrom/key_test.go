package chrom

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSpellings(t *testing.T) {
	for want, names := range map[Key][]string{
		"1":    {"1", "01", "chr1", "CHR1", "Chr1", "chr01"},
		"22":   {"22", "chr22"},
		"0":    {"0", "00", "chr0"},
		X:      {"X", "x", "0X", "23", "chrX", "chrx", "CHRX", "Chr23"},
		Y:      {"Y", "y", "24", "chrY"},
		XY:     {"XY", "xy", "25", "chrXY"},
		MT:     {"MT", "Mt", "M", "m", "0M", "26", "chrM", "chrMT"},
		PAR1:   {"PAR1", "par1", "chrPAR1"},
		PAR2:   {"PAR2"},
		"27":   {"27", "chr27"},
		"001":  {"001"},
		"2A":   {"2A", "chr2A"},
		"a":    {"a"},
		"A":    {"A"},
		"chr":  {"chr"},
		"CHR":  {"CHR"},
		"":     {""},
		"Un_1": {"Un_1", "chrUn_1"},

		"chrchr1":      {"chrchr1"},
		"HLA-A*01:01":  {"HLA-A*01:01"},
		"GL000192.1":   {"GL000192.1"},
		"NC_000023.11": {"NC_000023.11"},
	} {
		for _, name := range names {
			if got := Parse(name); got != want {
				t.Errorf("%q: %q, want %q", name, got, want)
			}
		}
	}
}

// TestSpelledAnyhow writes human chromosomes in all ways that are one.
func TestSpelledAnyhow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		class := rapid.SampledFrom([][]string{
			{"0", "00"}, {"7", "07"}, {"19"}, {"X", "23", "0X"}, {"Y", "24", "0Y"}, {"XY", "25"}, {"MT", "M", "26", "0M"}, {"PAR1"}, {"PAR2"},
		}).Draw(t, "class")
		spell := func(label string) string {
			name := rapid.SampledFrom(class).Draw(t, label)
			name = rapid.SampledFrom([]string{"", "chr", "Chr", "CHR", "cHr"}).Draw(t, "prefix") + name
			return rapid.SampledFrom([]func(string) string{strings.ToUpper, strings.ToLower, strings.Clone}).Draw(t, "case")(name)
		}
		a, b := spell("a"), spell("b")
		if Parse(a) != Parse(b) || Parse(a).Compare(Parse(b)) != 0 || NewNames([]string{"other", a}).Find(b) != 1 {
			t.Errorf("%q and %q are not the same", a, b)
		}
	})
}

func TestOrder(t *testing.T) {
	want := []Key{"0", "1", "2", "10", "22", X, Y, XY, MT, PAR1, PAR2, "27", "30", "2A", "GL000192.1", "GL000192.2", "Un_2", "Un_10"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Key.Compare)
	if i := slices.Index(got, "2A"); i < slices.Index(got, PAR2) {
		t.Errorf("2A stands before PAR2")
	}
	named := func(k Key) bool { return k == "27" || k == "30" || k == "2A" }
	if got, want := slices.DeleteFunc(got, named), slices.DeleteFunc(slices.Clone(want), named); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// FuzzKeys demands that parsing a key changes nothing, that numbers are those of the
// names, and that the order is one.
func FuzzKeys(f *testing.F) {
	for _, name := range []string{"1", "chr1", "X", "0x", "chrchr1", "chr0X", "PAR1", "Un_1", "Un_01", "", "26", "27", "0é"} {
		f.Add(name, "chrM", "HLA-A*01:01")
		f.Add("2", name, "GL1")
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		keys := []Key{Parse(a), Parse(b), Parse(c)}
		for _, k := range keys {
			if again := Parse(string(k)); again != k {
				t.Errorf("%q is parsed as %q", k, again)
			}
			if n, ok := k.Number(); ok && (n < 0 || n > 26) {
				t.Errorf("%q has the number %d", k, n)
			}
			for _, other := range keys {
				if got := k.Compare(other); got != -other.Compare(k) || (got == 0) != (k == other) {
					t.Errorf("%q and %q: %d and %d", k, other, got, other.Compare(k))
				}
			}
		}
		slices.SortFunc(keys, Key.Compare)
		if keys[0].Compare(keys[2]) > 0 {
			t.Errorf("%q is not in order", keys)
		}
	})
}

// FuzzFind compares the search for a name with a search from the first to the last.
func FuzzFind(f *testing.F) {
	f.Add("1 2 X", "chr2")
	f.Add("chr1 chrchr1 1", "chr1")
	f.Add("chr23 X", "23")
	f.Add("X chr23", "23")
	f.Add("1 chrM", "MT")
	f.Add("chr", "")
	f.Fuzz(func(t *testing.T, list, name string) {
		names := strings.Fields(list)
		want := -1
		for _, same := range []func(string) bool{
			func(n string) bool { return n == name },
			func(n string) bool { return Bare(n) == Bare(name) },
			func(n string) bool { return Parse(n) == Parse(name) },
		} {
			if want < 0 {
				want = slices.IndexFunc(names, same)
			}
		}
		if got := NewNames(names).Find(name); got != want {
			t.Errorf("%q in %q: %d, want %d", name, names, got, want)
		}
	})
}

// TestSpellingsAreInOrder demands that the spellings of a chromosome are those of one, and
// that all chromosomes with numbers from 1 on are there.
func TestSpellingsAreInOrder(t *testing.T) {
	last := Key("0")
	for _, names := range Spellings() {
		key := Parse(names[0])
		for _, name := range names {
			if Parse(name) != key {
				t.Errorf("%s is %s, and not %s", name, Parse(name), key)
			}
		}
		if last.Compare(key) >= 0 {
			t.Errorf("%s comes after %s", key, last)
		}
		last = key
	}
	if n := len(Spellings()); n != numberMT+2 {
		t.Errorf("%d chromosomes", n)
	}
}

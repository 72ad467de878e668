package private_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/test"
	"genoveil/he"
	"genoveil/he/hetest"
	"genoveil/pipeline/filetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

// aCohort is an index of 240 variants in blocks of 64, as a version writes it: block 0 has
// chromosomes 1 and X, blocks 1 and 2 X alone, block 3 the rest of X, Y, MT, and 1 again.
type aCohort struct {
	header private.Index
	blocks []*private.IndexBlock
}

var aCohortsChromosomes = []struct {
	name string
	to   int // variant
}{{"1", 40}, {"X", 200}, {"chrY", 210}, {"MT", 230}, {"1", 240}}

func newCohort(t *testing.T, version int) aCohort {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 3))
	params := hetest.SumParams(t, 6, 64)
	c := aCohort{header: private.Index{
		Version: version, CohortID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: params.Params(), Genotypes: format.HardCalls, Blocks: make([]format.Block, 4), Variants: 240, IDWidth: 4,
		CheckID: pipelinetest.SomeID,
	}}
	for i := range 30 {
		c.header.Samples = append(c.header.Samples, fmt.Sprint("s", i))
	}
	for i := range c.header.Blocks {
		c.header.Blocks[i].Planes = format.HardCalls.Planes()
	}
	c.header.CheckKey = make(he.MaskKey, 30)
	switch version {
	case 1:
		c.header.CheckID, c.header.CheckKey, c.header.OldCheckKey = "", nil, make([]uint64, 30)
	case 3:
		for range 30 {
			c.header.Sexes = append(c.header.Sexes, genomics.Sex(r.IntN(3)))
		}
	}
	var all private.Chromosomes
	for from := 0; from < 240; from += 64 {
		b := &private.IndexBlock{}
		for j := from; j < min(from+64, 240); j++ {
			at := slices.IndexFunc(aCohortsChromosomes, func(x struct {
				name string
				to   int
			}) bool {
				return j < x.to
			})
			v := genomics.Variant{Chrom: aCohortsChromosomes[at].name, Pos: j + 1, ID: fmt.Sprint("v", j), Ref: "A", Alt: "C"}
			var tally private.Tally
			for k := range 4 {
				tally.Counts[k] = r.IntN(1000)
				if version == 3 && genomics.PloidyOf(v.Chrom).BySex() {
					tally.Males[k] = r.IntN(1000)
				}
			}
			for plane := range tally.Check {
				for k := range tally.Check[plane] {
					if version > 1 || k == 0 {
						tally.Check[plane][k] = r.Uint64()
					}
				}
			}
			b.Variants, b.Tallies = append(b.Variants, v), append(b.Tallies, tally)
		}
		all.Add(len(c.blocks), b.Variants)
		c.blocks = append(c.blocks, b)
	}
	if version == 3 {
		c.header.Chromosomes = all.Ranges
	}
	return c
}

// write writes the index; change, unless nil, alters the text of its header.
func (c aCohort) write(t *testing.T, change func(header string) string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "cohort.index")
	text, err := json.Marshal(&c.header)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		changed := change(string(text))
		if changed == string(text) {
			t.Fatalf("nothing to change in %.2000s", text)
		}
		text = []byte(changed)
	}
	packed, err := private.Compress(append(text, '\n'))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range c.blocks {
		lines, err := b.Lines(c.header.Version)
		if err != nil {
			t.Fatal(err)
		}
		if c.header.Version == 1 {
			lines = firstMasks(t, b)
		}
		packed = append(packed, lines...)
	}
	if err := os.WriteFile(path, packed, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// firstMasks writes lines as version 1 had them.
func firstMasks(t *testing.T, b *private.IndexBlock) []byte {
	var lines []byte
	for j, v := range b.Variants {
		tally := b.Tallies[j]
		lines = fmt.Appendf(lines, "%s\t%d\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", v.Chrom, v.Pos, v.ID, v.Ref, v.Alt,
			tally.Counts[0], tally.Counts[1], tally.Counts[2], tally.Counts[3], tally.Check[0][0], tally.Check[1][0], tally.Check[2][0])
	}
	packed, err := private.Compress(lines)
	if err != nil {
		t.Fatal(err)
	}
	return packed
}

// TestIndexVersions: every version reads back what it had. Before version 3 there are no
// counts of males, and all chromosomes are of two copies.
func TestIndexVersions(t *testing.T) {
	for version := 1; version <= 3; version++ {
		c := newCohort(t, version)
		r, err := private.OpenAnyIndex(c.write(t, nil))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if !reflect.DeepEqual(r.Sexes, c.header.Sexes) || r.CountsCopies() != (version == 3) {
			t.Errorf("version %d: sexes %v, counts copies %v", version, r.Sexes, r.CountsCopies())
		}
		for name, want := range map[string]genomics.Ploidy{"1": genomics.Diploid, "X": genomics.XLinked, "chrY": genomics.YLinked, "MT": genomics.Mitochondrial, "XY": genomics.Diploid} {
			if version < 3 {
				want = genomics.Diploid
			}
			if got := r.Ploidy(name); got != want {
				t.Errorf("version %d: ploidy of %s is %q", version, name, got)
			}
		}
		for i, want := range c.blocks {
			if got, err := r.NextBlock(); err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("version %d, block %d: %v\n%v\nwant\n%v", version, i, err, got, want)
			}
		}
		if _, err := r.NextBlock(); !errors.Is(err, io.EOF) {
			t.Errorf("version %d: %v after the last block", version, err)
		}
		if version == 1 {
			continue // serves no query
		}
		again, err := private.OpenIndex(r.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		ranges, err := again.ListChromosomes()
		if want := []private.ChromosomeRange{{Name: "1", From: 0, To: 4}, {Name: "X", From: 0, To: 4}, {Name: "chrY", From: 3, To: 4}, {Name: "MT", From: 3, To: 4}}; err != nil || !slices.Equal(ranges, want) {
			t.Errorf("version %d: %v, %v", version, ranges, err)
		}
	}
}

// TestSectionsOfSexes: sections of X, Y and MT overlap with that of all others in the blocks
// that they share, and a variant finds its own.
func TestSectionsOfSexes(t *testing.T) {
	pheno := filepath.Join(t.TempDir(), "pheno")
	text := "#IID CASE\n"
	for i := range 30 {
		text += fmt.Sprintf("s%d %d\n", i, 1+i%2)
	}
	if err := os.WriteFile(pheno, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	silent := func(string, ...any) {}
	for version, want := range map[int]string{2: ":0-4", 3: ":0-4 X/X:0-4 chrY/Y:3-4 MT/MT:3-4"} {
		r, err := private.OpenIndex(newCohort(t, version).write(t, nil))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		sections, err := r.Sections(test.Find("chi2"), test.Phenotypes{Path: pheno, Traits: []string{"CASE"}}, silent, silent)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		q := private.Query{}
		for _, s := range sections {
			name := s.Chromosome
			if s.Ploidy != "" {
				name += "/" + string(s.Ploidy)
			}
			got = append(got, fmt.Sprintf("%s:%d-%d", name, s.From, s.To))
			q.Sections = append(q.Sections, private.QuerySection{Chromosome: s.Chromosome, Ploidy: s.Ploidy, From: s.From, To: s.To})
		}
		if strings.Join(got, " ") != want {
			t.Errorf("version %d: %q, want %s", version, got, want)
		}
		for number := 0; ; number++ {
			b, err := r.NextBlock()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range b.Variants {
				section, err := q.Section(number, v.Chrom)
				if err != nil || q.Sections[section].Ploidy != r.Ploidy(v.Chrom) {
					t.Fatalf("version %d, block %d: %s is in section %d, %v", version, number, v.Chrom, section, err)
				}
			}
		}
	}
	q := private.Query{Sections: []private.QuerySection{{Chromosome: "X", Ploidy: genomics.XLinked, From: 1, To: 3}}}
	for chromosome, block := range map[string]int{"Y": 1, "X": 3} {
		if _, err := q.Section(block, chromosome); err == nil || err.Error() != "the query has no model for chromosome "+chromosome {
			t.Error(err)
		}
	}
}

// TestSexesText: one digit a sample, and nothing else.
func TestSexesText(t *testing.T) {
	text, err := json.Marshal(private.Sexes{genomics.Male, genomics.Female, genomics.UnknownSex, genomics.Male})
	if err != nil || string(text) != `"1201"` {
		t.Errorf("%s, %v", text, err)
	}
	for text, ok := range map[string]bool{`""`: true, `"0121"`: true, `"3"`: false, `"01 1"`: false, `"-1"`: false, `"\u0000"`: false, `"é"`: false, `"/"`: false, `[1,2]`: false, `12`: false} {
		var s private.Sexes
		if err := json.Unmarshal([]byte(text), &s); (err == nil) != ok {
			t.Errorf("%s: %v, %v", text, s, err)
		}
	}
}

// TestHostileIndexHeaders of version 3 are refused when the index is opened, and lines that do
// not fit it when they are read.
func TestHostileIndexHeaders(t *testing.T) {
	c := newCohort(t, 3)
	replace := func(old, with string) func(string) string {
		return func(header string) string { return strings.Replace(header, old, with, 1) }
	}
	for name, test := range map[string]struct {
		change func(string) string
		want   string
	}{
		"a sex too many":             {replace(`"sexes":"`, `"sexes":"1`), "it does not have a sex for every sample"},
		"one sex":                    {func(h string) string { return cutBetween(h, `"sexes":"`, `"`, "1") }, "it does not have a sex for every sample"},
		"no sex that there is":       {replace(`"sexes":"`, `"sexes":"7`), "is no sex"},
		"no sexes":                   {func(h string) string { return cutBetween(h, `"sexes":"`, `"`, "") }, ""},
		"a chromosome behind":        {replace(`"to":4`, `"to":5`), "a chromosome is outside its blocks"},
		"a chromosome before":        {replace(`"from":0`, `"from":-1`), "a chromosome is outside its blocks"},
		"a chromosome of no block":   {replace(`"from":3,"to":4`, `"from":4,"to":4`), "a chromosome is outside its blocks"},
		"a chromosome the other way": {replace(`"from":3,"to":4`, `"from":3,"to":2`), "a chromosome is outside its blocks"},
		"no chromosomes":             {func(h string) string { return cutBetween(h, `"chromosomes":[`, `]`, "") }, "it does not list its chromosomes"},
		"a version to come":          {replace(`"version":3`, `"version":4`), "format version 4; this program reads versions 1 to 3"},
	} {
		path := c.write(t, test.change)
		r, err := private.OpenAnyIndex(path)
		if test.want != "" {
			filetest.Refused(t, name, err, path, test.want)
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			r.Close()
		}
	}
	for name, versions := range map[string][2]int{"counts of males in version 2": {3, 2}, "no counts of males in version 3": {2, 3}} {
		c := newCohort(t, versions[0])
		path := c.write(t, replace(fmt.Sprintf(`"version":%d`, versions[0]), fmt.Sprintf(`"version":%d,"chromosomes":[{"name":"1","from":0,"to":4}]`, versions[1])))
		r, err := private.OpenAnyIndex(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.NextBlock() // block 0 has variants of X
		filetest.Refused(t, name, err, path, "variant 41: ")
		r.Close()
	}
}

// cutBetween replaces what is between the first start and the end after it.
func cutBetween(text, start, end, with string) string {
	from := strings.Index(text, start) + len(start)
	to := from + strings.Index(text[from:], end)
	return text[:from] + with + text[to:]
}

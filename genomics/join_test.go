package genomics_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/bed"
	"genoveil/genomics/bgen"
	"genoveil/genomics/pgen"
	"genoveil/genomics/rowtest"
	"genoveil/genomics/vcf"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// cut cuts a cohort into parts of runs of its variants, some of them empty.
func (c cohort) cut(t *rapid.T) []cohort {
	var parts []cohort
	from := 0
	for _, to := range append(slices.Sorted(slices.Values(rapid.SliceOfN(rapid.IntRange(0, len(c.variants)), 1, 4).Draw(t, "cuts"))), len(c.variants)) {
		parts = append(parts, cohort{c.samples, c.variants[from:to], c.dosages[from:to]})
		from = to
	}
	return parts
}

// files are the parts of a cohort, which open reads.
func files[S any](paths []string, open func(path string) (S, error)) []genomics.File[S] {
	var all []genomics.File[S]
	for _, path := range paths {
		all = append(all, genomics.File[S]{Name: path, Open: func() (S, error) { return open(path) }})
	}
	return all
}

// TestJoinFormats reads cohorts in parts in all formats: what is read of them and what is
// left out is that of the whole.
func TestJoinFormats(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCohort(t, rapid.Bool().Draw(t, "calls"))
		whole := c.write(t, dir)
		var paths []string
		for i, part := range c.cut(t) {
			at := filepath.Join(dir, fmt.Sprint(i))
			if err := os.MkdirAll(at, 0o700); err != nil {
				t.Fatal(err)
			}
			paths = append(paths, part.write(t, at))
		}
		for format, open := range map[string]func(path string) (genomics.Source, error){
			"VCF":  func(path string) (genomics.Source, error) { return vcf.Open(path+".vcf", nil) },
			"BED":  func(path string) (genomics.Source, error) { return bed.Open(path) },
			"PGEN": func(path string) (genomics.Source, error) { return pgen.Open(path) },
			"BGEN": func(path string) (genomics.Source, error) {
				return bgen.Open(path+".bgen", whole+".sample", bgen.RefFirst)
			},
		} {
			one, err := open(whole)
			if err != nil {
				t.Fatal(err)
			}
			want, err := rowtest.Calls(one, nil)
			if err != nil {
				t.Fatal(err)
			}
			joined, err := genomics.Join(files(paths, open))
			if err != nil {
				t.Fatal(err)
			}
			got, err := rowtest.Calls(joined, nil)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Error(format, err, diff)
			}
			if diff := cmp.Diff(reasons(one.Skipped()), reasons(joined.Skipped())); diff != "" || !slices.Equal(one.Samples(), joined.Samples()) {
				t.Error(format, diff)
			}
		}
		for format, open := range map[string]func(path string) (genomics.DosageSource, error){
			"VCF": func(path string) (genomics.DosageSource, error) { return vcf.OpenDosages(path+".vcf", nil, "DS") },
			"PGEN": func(path string) (genomics.DosageSource, error) {
				return pgen.OpenDosages(path)
			},
			"BGEN": func(path string) (genomics.DosageSource, error) {
				return bgen.OpenDosages(path+".bgen", path+".sample", bgen.RefFirst)
			},
		} {
			want, err := rowtest.Dosages(open(whole))
			if err != nil {
				t.Fatal(err)
			}
			joined, err := genomics.JoinDosages(files(paths, open))
			got, err := rowtest.Dosages(joined, err)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Error(format, err, diff)
			}
		}
	})
}

// A part is a source in memory that notes things.
type part struct {
	rows
	skipped map[string]int
	noted   []genomics.Note
	fails   error
	open    *int
}

func (p *part) Skipped() map[string]int { return p.skipped }
func (p *part) Notes() []genomics.Note  { return p.noted }
func (p *part) Close() error            { *p.open--; return p.rows.Close() }
func (p *part) Next(v *genomics.Variant, row genomics.Row) error {
	if p.next == len(p.variants) && p.fails != nil {
		return p.fails
	}
	return p.rows.Next(v, row)
}

// parts are files in memory, of which each has some samples and variants such as 1:100.
type parts struct {
	t       *testing.T
	open    int // at a time
	opened  []string
	samples map[string]string // of a file, if they are not a and b
	change  func(name string, times int, p *part)
}

func (ps *parts) file(name string, variants string) genomics.File[genomics.Source] {
	times := 0
	return genomics.File[genomics.Source]{Name: name, Open: func() (genomics.Source, error) {
		p := &part{open: &ps.open}
		p.samples = []string{"a", "b"}
		if s, ok := ps.samples[name]; ok {
			p.samples = strings.Fields(s)
		}
		for _, place := range strings.Fields(variants) {
			var v genomics.Variant
			if _, err := fmt.Sscanf(strings.ReplaceAll(place, ":", " "), "%s %d", &v.Chrom, &v.Pos); err != nil {
				ps.t.Fatal(err)
			}
			p.variants = append(p.variants, v)
			p.rows.rows = append(p.rows.rows, make(genomics.Row, 1))
		}
		times++
		if ps.change != nil {
			ps.change(name, times, p)
		}
		ps.opened = append(ps.opened, name)
		if ps.open++; ps.open > 1 {
			ps.t.Errorf("%d files are open at a time", ps.open)
		}
		return p, nil
	}}
}

// TestJoinOpens opens every file before any is read, and then each when the one before
// it has ended. Never are two open.
func TestJoinOpens(t *testing.T) {
	ps := &parts{t: t}
	joined, err := genomics.Join([]genomics.File[genomics.Source]{ps.file("x", "1:1 1:2"), ps.file("y", ""), ps.file("z", "2:1")})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ps.opened, []string{"x", "y", "z"}) || ps.open != 0 {
		t.Error(ps.opened, ps.open)
	}
	var v genomics.Variant
	row := make(genomics.Row, 1)
	for i, want := range []string{"x y z x", "x y z x", "x y z x y z"} {
		if err := joined.Next(&v, row); err != nil || strings.Join(ps.opened, " ") != want {
			t.Error(i, err, ps.opened)
		}
	}
	for range 2 {
		if err := joined.Next(&v, row); err != io.EOF {
			t.Error(err)
		}
	}
	if ps.open != 0 {
		t.Error("a file is open after the end")
	}

	// Closed in the middle, nothing is left open, and nothing more is read.
	joined, err = genomics.Join([]genomics.File[genomics.Source]{ps.file("x", "1:1 1:2"), ps.file("y", "")})
	if err == nil {
		err = joined.Next(&v, row)
	}
	if err != nil || ps.open != 1 {
		t.Error(err, ps.open)
	}
	if err := joined.Close(); err != nil || ps.open != 0 {
		t.Error(err, ps.open)
	}
	if err := joined.Next(&v, row); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

// TestJoinSamples demands the same samples in the same order, with an example of each side.
func TestJoinSamples(t *testing.T) {
	const remedy = "; all files need the same samples in the same order"
	for samples, want := range map[string]string{
		"a c":   `y has other samples than x: "c" is in y alone, and "b" in x alone`,
		"a b c": `y has more samples than x: "c" is in y alone`,
		"b":     `y has fewer samples than x: "a" is in x alone`,
		"b a":   `y has the samples of x in another order: sample 1 is "b" in y, and "a" in x`,
	} {
		ps := &parts{t: t, samples: map[string]string{"y": samples}}
		_, err := genomics.Join([]genomics.File[genomics.Source]{ps.file("x", "1:1"), ps.file("y", "2:1")})
		if err == nil || err.Error() != want+remedy || ps.open != 0 {
			t.Errorf("%s: %v, want %s", samples, err, want+remedy)
		}
	}

	// A file may change after it was looked at.
	ps := &parts{t: t, change: func(name string, times int, p *part) {
		if name == "y" && times == 2 {
			p.samples = []string{"b", "a"}
		}
	}}
	joined, err := genomics.Join([]genomics.File[genomics.Source]{ps.file("x", "1:1"), ps.file("y", "2:1")})
	if rows, err := rowtest.Calls(joined, err); len(rows) != 1 || err == nil || !strings.HasPrefix(err.Error(), "y has the samples of x in another order") || ps.open != 0 {
		t.Error(rows, err)
	}
}

// TestJoinErrors ends at the error of a file, which is the reader's.
func TestJoinErrors(t *testing.T) {
	broken := errors.New("y, line 7: broken")
	ps := &parts{t: t, change: func(name string, _ int, p *part) {
		if name == "y" {
			p.fails = broken
		}
	}}
	joined, err := genomics.Join([]genomics.File[genomics.Source]{ps.file("x", "1:1"), ps.file("y", "2:1"), ps.file("z", "3:1")})
	if rows, err := rowtest.Calls(joined, err); len(rows) != 2 || err != broken || ps.open != 0 {
		t.Error(rows, err, ps.open)
	}
	missing := errors.New("open z: no such file")
	last := genomics.File[genomics.Source]{Name: "z", Open: func() (genomics.Source, error) { return nil, missing }}
	if _, err := genomics.Join([]genomics.File[genomics.Source]{ps.file("x", "1:1"), last}); err != missing {
		t.Error(err)
	}
}

// TestJoinCounts sums up what files leave out and note, and names the file of the first.
func TestJoinCounts(t *testing.T) {
	ps := &parts{t: t, change: func(name string, _ int, p *part) {
		p.skipped = map[string]int{"multi-allelic": 2}
		switch name {
		case "y":
			p.skipped["odd; the first in line 5: \"R\""] = 1
			p.noted = []genomics.Note{{Text: "half-calls", Count: 3, First: "line 4"}}
		case "z":
			p.skipped["odd; the first in line 9: \"K\""] = 4
			p.noted = []genomics.Note{{Text: "half-calls", Count: 5, First: "line 2"}, {Text: "no line end", Warning: true, Count: 1}}
		}
	}}
	joined, err := genomics.Join([]genomics.File[genomics.Source]{ps.file("x", "1:1"), ps.file("y", "2:1"), ps.file("z", "3:1")})
	if err != nil {
		t.Fatal(err)
	}
	if err := joined.Next(new(genomics.Variant), make(genomics.Row, 1)); err != nil || !maps.Equal(joined.Skipped(), map[string]int{"multi-allelic": 2}) {
		t.Error(err, joined.Skipped())
	}
	if _, err := rowtest.Calls(joined, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"multi-allelic": 6, "odd; the first in y, line 5: \"R\"": 5}, joined.Skipped()); diff != "" {
		t.Error(diff)
	}
	var notes []string
	for _, note := range joined.(interface{ Notes() []genomics.Note }).Notes() {
		notes = append(notes, fmt.Sprint(note, note.Warning))
	}
	if want := []string{"half-calls: 8 (the first in y, line 4) false", "no line end: 1 (the first in z) true"}; !slices.Equal(notes, want) {
		t.Errorf("%q, want %q", notes, want)
	}
}

// TestJoinOrder warns of files that overlap or are not in order or give no variant, and of
// no others: a chromosome may be in several files that follow each other.
func TestJoinOrder(t *testing.T) {
	for _, test := range []struct {
		files []string
		count int
		first string
	}{
		{[]string{"1:1 1:9", "2:1", "X:5"}, 0, ""},
		{[]string{"1:1 1:9", "1:10 1:20", "chr1:20 2:3", "2:4 3:1"}, 0, ""},
		{[]string{"1:1 1:9", "", "1:10"}, 0, ""},
		{[]string{"1:1 1:9", "2:1", ""}, 0, ""},
		{[]string{"", "1:1 1:9", ""}, 0, ""},
		{[]string{"2:1", "1:1", "X:1", "3:1"}, 0, ""},
		{[]string{"1:7 1:1 2:5 1:9"}, 0, ""}, // as the file has it
		{[]string{"1:1", "2:7 3:1 2:1"}, 0, ""},
		{[]string{"1:1 1:9", "1:8 1:20"}, 1, "f1: 1:8 comes after 1:9"},
		{[]string{"1:10 1:20", "1:1 1:9", "2:1"}, 1, "f1: 1:1 comes after 1:20"},
		{[]string{"1:1", "2:1", "1:2"}, 1, "f2: 1:2 comes after 2:1"},
		{[]string{"1:1 2:1 3:1", "2:1 3:1"}, 2, "f1: 2:1 comes after 3:1"},
		{[]string{"X:5", "1:1", "chr23:7"}, 1, "f2: chr23:7 comes after 1:1"},
	} {
		ps := &parts{t: t}
		var all []genomics.File[genomics.Source]
		for i, variants := range test.files {
			all = append(all, ps.file(fmt.Sprint("f", i), variants))
		}
		joined, err := genomics.Join(all)
		if _, err := rowtest.Calls(joined, err); err != nil {
			t.Fatal(err)
		}
		var want []genomics.Note
		switch empty := slices.Index(test.files, ""); {
		case empty >= 0 && slices.Contains(test.files[empty+1:], ""):
			want = []genomics.Note{{Text: fmt.Sprintf("2 files gave no variant; the first is f%d", empty), Warning: true}}
		case empty >= 0:
			want = []genomics.Note{{Text: fmt.Sprintf("f%d gave no variant", empty), Warning: true}}
		}
		if test.count > 0 {
			want = []genomics.Note{{Text: "places where files overlap or are not in order; variants may be twice in the cohort", Warning: true, Count: test.count, First: test.first}}
		}
		if got := joined.(interface{ Notes() []genomics.Note }).Notes(); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", test.files, got, want)
		}
	}
}

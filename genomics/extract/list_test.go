package extract_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"genoveil/genomics/chrom"
	"genoveil/genomics/extract"

	"pgregory.net/rapid"
)

// read reads a list with a text; kind is what stands before its path.
func read(t testing.TB, kind, text string) (*extract.List, string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := extract.Read(kind + path)
	return l, path, err
}

func TestIDs(t *testing.T) {
	l, path, err := read(t, "", "\xef\xbb\xbfrs1 rs2\trs3\r\n\n  rs2\t\n.\nlast")
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{"rs1": true, "rs3": true, ".": true, "last": true, "rs": false, "RS1": false, "": false} {
		if l.Has("1", 5, id) != want {
			t.Errorf("%q: in the list is not %v", id, want)
		}
	}
	if got, want := l.Unmet(), path+` names 1 variant that the genotypes do not have, of 5, such as "rs2"`; got != want {
		t.Error(got)
	}
	if err := l.Check(); err != nil {
		t.Error(err)
	}
}

func TestRanges(t *testing.T) {
	text := "#chrom start end\ntrack name=x\nbrowser y\nchr1 10 20 gene\n1\t15\t30\n\nX 5 5 a b c\n1 31 32\n1 100 2147483647\n"
	for kind, first := range map[string]int{"range=": 10, "bed1=": 10, "bed0=": 11} {
		text := text
		if kind == "bed0=" {
			text = strings.Replace(text, "X 5 5", "X 4 5", 1)
		}
		l, path, err := read(t, kind, text+"chr9 1 2\nchr9 4 6\n8 1 2\n")
		if err != nil {
			t.Fatal(err)
		}
		for place, want := range map[string]bool{
			fmt.Sprint("1:", first): true, fmt.Sprint("chr1:", first-1): false, "CHR1:30": true, "1:32": true, "1:33": false, "1:99": false, "1:2147483647": true,
			"23:5": true, "chrX:4": false, "X:6": false, "2:10": false,
		} {
			name, pos, _ := strings.Cut(place, ":")
			n, _ := strconv.Atoi(pos)
			if l.Has(name, n, "rs") != want {
				t.Errorf("%s%s: in the list is not %v", kind, place, want)
			}
		}
		example := fmt.Sprintf("8:%d-2", first-9)
		if got, want := l.Unmet(), path+" has 3 ranges on chromosomes that the genotypes do not have, of 8, such as "+example; got != want {
			t.Errorf("%q, expected %q", got, want)
		}
		l.Has("8", 1, "rs")
		l.Has("9", 1, "rs")
		if got := l.Unmet(); got != "" {
			t.Error(got)
		}
	}
}

// TestRangesTwin compares with looking at each range.
func TestRangesTwin(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		type span struct {
			name     string
			from, to int
		}
		names := rapid.SampledFrom([]string{"1", "chr1", "2", "X", "chr23"})
		zero := rapid.Bool().Draw(t, "bed0")
		kind, first := "range=", 0
		if zero {
			kind, first = "bed0=", 1
		}
		var spans []span
		var text strings.Builder
		for range rapid.IntRange(1, 12).Draw(t, "ranges") {
			s := span{name: names.Draw(t, "name"), from: rapid.IntRange(0, 40).Draw(t, "from")}
			s.to = s.from + first + rapid.IntRange(0, 8).Draw(t, "length")
			fmt.Fprintf(&text, "%s\t%d\t%d\n", s.name, s.from, s.to)
			s.from += first
			spans = append(spans, s)
		}
		path := filepath.Join(dir, "list")
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := extract.Read(kind + path)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			name, pos := names.Draw(t, "of"), rapid.IntRange(0, 50).Draw(t, "pos")
			want := false
			for _, s := range spans {
				want = want || chrom.Parse(s.name) == chrom.Parse(name) && s.from <= pos && pos <= s.to
			}
			if l.Has(name, pos, ".") != want {
				t.Fatalf("%s:%d: in the list is not %v", name, pos, want)
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct{ kind, text, want string }{
		{"", "", `list: the file names no variants`},
		{"", " \n\t\n", `list: the file names no variants`},
		{"range=", "# nothing\n", `list: the file names no variants`},
		{"range=", "1 5 6\nrs1\n", `list, line 2: fewer than 3 columns; a range has a chromosome, from and to; for a list of IDs, leave out what is before the file's name`},
		{"range=", "1 5\n", `list, line 1: fewer than 3 columns`},
		{"range=", "chr start end\n", `list, line 1: "start" is not a position, a whole number up to 2147483647`},
		{"range=", "1 5 2147483648\n", `list, line 1: "2147483648" is not a position`},
		{"range=", "1 -5 5\n", `list, line 1: "-5" is not a position`},
		{"range=", "1 1e3 5\n", `list, line 1: "1e3" is not a position`},
		{"range=", "1 6 5\n", `list, line 1: the range from 6 to 5 has no position`},
		{"bed0=", "1 5 5\n", `list, line 1: the range from 5 to 5 has no position`},
		{"", "rs1\rrs2", `list, line 1: a line end of CR alone`},
		{"", strings.Repeat("x", 1<<24+1), `list, line 1: longer than 16777216 bytes; is it a list of variants\?`},
		{"range=", strings.Repeat("x", 1<<24+1), `list, line 1: longer than 16777216 bytes; is it a list of ranges\?`},
	} {
		if _, _, err := read(t, test.kind, test.text); err == nil || !regexp.MustCompile(test.want).MatchString(err.Error()) {
			t.Errorf("%s%.20q: %v", test.kind, test.text, err)
		}
	}
	if _, err := extract.Read("range=" + t.TempDir()); err == nil || !strings.HasSuffix(err.Error(), "is a folder, not a list of ranges") {
		t.Error(err)
	}
}

func TestSpelling(t *testing.T) {
	for list, want := range map[string]string{
		"ids.txt": "", "range=x": "", "bed0=x.bed": "", "range=x.bed": "", "ranges": "", "./range": "",
		"range":    "give the file together with the word, as range=FILE",
		"bed0":     "give the file together with the word, as bed0=FILE",
		"bed1=":    "give the file together with the word, as bed1=FILE",
		"x.bed":    "give bed0=x.bed if its positions begin with 0, as in UCSC's files, or range=x.bed if they begin with 1, as in PLINK's",
		"x.bed.gz": "give bed0=x.bed.gz if its positions begin with 0, as in UCSC's files, or range=x.bed.gz if they begin with 1, as in PLINK's",
	} {
		got := ""
		if err := extract.CheckSpelling(list); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q", list, got)
		}
	}
	for list, want := range map[string]string{"ids": "ids", "range=ids": "ids", "bed1=a=b": "a=b", "bed0=x": "x", "": ""} {
		if got := extract.Path(list); got != want {
			t.Errorf("%s: %q", list, got)
		}
	}
}

// TestCheck: what met nothing says what it has and what was there.
func TestCheck(t *testing.T) {
	ids, path, err := read(t, "", "rs1\nrs2")
	if err != nil || ids.Check() != nil {
		t.Fatal(err, ids.Check())
	}
	ids.Has("1", 5, "1:5:A:G")
	ids.Has("1", 6, "1:6:A:G")
	want := path + `: no variant has one of its 2 IDs; the first is "rs1", and the first variant has "1:5:A:G"; for a list of ranges, give range=` + path
	if err := ids.Check(); err == nil || err.Error() != want {
		t.Error(err)
	}
	ranges, path, err := read(t, "bed0=", "chr1 5 6")
	if err != nil {
		t.Fatal(err)
	}
	ranges.Has("1", 5, "rs5")
	want = path + `: no variant is in its 1 range; the first is chr1:6-6, and the first variant is 1:5`
	if err := ranges.Check(); err == nil || err.Error() != want {
		t.Error(err)
	}
	ranges.Has("chr1", 6, "rs6")
	if err := ranges.Check(); err != nil {
		t.Error(err)
	}
}

// FuzzRead: whatever is in a file, reading ends with a list or an error about that file,
// and a list of IDs has every field of it.
func FuzzRead(f *testing.F) {
	f.Add("rs1 rs2\nrs3\t.\n", "1", 5)
	f.Add("chr1 10 20\n#x\ntrack\n2\t5\t5\tgene\n", "chr1", 15)
	f.Add("\x1f\x8b\x08\x00", "X", 1)
	f.Add("1 0 4294967296\n", "1", 1)
	f.Fuzz(func(t *testing.T, text, name string, pos int) {
		for _, kind := range []string{"", "range=", "bed0="} {
			l, path, err := read(t, kind, text)
			if err != nil {
				if !strings.HasPrefix(err.Error(), path) {
					t.Fatalf("%v does not name the file", err)
				}
				continue
			}
			l.Has(name, pos, "rs1")
			l.Check()
			if kind != "" || strings.HasPrefix(text, "\x1f\x8b") || strings.HasPrefix(text, "\x28\xb5\x2f\xfd") {
				continue
			}
			for _, id := range regexp.MustCompile(`[^ \t\r\n]+`).FindAllString(strings.TrimPrefix(text, "\xef\xbb\xbf"), -1) {
				if !l.Has("1", 1, id) {
					t.Fatalf("%q is not in the list", id)
				}
			}
		}
	})
}

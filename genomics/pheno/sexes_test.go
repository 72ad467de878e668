package pheno

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics"
)

// spellSexes writes sexes as "s1:1 s2:2", and nil as "none".
func spellSexes(sexes map[string]genomics.Sex) string {
	if sexes == nil {
		return "none"
	}
	var list []string
	for _, id := range slices.Sorted(maps.Keys(sexes)) {
		list = append(list, fmt.Sprintf("%s:%d", id, sexes[id]))
	}
	return strings.Join(list, " ")
}

// TestSexes reads tables that users give (ReadSexes) and files of genotypes (SexesOf). An
// expected text that is no list of sexes is the beginning of the error.
func TestSexes(t *testing.T) {
	const unknownCode = "; write 1 or M for males, 2 or F for females, and 0 or NA where it is not known"
	for _, c := range []struct{ name, text, given, own string }{
		{"psam", "#IID SEX\ns1 1\ns2 2\ns3 NA\n", "s1:1 s2:2 s3:0", "="},
		{"psam with families, as PLINK 2 writes it", "##x\n#FID\tIID\tPAT\tMAT\tSEX\tPHENO1\nf\ts1\t0\t0\t1\t2\n0\ts2\t0\t0\t2\t1\n", "s1:1 s2:2", "="},
		{"psam without SEX", "#IID PHENO1\ns1 1\n", "sex.txt, line 1: no column is named SEX", "none"},
		{"psam without header", "f s1 0 0 1\nf s2 0 0 2\n", "s1:1 s2:2", "="},
		{"psam without header, more columns", "f s1 0 0 1 1 7\nf s2 0 0 2 1 8\n", "sex.txt, line 1: columns: 7; without a header", "s1:1 s2:2"},
		{"fam", "f s1 0 0 1 2\nf s2 s1 s3 2 1\nf s3 0 0 0 -9\n", "s1:1 s2:2 s3:0", "="},
		{"fam, one sample", "f s1 0 0 1 2\n", "s1:1", "="},
		{"fam with other codes", "f s1 0 0 1 2\nf s2 0 0 3 1\n", "sex.txt, line 2: the sex is \"3\"" + unknownCode, "s1:1 s2:0"},
		{"sample", "ID_1 ID_2 missing sex\n0 0 0 D\nf s1 0 1\nf s2 0 2\n", "s1:1 s2:2", "="},
		{"sample with one identifier", "ID missing SEX\n0 0 d\ns1 0 1\ns2 0 female\n", "s1:1 s2:2", "="},
		{"sample with ID_1 alone", "ID_1 missing sex\n0 0 D\ns1 0 1\ns2 0 2\n", "s1:1 s2:2", "="},
		{"sample without sexes", "ID_1 ID_2 missing\n0 0 0\nf s1 0\nf s2 0\n", "sex.txt, line 1: no column is named SEX", "none"},
		{"sample, six columns without sexes", "ID_1 ID_2 missing a b c\n0 0 0 P P B\nf s1 0 1 2 3\n", "sex.txt, line 1: no column is named SEX", "none"},
		{"two columns without header", "s1 M\ns2 f\ns3 0\n", "s1:1 s2:2 s3:0", "none"},
		{"three columns without header", "0 s1 1\n0 s2 2\n", "s1:1 s2:2", "none"},
		{"words", "#IID SEX\na male\nb FEMALE\nc unknown\nd nan\ne -9\nf U\n", "a:1 b:2 c:0 d:0 e:0 f:0", "="},
		{"name in small letters, among others", "IID age Sex\ns1 40 1\ns2 50 2\n", "s1:1 s2:2", "="},
		{"commas", "#FID,IID,SEX\nf,s1,1\nf,s2,\n", "s1:1 s2:0", "="},
		{"byte order mark, CRLF, no last newline", "\xef\xbb\xbfs1 1\r\ns2 2", "s1:1 s2:2", "none"},
		{"blank lines at the end", "#IID SEX\ns1 1\n\n\n", "s1:1", "="},
		{"unknown code", "#IID SEX\ns1 1\ns2 x\n", "sex.txt, line 3: the sex is \"x\"" + unknownCode, "s1:1 s2:0"},
		{"header of other names", "sample sex\ns1 1\n", "sex.txt, line 1: the sex is \"sex\"" + unknownCode + "; if this line names the columns, the first is to be #IID", "none"},
		{"sample twice", "#IID SEX\ns1 1\ns1 1\n", "sex.txt, line 3: sample \"s1\" has been in a line before", "="},
		{"sample twice, other family", "f s1 1\ng s1 2\n", "sex.txt, line 2: sample \"s1\" has been in a line before", "none"},
		{"too few columns", "#IID SEX\ns1\n", "sex.txt, line 2: 1 columns instead of 2", "="},
		{"too many columns", "#IID SEX\ns1 1 1\n", "sex.txt, line 2: 3 columns instead of 2", "s1:1"},
		{"SEX twice", "#IID SEX sex\ns1 1 2\n", "sex.txt, line 1: two columns are named SEX", "s1:2"},
		{"four columns", "a b c d\n", "sex.txt, line 1: columns: 4; without a header they are IID and SEX", "none"},
		{"one column", "s1\ns2\n", "sex.txt, line 1: columns: 1; without a header", "none"},
		{"FID without IID", "#FID SEX\nf 1\n", "sex.txt, line 1: the column after FID must be IID", "="},
		{"late comment", "s1 1\ns3 2\n#s2 2\n", "sex.txt, line 3: line begins with #", "none"},
		{"blank line inside", "#IID SEX\ns1 1\n\ns2 2\n", "sex.txt, line 3: blank line", "="},
		{"header alone", "#IID SEX\n", "sex.txt: the file names no samples", "="},
		{"empty", "", "sex.txt: the file names no samples", "="},
		{"CR for line ends", "#IID SEX\rs1 1\r", "sex.txt, line 1: a line end of CR alone", "="},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.own == "=" {
				c.own = c.given
			}
			for strict, want := range map[bool]string{true: c.given, false: c.own} {
				sexes, err := parseSexes(linesOf("sex.txt", c.text), strict)
				if err != nil && !strings.HasPrefix(err.Error(), want) || err == nil && spellSexes(sexes) != want {
					t.Errorf("strict %v: %s, %v, want %s", strict, spellSexes(sexes), err, want)
				}
			}
		})
	}
}

// TestLongLinesOfSexes: a file of one line takes no more than the longest line, and a long
// code is not repeated whole.
func TestLongLinesOfSexes(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	for text, want := range map[string]string{
		"s1 " + long + "\n":                               "longer than 16777216 bytes; is it a table of sexes?",
		"#IID SEX\ns1 1\n" + long + long + " 1\n":         "line 3: longer than",
		"#IID SEX\ns1 " + long[:len(long)-10] + "\n":      "the sex is \"" + long[:40] + "\"; write",
		"#IID SEX\ns1 1\ns1" + strings.Repeat(" ", 1<<20): "line 3: 1 columns instead of 2",
	} {
		path := filepath.Join(t.TempDir(), "sex.txt")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadSexes(path); err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 400 {
			t.Errorf("%.400v, want %s", err, want)
		}
	}
}

func TestSexesFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "study.fam")
	if err := os.WriteFile(path, []byte("f s1 0 0 7 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if sexes, err := SexesOf(path); err != nil || spellSexes(sexes) != "s1:0" {
		t.Errorf("%v, %v", sexes, err)
	}
	if _, err := ReadSexes(path); err == nil || !strings.Contains(err.Error(), "line 1: the sex is \"7\"") {
		t.Error(err)
	}
	for _, read := range []func(string) (map[string]genomics.Sex, error){ReadSexes, SexesOf} {
		if _, err := read(path + "x"); err == nil || !strings.Contains(err.Error(), "study.famx") {
			t.Errorf("a file that is not there: %v", err)
		}
	}
}

// sexesTwin reads a table of sexes the obvious way. ok is false for an error.
func sexesTwin(text string, strict bool) (sexes map[string]genomics.Sex, ok bool) {
	var rows [][]string
	ended, commas, top := false, false, true
	for line := range strings.SplitSeq(strings.ReplaceAll(strings.TrimPrefix(text, "\xef\xbb\xbf")+"\n", "\r\n", "\n"), "\n") {
		fields, ok := slowFields(line, top, &commas)
		if !ok {
			return nil, false
		}
		switch {
		case len(fields) == 0:
			ended = true
		case ended:
			return nil, false
		case top && fields[0][0] == '#' && fields[0] != "#FID" && fields[0] != "#IID":
		case fields[0][0] == '#' && strict && !top:
			return nil, false
		default:
			rows, top = append(rows, fields), false
		}
	}
	if len(rows) == 0 {
		return nil, false
	}
	header := slices.Clone(rows[0])
	header[0] = strings.TrimPrefix(header[0], "#")
	types := "0CDPBcdpb"
	isSample := len(rows) > 1 && len(rows[1]) == len(header) && rows[0][0] != "0" && rows[1][0] == "0" &&
		!slices.ContainsFunc(rows[1], func(f string) bool { return len(f) != 1 || !strings.Contains(types, f) })
	iid, sex, columns := 0, -1, len(header)
	switch {
	case header[0] == "IID" || header[0] == "FID" && columns > 1 && header[1] == "IID":
		iid, rows = slices.Index(header, "IID"), rows[1:]
	case header[0] == "FID":
		return nil, false
	case isSample:
		if columns > 1 && rows[1][1] == "0" && !strings.EqualFold(header[1], "missing") {
			iid = 1
		}
		rows = rows[2:]
	default:
		place := map[int][2]int{2: {0, 1}, 3: {1, 2}, 5: {1, 4}, 6: {1, 4}}
		if !strict {
			delete(place, 2)
			delete(place, 3)
			columns = min(columns, 6)
		}
		at, known := place[columns]
		if !known {
			return nil, !strict
		}
		iid, sex, header = at[0], at[1], nil
	}
	for i, name := range header {
		if strings.EqualFold(name, "SEX") {
			if sex >= 0 && strict {
				return nil, false
			}
			sex = i
		}
	}
	if sex < 0 {
		return nil, !strict
	}
	sexes = map[string]genomics.Sex{}
	for _, fields := range rows {
		if len(fields) < columns || strict && len(fields) > columns {
			return nil, false
		}
		s, known := genomics.ParseSex(fields[sex])
		_, twice := sexes[fields[iid]]
		if twice || !known && strict {
			return nil, false
		}
		sexes[fields[iid]] = s
	}
	return sexes, len(rows) > 0
}

func FuzzSexes(f *testing.F) {
	for _, seed := range []string{"", "s1 1\ns2 2\n", "0 s1 1\n", "#IID\ts1\n", "#IID SEX\ns1 1\n", "FID IID SEX\nf s1 M\n", "##c\ns1 1\r\ns2 f", "#FID\n", "s1 1\n\ns2 2",
		"#IID,SEX\ns1,\n", "f s1 0 0 1 2\n", "ID_1 ID_2 missing sex\n0 0 0 D\nf s1 0 1\n", "ID missing sex\n0 0 D\ns1 0 1\n", "\xef\xbb\xbf#IID SEX\ns1 1", "#IID SEX sex\ns1 1 2\n", "s1 1\n#s2 1\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, strict := range []bool{true, false} {
			got, err := parseSexes(linesOf("sex.txt", text), strict)
			want, ok := sexesTwin(text, strict)
			// The rest of a file that has no column for sexes is not read.
			if !strict && err == nil && got == nil && (!ok || want == nil) {
				continue
			}
			if (err == nil) != ok || ok && spellSexes(got) != spellSexes(want) {
				t.Fatalf("strict %v: %s, error %v, twin %s, %v", strict, spellSexes(got), err, spellSexes(want), ok)
			}
		}
	})
}

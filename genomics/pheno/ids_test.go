package pheno

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What PLINK 2.00a3.5 --keep makes of the same lists, where they name families
// that fit.
func TestReadIDs(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"one column", "s1\ns2\n", "s1 s2"},
		{"two columns", "0\ts1\n0\ts2\n", "s1 s2"},
		{"further columns", "0 s1 x y\n0 s2 z\n", "s1 s2"},
		{"one and two", "s1\n0 s2\n", "s1 s2"},
		{"header IID", "#IID\nx1\nx2\n", "x1 x2"},
		{"header IID and more", "#IID X\ns1 foo\ns2 bar\n", "s1 s2"},
		{"header FID IID", "#FID IID\nf s1\n0 s2\n", "s1 s2"},
		{"header without hash", "FID IID\nf s1\n0 s2\n", "s1 s2"},
		{"header IID without hash", "IID\ns1\n", "s1"},
		{"header with SID", "#IID SID\ns1 x\ns2 0\n", "s1 s2"},
		{"comments", "##c\n#c\ns1\n", "s1"},
		{"twice", "s2\ns1\ns2\n", "s2 s1"},
		{"CRLF, no last newline", "s1\r\ns2", "s1 s2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseIDs(linesOf("keep.txt", c.text))
			if err != nil || !slices.Equal(got, strings.Fields(c.want)) {
				t.Errorf("got %q, error %v, want %s", got, err, c.want)
			}
		})
	}
}

func TestReadIDsErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "keep.txt: the file names no samples"},
		{"header only", "#IID\n", "keep.txt: the file names no samples"},
		{"comment only", "#s1\n", "keep.txt: the file names no samples"},
		{"FID alone", "#FID\nf\n", "keep.txt, line 1: the column after FID must be IID"},
		{"no IID", "#FID IID\nf s1\nf\n", "keep.txt, line 3: no IID"},
		{"late comment", "s1\n#s2\n", "keep.txt, line 2: line begins with #"},
		{"blank line", "s1\n\ns2\n", "keep.txt, line 2: blank line"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := parseIDs(linesOf("keep.txt", c.text)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got error %v, want %q", err, c.want)
			}
		})
	}
}

func TestReadIDsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keep.txt")
	if err := os.WriteFile(path, []byte("s1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadIDs(path); err != nil || !slices.Equal(got, []string{"s1"}) {
		t.Errorf("got %q, error %v", got, err)
	}
	if _, err := ReadIDs(path + "x"); err == nil || !strings.Contains(err.Error(), "keep.txtx") {
		t.Errorf("missing file: error %v", err)
	}
}

// idsTwin reads a list the obvious way; nil is an error.
func idsTwin(text string) []string {
	var rows [][]string
	ended, commas := false, false
	for line := range strings.SplitSeq(strings.ReplaceAll(text+"\n", "\r\n", "\n"), "\n") {
		fields, ok := slowFields(line, len(rows) == 0, &commas)
		if !ok {
			return nil
		}
		switch {
		case len(fields) == 0:
			ended = true
		case ended:
			return nil
		case fields[0] == "#FID" || fields[0] == "#IID":
			if len(rows) > 0 {
				return nil
			}
			fields[0] = fields[0][1:]
			rows = append(rows, fields)
		case fields[0][0] == '#' && len(rows) > 0:
			return nil
		case fields[0][0] != '#':
			rows = append(rows, fields)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	header := rows[0]
	place := -1 // of the IID; -1: the second field if there is one
	switch {
	case header[0] == "IID":
		place, rows = 0, rows[1:]
	case header[0] == "FID" && len(header) > 1 && header[1] == "IID":
		place, rows = 1, rows[1:]
	case header[0] == "FID":
		return nil
	}
	var out []string
	for _, fields := range rows {
		at := place
		if at < 0 {
			at = min(1, len(fields)-1)
		}
		if at >= len(fields) {
			return nil
		}
		if !slices.Contains(out, fields[at]) {
			out = append(out, fields[at])
		}
	}
	return out
}

func FuzzIDs(f *testing.F) {
	for _, seed := range []string{"", "s1\ns2\n", "0 s1\n", "#IID\ns1 x\n", "FID IID\nf s1\n", "##c\ns1\r\ns1", "#FID\n", "s1\n\ns2", "#IID,x\ns1,\n", "FID,IID\nf,s1\n", "s1\rs2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseIDs(linesOf("keep.txt", text))
		if want := idsTwin(text); (err == nil) != (want != nil) || !slices.Equal(got, want) {
			t.Fatalf("%q, error %v, twin %q", got, err, want)
		}
	})
}

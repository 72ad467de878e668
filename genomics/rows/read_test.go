package rows

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"genoveil/genomics/text"
)

func write(t *testing.T, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t")
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRead reads the same rows however they are written.
func TestRead(t *testing.T) {
	want := &Table{
		Rows: 3, Values: [][]float64{{2.5, -9, 30}, {1, 0, 1}}, Lines: []int{2, 5, 6},
		LeftOut: 2, Missing: []int{2, 1}, MinusNine: []int{1, 0},
	}
	tabs := "#IID\tCASE\tNOTE\tBMI\nA\t1\tx\t2.5\nB\t0\ty\tNA\nC\tnan\tz z\t.\nD\t0\t\t-9\nE\t+1\t\t3e1\n\n"
	commas := strings.NewReplacer("\t", ",", "#IID", `"IID"`, "2.5", `"2.5"`, ",.", ", ").Replace(tabs)
	spaces := strings.NewReplacer("\t\t", " - ", "\t", "  ", "z z", "z").Replace(tabs)
	var gzipped, zipped bytes.Buffer
	g := gzip.NewWriter(&gzipped)
	g.Write([]byte(tabs))
	g.Close()
	z, err := zstd.NewWriter(&zipped)
	if err != nil {
		t.Fatal(err)
	}
	z.Write([]byte(tabs))
	z.Close()
	for name, data := range map[string]string{
		"tabs": tabs, "commas": commas, "spaces": spaces, "gzip": gzipped.String(), "zstd": zipped.String(),
		"CRLF": strings.ReplaceAll(tabs, "\n", "\r\n"), "byte order mark": "\ufeff" + tabs,
	} {
		got, err := Read(write(t, data), []string{"BMI", "CASE"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestComments: lines with ## are passed over, before the names alone.
func TestComments(t *testing.T) {
	got, err := Read(write(t, "##made=today\n## x,y\nX Y\n1 2\n"), []string{"Y", "X", "Y"})
	if err != nil || !slices.EqualFunc(got.Values, [][]float64{{2}, {1}, {2}}, slices.Equal) {
		t.Error(got, err)
	}
	if _, err := Read(write(t, "X Y\n## no\n"), []string{"X"}); err == nil {
		t.Error("a comment among rows was read")
	}
}

// TestNames: columns of names tell of rows that are there twice, and without them rows may
// be alike.
func TestNames(t *testing.T) {
	for data, want := range map[string]string{
		"ID X\na 1\nb 1\na 2\n":                `, line 4: ID "a" was in line 2 already`,
		"FID IID X\nf a 1\nf b 1\n":            "",
		"ID IID X\na a 1\na b 1\n":             "",
		"IID,X\na,1\na,NA\n":                   `, line 3: IID "a" was in line 2 already`,
		"NAME X\na 1\na 1\n":                   "",
		"#ID\tX\nlong name\t1\nlong name\t1\n": `, line 3: ID "long name" was in line 2 already`,
	} {
		path := write(t, data)
		if _, err := Read(path, []string{"X"}); want == "" && err != nil || want != "" && (err == nil || err.Error() != path+want) {
			t.Errorf("%q: %v", data, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	many := make([]string, 40)
	for i := range many {
		many[i] = strings.Repeat("c", i+1)
	}
	for data, want := range map[string]string{
		"":                                       ": the table is empty; its first line names the columns",
		"##only\n":                               ": the table is empty; its first line names the columns",
		"X Y\n":                                  ": the table has a first line with names, but no rows",
		"X\nNA\n.\n":                             `: no row has a number in all columns; "X" lacks it in 2 of 2 rows`,
		"IID Y Z\na 1 2\n":                       ` has no column "X"; it has IID, Y, Z`,
		strings.Join(many, " "):                  ` has no column "X"; it has ` + strings.Join(many[:30], ", ") + " and 10 others",
		"X Y\n1 2\n1\n":                          ", line 3: 1 fields where the first line has 2",
		"X,Y\n1,2\n1,2,3\n":                      ", line 3: 3 fields where the first line has 2",
		"X X\n1 2\n":                             `, line 1: two columns are named "X"; rename one`,
		"X\n1\nhigh\n":                           `, line 3: column "X": "high" is not a number; write NA where there is none`,
		"X Y\n1,5 2\n":                           `, line 2: column "X": "1,5" is not a number; write NA where there is none`,
		"X\n0x10\n":                              `, line 2: column "X": "0x10" is not a number; write NA where there is none`,
		"X\n1e101\n":                             `, line 2: column "X": "1e101" is too large to compute with`,
		"X\n-inf\n":                              `, line 2: column "X": "-inf" is too large to compute with`,
		"X\n1\n\n2\n":                            ", line 3: blank line; remove it",
		"X;Y\n1;2\n":                             `, line 1: the columns are separated by semicolons; separate them by tabs, and write decimal points for decimal commas, as tr ';,' '\t.' does`,
		"X,Y\n1,\"a,b\"\n":                       `, line 2: field 2, "\"a", has a quote inside, or a separator between quotes; write another character`,
		"X\n" + strings.Repeat("1\n", 5):         ", line 6: more than 4 rows",
		"X\n" + strings.Repeat(" ", 200) + "1\n": ", line 2: longer than 150 bytes; is it a table?",
	} {
		_, err := read(text.NewLines("t", strings.NewReader(data), 150, tableKind), []string{"X"}, 4)
		if len(data) > 500 { // the names are long
			_, err = read(text.NewLines("t", strings.NewReader(data), 1000, tableKind), []string{"X"}, 4)
		}
		if err == nil || err.Error() != "t"+want {
			t.Errorf("%q: %v", data, err)
		}
	}
	if _, err := Read(t.TempDir(), nil); err == nil || !strings.HasSuffix(err.Error(), " is a folder, not a table") {
		t.Error(err)
	}
}

// FuzzRead: whatever is read are rows of finite numbers, and every error names the table.
func FuzzRead(f *testing.F) {
	for _, data := range []string{"#IID\tX\tY\na\t1\tNA\nb\t2\t3\n", "ID,X,Y\na,\"1\",2\n", "## c\nX  Y\n1 -9\n. 2\n", "X;Y\n", "X\t\n\t\n"} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data string) {
		table, err := read(text.NewLines("name of t", strings.NewReader(data), 1000, tableKind), []string{"X", "Y"}, 20)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "name of t") {
				t.Fatal(err)
			}
			return
		}
		if table.Rows == 0 || table.Rows+table.LeftOut > 20 || len(table.Lines) != table.Rows || !slices.IsSorted(table.Lines) {
			t.Fatalf("%+v", table)
		}
		for j, column := range table.Values {
			if len(column) != table.Rows || table.Missing[j] > table.LeftOut || table.MinusNine[j] > table.Rows {
				t.Fatalf("%+v", table)
			}
			for _, x := range column {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					t.Fatal(x)
				}
			}
		}
	})
}

package pheno

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"genoveil/genomics/text"
)

// column returns the IIDs of a table and what one of its columns says of them.
func column(t *testing.T, table *Table, name string) (iids, fields []string) {
	t.Helper()
	for _, r := range table.rows {
		iids = append(iids, table.id(r, "IID"))
		fields = append(fields, r.field(table.field(name)))
	}
	return iids, fields
}

func TestTableLayouts(t *testing.T) {
	for name, text := range map[string]string{
		"IID":             "#IID\tA\tB\ns1\t1\tx\ns2\t2\ty\n",
		"FID":             "#FID\tIID\tA\tB\nf\ts1\t1\tx\nf\ts2\t2\ty\n",
		"SID":             "#IID\tSID\tA\tB\ns1\t0\t1\tx\ns2\t0\t2\ty\n",
		"FID SID":         "#FID\tIID\tSID\tA\tB\nf\ts1\t0\t1\tx\nf\ts2\t0\t2\ty\n",
		"no hash":         "IID A B\ns1 1 x\ns2 2 y\n",
		"no hash FID":     "FID IID A B\nf s1 1 x\nf s2 2 y\n",
		"mixed blanks":    "  #IID \t A  B \n\ts1  1\t\tx \n s2 2 y\t\n",
		"comments":        "##made by hand\n# twice\n#IID A B\ns1 1 x\ns2 2 y\n",
		"CRLF":            "#IID\tA\tB\r\ns1\t1\tx\r\ns2\t2\ty\r\n",
		"no last newline": "#IID A B\ns1 1 x\ns2 2 y",
		"blank at end":    "#IID A B\ns1 1 x\ns2 2 y\n\n  \n",
		"commas":          "#IID,A,B\ns1,1,x\ns2,2,y\n",
		"commas and FID":  "##c\nFID,IID, A,B\r\nf,s1 ,1,x\r\nf,s2,2,\ty\r\n",
		"psam":            "#FID\tIID\tSID\tPAT\tMAT\tA\tB\nf\ts1\t0\t0\t0\t1\tx\nf\ts2\t0\ts1\t0\t2\ty\n",
		"quotes":          "\"IID\",\"A\",\"B\"\n\"s1\",1,\"x\"\n\"s2\",2,\"y\"\n",
	} {
		t.Run(name, func(t *testing.T) {
			table, err := parse(linesOf("p.txt", text))
			if err != nil {
				t.Fatal(err)
			}
			if got := table.Columns(); !slices.Equal(got, []string{"A", "B"}) {
				t.Errorf("columns %q", got)
			}
			for name, want := range map[string][]string{"A": {"1", "2"}, "B": {"x", "y"}} {
				iids, fields := column(t, table, name)
				if !slices.Equal(iids, []string{"s1", "s2"}) || !slices.Equal(fields, want) {
					t.Errorf("column %s: %q %q", name, iids, fields)
				}
			}
		})
	}
}

func TestTableErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "p.txt: the file is empty"},
		{"comments only", "##x\n", "p.txt: the file is empty"},
		{"header only", "#IID A\n", "p.txt: the file has a header but no samples"},
		{"no header", "s1 s1 1\n", `p.txt, line 1: no header`},
		{"header in lower case", "#iid A\ns1 1\n", `p.txt, line 2: no header`},
		{"commas below a header without", "#IID A\ns1,1\n", `p.txt, line 2: 1 fields where the header has 2`},
		{"no commas below a header with", "#IID,A\ns1 1\n", `p.txt, line 2: field 1, "s1 1", has a blank or a quote`},
		{"comma in quotes", "#IID,A\ns1,\"1,5\"\n", `p.txt, line 2: field 2, "1,5", has a decimal comma; write a decimal point in its place`},
		{"text with a comma in quotes", "#IID,A\ns1,\"a,5\"\n", `p.txt, line 2: field 2, "\"a", has a blank or a quote`},
		{"semicolons", "IID;A\ns1;1,5\n", `p.txt, line 1: the columns are separated by semicolons; separate them by tabs, and write decimal points for decimal commas, as tr ';,' '\t.' does`},
		{"semicolons and quotes", "\"FID\";\"IID\";\"A\"\nf;s1;1\n", `p.txt, line 1: the columns are separated by semicolons`},
		{"UTF-16, little end first", "\xff\xfeI\x00I\x00D\x00\r\x00\n\x00", `p.txt is UTF-16, as "Unicode Text" of Excel is; save it as UTF-8, or convert it with iconv -f UTF-16 -t UTF-8`},
		{"UTF-16, big end first", "\xfe\xff\x00I\x00I\x00D", "p.txt is UTF-16"},
		{"no sample before the comma", "#IID,A\n,1\n", `p.txt, line 2: the first field is empty`},
		{"too many commas", "#IID,A\ns1,1,\n", `p.txt, line 2: 3 fields where the header has 2`},
		{"CR for line ends", "#IID A\rs1 1\r", "p.txt, line 1: a line end of CR alone"},
		{"no header, six columns", "f s1 0 0 1 2\n", "p.txt, line 1: no header"},
		{"of a .sample file", "ID_1 ID_2 missing A\n0 0 0 B\ns1 s1 0 1\n", "p.txt, line 1: the header is that of a .sample file; leave out the line of types below it and name the first columns FID and IID, as sed '2d; 1s/ID_1 ID_2/#FID IID/' does"},
		{"no columns", "##x\n#FID IID\nf s1\n", "p.txt, line 2: the header names no column"},
		{"only SID", "#IID SID\ns1 0\n", "p.txt, line 1: the header names no column"},
		{"FID without IID", "#FID A\nf 1\n", "p.txt, line 1: the column after FID must be IID"},
		{"IID too far", "#FID A IID\nf 1 s1\n", "p.txt, line 1: the column after FID must be IID"},
		{"IID before FID", "#IID FID A\ns1 f 1\n", "p.txt, line 1: FID cannot be the name"},
		{"PAT elsewhere", "#IID A PAT\ns1 1 0\n", "p.txt, line 1: PAT cannot be the name"},
		{"PAT and MAT alone", "#IID PAT MAT\ns1 0 0\n", "p.txt, line 1: the header names no column"},
		{"second IID", "#IID A IID\ns1 1 s1\n", "p.txt, line 1: IID cannot be the name"},
		{"column twice", "#IID A B A\ns1 1 2 3\n", `p.txt, line 1: two columns are named "A"`},
		{"too few", "#IID A B\ns1 1 2\ns2 1\n", "p.txt, line 3: 2 fields where the header has 3"},
		{"too many", "#IID A B\ns1 1 2 3\n", "p.txt, line 2: 4 fields where the header has 3"},
		{"blank line", "#IID A\n\ns1 1\n", "p.txt, line 2: blank line"},
		{"blank first line", "\n#IID A\ns1 1\n", "p.txt, line 1: blank line"},
		{"late comment", "#IID A\ns1 1\n#s2 1\n", "p.txt, line 3: line begins with #"},
		{"second header", "#IID A\ns1 1\n#IID A\n", "p.txt, line 3: line begins with #"},
		{"sample twice", "#IID A\ns1 1\ns2 1\ns1 2\n", `p.txt, line 4: sample "s1" was in line 2 already`},
		{"two families", "#FID IID A\nf s1 1\ng s1 2\n", `p.txt, line 3: sample "s1" was in line 2 with FID "f" and is here with "g"`},
		{"two SIDs", "#IID SID A\ns1 0 1\ns1 1 2\n", `p.txt, line 3: sample "s1" was in line 2 with SID "0" and is here with "1"`},
		{"same family twice", "#FID IID A\nf s1 1\nf s1 2\n", `p.txt, line 3: sample "s1" was in line 2 already`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := parse(linesOf("p.txt", c.text)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got error %v, want %q", err, c.want)
			}
		})
	}
}

// An empty field between commas is missing, as in PLINK 2.
func TestEmptyField(t *testing.T) {
	table, err := parse(linesOf("p.csv", "#IID,A,B\ns1,,1\ns2,2,\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{"A": {"NA", "2"}, "B": {"1", "NA"}} {
		if _, fields := column(t, table, name); !slices.Equal(fields, want) {
			t.Errorf("column %s: %q", name, fields)
		}
	}
}

// A comma in a name does not make a header of tabs one of commas.
func TestCommaInName(t *testing.T) {
	table, err := parse(linesOf("p.txt", "#IID\tQ,R\ns1\t1\n"))
	if err != nil || !slices.Equal(table.Columns(), []string{"Q,R"}) {
		t.Errorf("%v, %v", table, err)
	}
}

// A .fam file has the phenotype that PLINK 2 calls PHENO1.
func TestFam(t *testing.T) {
	table, err := parse(linesOf("study.fam", "f s1 0 0 1 2\nf s2 0 0 2 1\ng\ts3\ts1\ts2\t0\t-9\n"))
	if err != nil {
		t.Fatal(err)
	}
	status, sum, err := table.CaseControl("PHENO1", []string{"s1", "s2", "s3"})
	if want := []Status{Case, Control, Absent}; err != nil || !slices.Equal(status, want) || sum.Absent != 1 {
		t.Errorf("%v, %+v, %v", status, sum, err)
	}
	for _, name := range []string{"study.FAM", "study.fam.gz", "study.fam.zst"} {
		if table, err := parse(linesOf(name, "f s1 0 0 1 2\n")); err != nil || !slices.Equal(table.Columns(), []string{"PHENO1"}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for text, want := range map[string]string{
		"f s1 0 0 1 2\nf s1 0 0 1 1\n": `study.fam, line 2: sample "s1" was in line 1 already`,
		"f s1 0 0 1 2\nf s2 0 0 1\n":   "study.fam, line 2: 5 fields where the header has 6",
		"f s1 0 0 1\n":                 "study.fam, line 1: no header",
	} {
		if _, err := parse(linesOf("study.fam", text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestReadGzip(t *testing.T) {
	text := "#IID\tA\ns1\t1\n"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(text))
	z.Close()
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		data []byte
		want string // part of the error, "" for none
	}{
		{"plain.txt", []byte(text), ""},
		{"packed.gz", packed.Bytes(), ""},
		{"packed without suffix", packed.Bytes(), ""},
		{"excel.txt", []byte("\ufeff#IID\tA\r\ns1\t1\r\n"), ""}, // with a byte order mark
		{"cut.gz", packed.Bytes()[:packed.Len()-9], "cut.gz, after line 2: the compressed data end early; copy the file again, and check it with gzip -t"},
		{"short.gz", packed.Bytes()[:5], "short.gz: damaged gzip file"},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, c.data, 0o644); err != nil {
			t.Fatal(err)
		}
		table, err := Read(path)
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got error %v, want %q", c.name, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if iids, fields := column(t, table, "A"); !slices.Equal(iids, []string{"s1"}) || !slices.Equal(fields, []string{"1"}) {
			t.Errorf("%s: %q %q", c.name, iids, fields)
		}
	}
	if _, err := Read(filepath.Join(dir, "nothing.txt")); err == nil || !strings.Contains(err.Error(), "nothing.txt") {
		t.Errorf("missing file: error %v", err)
	}
}

// twin reads a table the obvious way: the fields of every line, the header
// first, or nil where the file is not a table.
func twin(text string) [][]string {
	var out [][]string
	text = strings.ReplaceAll(text+"\n", "\r\n", "\n")
	ended, commas := false, false
	for line := range strings.SplitSeq(text, "\n") {
		fields, ok := slowFields(line, len(out) == 0, &commas)
		if !ok {
			return nil
		}
		if len(fields) == 0 {
			ended = true
			continue
		}
		if ended {
			return nil
		}
		header := slices.Contains([]string{"#FID", "#IID", "FID", "IID"}, fields[0])
		switch {
		case len(out) == 0 && header:
			fields[0] = strings.TrimPrefix(fields[0], "#")
		case fields[0][0] == '#' && len(out) == 0:
			continue
		case fields[0][0] == '#' || len(out) == 0 || len(fields) != len(out[0]):
			return nil
		}
		out = append(out, fields)
	}
	if len(out) < 2 {
		return nil
	}
	// Leave the IID and the values of every line.
	head := strings.Join(out[0], " ") + " "
	drop := 0
	if strings.HasPrefix(head, "FID ") {
		head, drop = head[len("FID "):], 1
	}
	if !strings.HasPrefix(head, "IID ") {
		return nil
	}
	sid := strings.HasPrefix(head, "IID SID ")
	parents := strings.HasPrefix(strings.TrimPrefix(strings.TrimPrefix(head, "IID "), "SID "), "PAT MAT ")
	for i, fields := range out {
		fields = fields[drop:]
		if sid {
			fields = append(fields[:1:1], fields[2:]...)
		}
		if parents {
			fields = append(fields[:1:1], fields[3:]...)
		}
		out[i] = fields
	}
	if len(out[0]) == 1 {
		return nil
	}
	seen := map[string]bool{}
	for _, name := range out[0][1:] {
		if seen[name] || slices.Contains([]string{"FID", "IID", "SID", "PAT", "MAT"}, name) {
			return nil
		}
		seen[name] = true
	}
	clear(seen)
	for _, fields := range out[1:] {
		if seen[fields[0]] {
			return nil
		}
		seen[fields[0]] = true
	}
	return out
}

// slowFields splits a line. One at the top of a file may say that commas are between fields.
func slowFields(line string, top bool, commas *bool) (fields []string, ok bool) {
	blank := func(r rune) bool { return r == ' ' || r == '\t' }
	line = strings.TrimRight(line, "\r")
	if strings.Contains(line, "\r") {
		return nil, false
	}
	line = strings.TrimFunc(line, blank)
	if top {
		first, _, found := strings.Cut(line, ",")
		*commas = found && regexp.MustCompile(`^("#?(FID|IID)"|#?(FID|IID))( [^\t]*)?[ \t]*$`).MatchString(first)
	}
	if line == "" || !*commas {
		return strings.FieldsFunc(line, blank), true
	}
	for i, field := range strings.Split(line, ",") {
		field = strings.TrimFunc(field, blank)
		if quoted := regexp.MustCompile(`^"(.*)"$`).FindStringSubmatch(field); quoted != nil {
			field = quoted[1]
		}
		if strings.ContainsAny(field, " \t\"") || field == "" && i == 0 {
			return nil, false
		}
		if field == "" {
			field = "NA"
		}
		fields = append(fields, field)
	}
	return fields, true
}

func FuzzTable(f *testing.F) {
	for _, seed := range []string{
		"", "#IID A\ns1 1\n", "##c\n#FID\tIID\tSID\tA\r\nf\ts1\t0\tNA\r\n", "FID IID A B\nf s1 1 2\ng s1 1 2\n",
		"IID A\ns1 -9\ns2 nan\n\n", "#IID A A\ns1 1 1\n", "#IID A\n\ns1 1\n", "#IID A\n s1\t1.5e3 \ns2 x\ns3 0\ns4 1", "#x\nIID\n",
		"#IID,A,B\ns1,1,\n", "\"FID\", \"IID\",A\nf,\"s1\", 2\n", "#IID A,B\ns1 1\n", "#IID ,A\ns1,1\n",
		"#IID\tA,B\ns1\t1\n", "#IID SID PAT MAT A\ns1 0 0 0 1\n", "#IID PAT A\ns1 0 1\n",
		"#IID A\ns1 0\ns2 1\n", "#IID A\ns1 2\ns2 1\ns3 0\n", "#IID A\rB\ns1 +.5e-1\n", "IID A\ns1 1_0\ns2 0x1p4\ns3 Inf\n",
		"#IID SEX B\ns1 M b10\ns2 F B9\ns3 NONE .\n", "IID A\ns1 +x\ns2 -.5\n", "IID,A\ns1,a01\ns2,\n", "#IID A\ns1 é\ns2 A1\ns3 a01\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table, err := parse(linesOf("p.txt", text))
		want := twin(text)
		if (err == nil) != (want != nil) {
			t.Fatalf("error %v, twin %q", err, want)
		}
		if err != nil {
			return
		}
		if got := table.Columns(); !slices.Equal(got, want[0][1:]) {
			t.Fatalf("columns %q, twin %q", got, want[0][1:])
		}
		for c, name := range want[0][1:] {
			iids, fields := column(t, table, name)
			for i, w := range want[1:] {
				if iids[i] != w[0] || fields[i] != w[c+1] {
					t.Fatalf("row %d, column %q: %q %q, twin %q", i, name, iids[i], fields[i], w)
				}
			}
			compareValues(t, table, name, iids, fields)
			compareCovariate(t, table, name, iids, fields)
		}
	})
}

// compareValues compares what the table makes of a column with twins that look
// at its fields by regular expression.
func compareValues(t *testing.T, table *Table, name string, iids, fields []string) {
	t.Helper()
	got, err := table.Quantitative(name, iids)
	want := quantitativeTwin(fields)
	if (err == nil) != (want != nil) {
		t.Fatalf("column %q: error %v, twin %v", name, err, want)
	}
	if !slices.EqualFunc(got, want, func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }) {
		t.Fatalf("column %q: %v, twin %v", name, got, want)
	}
	status, _, err := table.CaseControl(name, iids)
	wantStatus := caseControlTwin(fields)
	if (err == nil) != (wantStatus != nil) || !slices.Equal(status, wantStatus) {
		t.Fatalf("column %q: %v, error %v, twin %v", name, status, err, wantStatus)
	}
}

func linesOf(name, content string) *text.Lines {
	return text.NewLines(name, strings.NewReader(content), maxLine, "a table")
}

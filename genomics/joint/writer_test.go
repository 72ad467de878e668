package joint

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"genoveil/genomics/pheno"
	"genoveil/genomics/score"
	"genoveil/genomics/shareddata"
)

// threeSites reads rows of the shared data that belong to a site's list of samples.
func threeSites(t *testing.T, outcome string, columns []string) (sites []*Data) {
	t.Helper()
	dir := shareddata.Dir(t, "three-sites")
	traits, err := pheno.Read(filepath.Join(shareddata.Dir(t, "hapmap3"), "pheno.txt"))
	if err != nil {
		t.Fatal(err)
	}
	covariates, err := pheno.Read(filepath.Join(dir, "covar.sites.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for s := 1; s <= 3; s++ {
		samples, err := pheno.ReadIDs(filepath.Join(dir, "site"+strconv.Itoa(s)+".samples.txt"))
		if err != nil {
			t.Fatal(err)
		}
		read := func(name string) []float64 {
			table := covariates
			if name == "QT" || name == "CASE" {
				table = traits
			}
			values, err := table.Quantitative(name, samples)
			if err != nil {
				t.Fatal(err)
			}
			return values
		}
		d := &Data{Y: read(outcome), Time: read("AGE")}
		if outcome == "CASE" { // 1 and 2
			for i := range d.Y {
				d.Y[i]--
			}
		}
		for _, name := range columns {
			d.X = append(d.X, read(name))
		}
		sites = append(sites, complete(d))
	}
	return sites
}

// complete leaves rows without a value out, as R does.
func complete(d *Data) *Data {
	c := &Data{X: make([][]float64, len(d.X))}
	for i, y := range d.Y {
		row := y
		for _, column := range d.X {
			row += column[i]
		}
		if math.IsNaN(row) {
			continue
		}
		c.Y, c.Time = append(c.Y, y), append(c.Time, d.Time[i])
		for j, column := range d.X {
			c.X[j] = append(c.X[j], column[i])
		}
	}
	return c
}

// TestTableIsThatOfR: what R prints of the pooled rows (testdata/three-sites.R), to nine
// digits, from sites that allow every round.
func TestTableIsThatOfR(t *testing.T) {
	common := []string{"MALE", "AGE", "PC1", "PC2", "PC3", "PC4", "S2", "S3"}
	for kind, c := range map[Kind]struct {
		outcome string
		columns []string
	}{
		Linear: {"QT", common}, Logistic: {"CASE", common},
		Cox: {"CASE", []string{"MALE", "QT", "PC1", "PC2", "PC3", "PC4"}},
	} {
		f, err := allowedRun(Model{Kind: kind, Columns: c.columns}, threeSites(t, c.outcome, c.columns))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := f.WriteTable(&out); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(out.String(), "\n")
		if lines[0] != "term\testimate\tstd.error\tstatistic\tp.value" {
			t.Errorf("the first line is %q", lines[0])
		}
		compared := 0
		for _, row := range readCSV(t, "testdata/three-sites.csv") {
			if row["model"] != string(kind) {
				continue
			}
			compared++
			got := strings.Split(lines[compared], "\t")
			if len(got) != 5 || got[0] != row["name"] {
				t.Fatalf("%s: %q, want %v", kind, got, row)
			}
			for i, name := range []string{"estimate", "se", "statistic", "p"} {
				if !close9(number(t, got[1+i]), number(t, row[name])) {
					t.Errorf("%s: %s of %s is %s, R has %s", kind, name, row["name"], got[1+i], row[name])
				}
			}
		}
		if want := f.parameters(); compared != want || len(lines) != want+2 || lines[want+1] != "" {
			t.Errorf("%s: %d of %d terms compared in %d lines", kind, compared, want, len(lines))
		}
	}
}

// TestSmallP: P below the smallest float64.
func TestSmallP(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 9))
	d := Data{X: make([][]float64, 1)}
	for range 4000 {
		x := r.NormFloat64()
		d.X[0], d.Y = append(d.X[0], x), append(d.Y, 3*x+r.NormFloat64())
	}
	f, err := run(Model{Kind: Linear, Columns: []string{"x"}}, split(&d, 2))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := f.WriteTable(&out); err != nil {
		t.Fatal(err)
	}
	_, p, _ := strings.Cut(strings.Split(out.String(), "\n")[2], "e-")
	if exponent, err := strconv.Atoi(p); err != nil || exponent < 1000 {
		t.Errorf("%s", out.String())
	}
}

// allele fits a score of columns with names.
func allele(t *testing.T, kind Kind, names ...string) *Fit {
	t.Helper()
	r := rand.New(rand.NewPCG(13, 9))
	d := Data{X: make([][]float64, len(names))}
	for range 500 {
		for j := range names {
			d.X[j] = append(d.X[j], float64(r.IntN(3)))
		}
		d.Y = append(d.Y, float64(r.IntN(2)))
		d.Time = append(d.Time, r.ExpFloat64())
	}
	f, err := run(Model{Kind: kind, Columns: names}, split(&d, 2))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestWeightsAreRead: the reader of scores has the coefficients, to the last bit.
func TestWeightsAreRead(t *testing.T) {
	names := []string{"rs123_A", "chr1:55_G_TT_TT", "1:22:A:C_C"}
	for _, kind := range []Kind{Linear, Logistic, Cox} {
		f := allele(t, kind, names...)
		var out bytes.Buffer
		if err := f.WriteWeights(&out); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "fit.weights")
		if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := score.Read(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		table, err := f.Table()
		if err != nil {
			t.Fatal(err)
		}
		var want []score.Weight
		for i, v := range [][2]string{{"rs123", "A"}, {"chr1:55_G_TT", "TT"}, {"1:22:A:C", "C"}} {
			c := table[len(table)-len(names)+i]
			want = append(want, score.Weight{Line: i + 2, ID: v[0], Effect: v[1], Frequency: math.NaN(), Values: []float64{c.Estimate}})
		}
		bits := cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) })
		if diff := cmp.Diff(&score.File{Path: path, Names: []string{"WEIGHT"}, Weights: want}, file, bits); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
}

// TestNoWeights: columns that are no alleles have none.
func TestNoWeights(t *testing.T) {
	for _, name := range []string{"AGE", "rs1_", "_A", "rs1_HET", "rs1_a", "rs 1_A", " rs1_A", "rs1\t_A"} {
		if err := allele(t, Logistic, "rs2_A", name).WriteWeights(&bytes.Buffer{}); err == nil || !strings.HasPrefix(err.Error(), "column "+strconv.Quote(name)+" is no number of alleles") {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := allele(t, Linear).WriteWeights(&bytes.Buffer{}); err == nil {
		t.Error("a model without columns has weights")
	}
	f, err := NewFit(Model{Kind: Linear})
	if err != nil {
		t.Fatal(err)
	}
	if f.WriteTable(&bytes.Buffer{}) == nil || f.WriteWeights(&bytes.Buffer{}) == nil {
		t.Error("a fit that is not complete was written")
	}
	f = allele(t, Linear, "rs1_A")
	if f.WriteTable(full{}) != errFull || f.WriteWeights(full{}) != errFull {
		t.Error("an error of writing was lost")
	}
}

var errFull = errors.New("no space")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

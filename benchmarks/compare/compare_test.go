package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"genoveil/benchmarks/internal/process"
	"genoveil/genomics"
	"genoveil/genomics/bed"
	"genoveil/genomics/pheno"
	"genoveil/genomics/simulate"
)

// TestFileset reads back what writeFileset wrote: every number of samples modulo
// four, with missing calls, all variants and the first few.
func TestFileset(t *testing.T) {
	for _, samples := range []int{4, 5, 6, 7} {
		for _, variants := range []int{3, 40, 50} {
			cohort := func() *simulate.Cohort {
				c, err := simulate.New(simulate.Options{Samples: samples, Variants: 40, Missing: 0.2, CaseFraction: 0.5, Seed: 7})
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			prefix := filepath.Join(t.TempDir(), "x")
			status := make([]pheno.Status, samples)
			if err := writeFileset(prefix, cohort(), status, variants); err != nil {
				t.Fatal(err)
			}
			got, err := bed.Open(prefix)
			if err != nil {
				t.Fatal(err)
			}
			defer got.Close()
			want := cohort()
			if diff := cmp.Diff(want.Samples(), got.Samples()); diff != "" {
				t.Fatal(diff)
			}
			if diff := cmp.Diff(read(t, want)[:min(variants, 40)], read(t, got)); diff != "" {
				t.Fatalf("%d samples: %s", samples, diff)
			}
		}
	}
}

type site struct {
	Variant genomics.Variant
	Row     string
}

func read(t *testing.T, source genomics.Source) (sites []site) {
	t.Helper()
	row := make(genomics.Row, genomics.RowLen(len(source.Samples())))
	for {
		var s site
		err := source.Next(&s.Variant, row)
		if err == io.EOF {
			return sites
		}
		if err != nil {
			t.Fatal(err)
		}
		s.Row = string(row)
		sites = append(sites, s)
	}
}

// TestFigures has a step of 2 core-s and 10 core-ns a genotype.
func TestFigures(t *testing.T) {
	s := step{
		Name: "x", Threads: 1, Genotypes: 1_000_000_000, Products: 4, Columns: 5, Bytes: 3_000_000_000,
		Whole: []process.Usage{{CPU: 12 * time.Second, Wall: 6 * time.Second, Peak: 7}, {CPU: 12 * time.Second, Wall: 3 * time.Second, Peak: 9}},
		Half:  []process.Usage{{CPU: 7 * time.Second}, {CPU: 7 * time.Second}},
	}
	want := figures{
		Name: "x", Threads: 1, AllIn: 12, Slope: 10, Products: 4, Product: 2.5, Fixed: 2, Columns: 5, Expanded: 4000,
		Wall: 4.5, Cores: 3, Peak: 8, Bytes: 3, WholeRuns: s.Whole, HalfRuns: s.Half,
	}
	if diff := cmp.Diff(want, s.figures(100)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(figures{Name: "y"}, (&step{Name: "y"}).figures(100)); diff != "" {
		t.Error(diff)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{3, 1}, 2}, {[]float64{9, 1, 3}, 3}, {[]float64{4, 100, 2, 1}, 3}} {
		if got := process.Median(c.values); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.values, got, c.want)
		}
	}
}

func TestSameText(t *testing.T) {
	for _, c := range []struct {
		a, b, err string
	}{
		{"", "", ""}, {"x\ny\n", "x\ny\n", ""}, {"x\ny", "x\ny", ""},
		{"x\ny\n", "x\nz\n", "differ from line 2"}, {"x\ny\n", "x\ny", "differ from line 2"}, {"x\n", "x\ny\n", "differ from line 2"}, {"x\ny", "", "differ from line 1"},
	} {
		dir := t.TempDir()
		a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
		for path, text := range map[string]string{a: c.a, b: c.b} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		err := sameText(a, b)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q and %q: %v, want %q", c.a, c.b, err, c.err)
		}
	}
}

func TestOptions(t *testing.T) {
	good := options{Samples: 2, Variants: 16384, Covariates: 1, Threads: 1, Repeat: 1}
	if err := good.check(); err != nil {
		t.Error(err)
	}
	for _, change := range []func(*options){
		func(o *options) { o.Samples = 1 }, func(o *options) { o.Variants = 0 }, func(o *options) { o.Variants = 3 * 8192 },
		func(o *options) { o.Covariates = 0 }, func(o *options) { o.Threads = 0 }, func(o *options) { o.Repeat = 0 },
	} {
		bad := good
		if change(&bad); bad.check() == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}

// TestCompare runs everything once on the smallest cohort.
func TestCompare(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out.json")
	if err := run(context.Background(), options{Samples: 40, Variants: 16384, Covariates: 2, Threads: 1, Repeat: 1}, dir, out); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var r result
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	products, columns := map[string]float64{}, map[string]int{}
	for _, f := range r.Steps {
		if f.Threads == 1 && f.Products > 0 {
			products[f.Name], columns[f.Name] = f.Products, f.Columns
		}
	}
	// Logistic columns are the null model's affair.
	delete(products, logisticRun)
	delete(columns, logisticRun)
	// χ² has one column, because everybody has a phenotype, and two checks, on both
	// planes.
	if diff := cmp.Diff(map[string]float64{encryptBED: 2, encryptVCF: 2, chi2Run: 3}, products); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{encryptBED: 0, encryptVCF: 0, chi2Run: 3}, columns); diff != "" {
		t.Error(diff)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{out}, left); diff != "" {
		t.Errorf("files left behind: %s", diff)
	}
}

// TestOn counts the processors that a process has, and those that are ours afterwards.
func TestOn(t *testing.T) {
	processors := func(n int) string {
		cmd := exec.Command("nproc")
		var out strings.Builder
		cmd.Stdout = &out
		if err := process.On(n, cmd.Start); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out.String())
	}
	all := processors(0)
	for _, test := range []struct {
		n    int
		want string
	}{{1, "1"}, {1 << 20, all}, {0, all}} {
		if got := processors(test.n); got != test.want {
			t.Errorf("on %d processors: %s, expected %s", test.n, got, test.want)
		}
	}
}

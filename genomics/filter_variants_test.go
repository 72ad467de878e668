package genomics_test

import (
	"bufio"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/extract"
	"genoveil/genomics/vcf"

	"github.com/google/go-cmp/cmp"
)

// variantList reads a list in testdata as it is typed.
func variantList(t *testing.T, list string) *extract.List {
	t.Helper()
	kind, path, ok := strings.Cut(list, "=")
	if !ok {
		kind, path = "", list
	} else {
		kind += "="
	}
	l, err := extract.Read(kind + "testdata/" + path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestVariantsAgainstPLINK compares the variants that are left with those that PLINK
// 2.00a3.5 leaves. Each line of variants.filter.plink2.txt has the flags, a tab, and the
// positions of what they left. There the modifier midp follows --hwe, range= and bed1= are
// the modifier bed1, bed0= is bed0, and --r2 X is --extract-if-info 'R2>=X':
//
//	plink2 --vcf variants.vcf --double-id --make-just-pvar FLAGS
//
// PLINK 1.9 leaves the same variants wherever it takes the flags.
func TestVariantsAgainstPLINK(t *testing.T) {
	file, err := os.Open("testdata/variants.filter.plink2.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	tried := 0
	for ; lines.Scan(); tried++ {
		flags, want, _ := strings.Cut(lines.Text(), "\t")
		filter := flagged(t, flags)
		r, err := vcf.Open("testdata/variants.vcf", nil)
		if err != nil {
			t.Fatal(err)
		}
		if filter.Quality != nil {
			if key, err := r.Quality(genomics.R2Keys); key != "R2" || err != nil {
				t.Fatal(key, err)
			}
		}
		src, err := filter.Apply(r)
		if err != nil {
			t.Fatal(err)
		}
		row := make(genomics.Row, genomics.RowLen(len(src.Samples())))
		var left []string
		var v genomics.Variant
		for err = src.Next(&v, row); err == nil; err = src.Next(&v, row) {
			left = append(left, strconv.Itoa(v.Pos))
			if v.Quality != 0 {
				t.Errorf("%s: a variant keeps its quality", flags)
			}
		}
		if err != io.EOF {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Fields(want), left); diff != "" {
			t.Errorf("%s: %s", flags, diff)
		}
		dropped := 0
		for _, n := range src.Skipped() {
			dropped += n
		}
		if dropped+len(left) != 120 {
			t.Errorf("%s: %d left, skipped %v", flags, len(left), src.Skipped())
		}
		if err := src.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil || tried != 30 {
		t.Fatalf("%d lines, %v", tried, err)
	}
}

// TestOrderOfFilters gives each variant one reason more than the one before it, the first
// of which counts.
func TestOrderOfFilters(t *testing.T) {
	src := &rows{samples: []string{"a", "b", "c", "d"}}
	const r, h, a, m = genomics.HomRef, genomics.Het, genomics.HomAlt, genomics.Missing
	add := func(chrom, id string, quality float64, genotypes ...genomics.Genotype) {
		row := make(genomics.Row, 1)
		for i, g := range genotypes {
			row.Set(i, g)
		}
		src.variants = append(src.variants, genomics.Variant{Chrom: chrom, Pos: 1000, ID: id, Quality: quality})
		src.rows = append(src.rows, row)
	}
	nan := math.NaN()
	add("1", "v1", 0.5, r, h, a, r)    // left
	add("1", "v1", 0.5, r, r, r, h)    // --mac
	add("1", "v1", 0.5, r, r, r, r)    // --maf before it
	add("X", "v1", 0.5, r, r, a, a)    // --max-maf; on X nothing is tested
	add("MT", "v1", 0.5, r, r, a, a)   // as well
	add("1", "v1", 0.5, h, h, h, h)    // --hwe before --max-maf
	add("1", "v1", 0.5, h, h, m, m)    // --geno before that
	add("1", "v2", 0.5, m, m, m, m)    // --exclude before that
	add("1", "v3", 0.5, m, m, m, m)    // --extract before that
	add("1", "v3", 0.4, m, m, m, m)    // --info before that
	add("1", "v3", nan, m, m, m, m)    // the same
	add("chr2", "v9", nan, m, m, m, m) // --chr before that
	path := t.TempDir() + "/ids"
	if err := os.WriteFile(path, []byte("v1 v2 v9 v8"), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := extract.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("v2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	without, err := extract.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	untested, loaded := 0, 0
	filter := genomics.Filter{
		Chrom: chromosomes(t, "1", "X", "MT"), Extract: list, Exclude: without,
		Quality: &genomics.Quality{Flag: "--info", Key: "INFO", Least: 0.5},
		MinMAF:  0.1, MaxMissing: 0.1, MaxMAF: 0.4, MinMAC: 2, MinHWE: 0.21,
		Untested: func(*genomics.Variant) { untested++ }, Loaded: func(*genomics.Variant) { loaded++ },
	}
	out, err := filter.Apply(src)
	if err != nil {
		t.Fatal(err)
	}
	var v genomics.Variant
	row := make(genomics.Row, 1)
	left := 0
	for err = out.Next(&v, row); err == nil; err = out.Next(&v, row) {
		left++
	}
	want := map[string]int{"odd": 2, "--mac": 1, "--maf": 1, "--max-maf": 2, "--hwe": 1, "--geno": 1, "--exclude": 1, "--extract": 1, "--info": 1, "--info: no INFO in INFO": 1, "--chr": 1}
	if diff := cmp.Diff(want, out.Skipped()); diff != "" || left != 1 || err != io.EOF {
		t.Error(left, err, diff)
	}
	if untested != 2 || loaded != 7 {
		t.Errorf("%d untested, %d loaded", untested, loaded)
	}
	// v9 was met, although on a chromosome that is not kept.
	if got, want := list.Unmet(), path+` names 1 variant that the genotypes do not have, of 4, such as "v8"`; got != want {
		t.Error(got)
	}
}

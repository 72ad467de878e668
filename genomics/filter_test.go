package genomics_test

import (
	"bufio"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
	"genoveil/genomics/vcf"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// rows is a Source in memory.
type rows struct {
	samples  []string
	variants []genomics.Variant
	rows     []genomics.Row
	next     int
	closed   bool
}

func (s *rows) Samples() []string       { return s.samples }
func (s *rows) Skipped() map[string]int { return map[string]int{"odd": 2} }
func (s *rows) Close() error            { s.closed = true; return nil }
func (s *rows) Next(v *genomics.Variant, row genomics.Row) error {
	if s.next == len(s.rows) {
		return io.EOF
	}
	*v = s.variants[s.next]
	copy(row, s.rows[s.next])
	s.next++
	return nil
}

func drawRow(t *rapid.T, n int) genomics.Row {
	row := make(genomics.Row, genomics.RowLen(n))
	for i := range n {
		row.Set(i, genomics.Genotype(rapid.IntRange(0, 3).Draw(t, "genotype")))
	}
	return row
}

func names(list ...string) map[string]bool {
	set := map[string]bool{}
	for _, name := range list {
		set[name] = true
	}
	return set
}

// chromosomes returns what --chr selects.
func chromosomes(t interface{ Fatal(...any) }, list ...string) *chrom.Selection {
	s, err := chrom.Select(list)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// firstNames returns the first column of a file as a set.
func firstNames(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		set[strings.Fields(line)[0]] = true
	}
	return set
}

// flagged returns the filter that PLINK's flags ask for.
func flagged(t *testing.T, flags string) genomics.Filter {
	t.Helper()
	filter := genomics.Filter{MaxMissing: 1}
	words := strings.Fields(flags)
	for i := 0; i < len(words); i += 2 {
		value := words[i+1]
		number, _ := strconv.ParseFloat(value, 64)
		switch words[i] {
		case "--maf":
			filter.MinMAF = number
		case "--geno":
			filter.MaxMissing = number
		case "--keep":
			filter.Keep = firstNames(t, "testdata/"+value)
		case "--remove":
			filter.Remove = firstNames(t, "testdata/"+value)
		case "--chr":
			filter.Chrom = chromosomes(t, strings.Split(value, ",")...)
		case "--mac":
			filter.MinMAC = number
		case "--max-maf":
			filter.MaxMAF = number
		case "--hwe":
			filter.MinHWE = number
		case "--r2":
			filter.Quality = &genomics.Quality{Flag: "--r2", Key: "R2", Least: number}
		case "--extract":
			filter.Extract = variantList(t, value)
		case "--exclude":
			filter.Exclude = variantList(t, value)
		default:
			t.Fatal(words[i])
		}
	}
	return filter
}

// TestAgainstPLINK compares the variants that are left with those that PLINK
// 1.9 leaves, at bounds that many variants meet exactly. Each line of
// filter.plink19.txt has the flags, a tab, and what they left:
//
//	plink1.9 --vcf filter.vcf --double-id --keep-allele-order --write-snplist FLAGS
func TestAgainstPLINK(t *testing.T) {
	file, err := os.Open("testdata/filter.plink19.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	tried := 0
	for ; lines.Scan(); tried++ {
		flags, want, _ := strings.Cut(lines.Text(), "\t")
		filter := flagged(t, flags)
		r, err := vcf.Open("testdata/filter.vcf", nil)
		if err != nil {
			t.Fatal(err)
		}
		src, err := filter.Apply(r)
		if err != nil {
			t.Fatal(err)
		}
		row := make(genomics.Row, genomics.RowLen(len(src.Samples())))
		var left []string
		var v genomics.Variant
		for err = src.Next(&v, row); err == nil; err = src.Next(&v, row) {
			left = append(left, v.ID)
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
	if err := lines.Err(); err != nil || tried != 16 {
		t.Fatalf("%d lines, %v", tried, err)
	}
}

// TestSamples compares the kept samples' genotypes with copying them one by
// one.
func TestSamples(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "samples")
		src := &rows{variants: make([]genomics.Variant, 1)}
		filter := genomics.Filter{MaxMissing: 1, Remove: names("nobody")}
		if rapid.Bool().Draw(t, "keep") {
			filter.Keep = names("stranger")
		}
		var want []int
		for i := range n {
			name := "s" + strconv.Itoa(i)
			src.samples = append(src.samples, name)
			kept := filter.Keep == nil
			if rapid.Bool().Draw(t, "kept") && filter.Keep != nil {
				filter.Keep[name] = true
				kept = true
			}
			if rapid.IntRange(0, 3).Draw(t, "removed") == 0 {
				filter.Remove[name] = true
				kept = false
			}
			if kept {
				want = append(want, i)
			}
		}
		src.rows = []genomics.Row{drawRow(t, n)}
		out, err := filter.Apply(src)
		if (err != nil) != (len(want) == 0) {
			t.Fatalf("%d samples left, error %v", len(want), err)
		}
		if err != nil {
			return
		}
		wantRow := make(genomics.Row, genomics.RowLen(len(want)))
		var wantNames []string
		for i, sample := range want {
			wantRow.Set(i, src.rows[0].At(sample))
			wantNames = append(wantNames, src.samples[sample])
		}
		if diff := cmp.Diff(wantNames, out.Samples()); diff != "" {
			t.Error(diff)
		}
		var v genomics.Variant
		row := make(genomics.Row, len(wantRow))
		for i := range row {
			row[i] = 0xff
		}
		if err := out.Next(&v, row); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wantRow, row); diff != "" {
			t.Error(diff)
		}
		if err := out.Next(&v, row); err != io.EOF {
			t.Error(err)
		}
		if unknown := genomics.Unknown(slices.Sorted(maps.Keys(filter.Remove)), src.samples); len(unknown) != 1 {
			t.Errorf("unknown names in Remove: %q, want 1", unknown)
		}
	})
}

// TestReasons gives each variant one or two reasons to be dropped.
func TestReasons(t *testing.T) {
	src := &rows{samples: []string{"a", "b", "c"}}
	add := func(chrom string, genotypes ...genomics.Genotype) {
		row := make(genomics.Row, 1)
		for i, g := range genotypes {
			row.Set(i, g)
		}
		src.variants = append(src.variants, genomics.Variant{Chrom: chrom, Pos: 1})
		src.rows = append(src.rows, row)
	}
	const r, h, a, m = genomics.HomRef, genomics.Het, genomics.HomAlt, genomics.Missing
	add("1", r, h, a)
	add("chr2", r, h, a)
	add("chr3", m, m, m) // --chr comes first
	add("chr1", m, m, r) // --geno comes before --maf
	add("chr1", r, r, r)
	add("1", a, a, a)
	fresh := *src
	for filter, want := range map[*genomics.Filter]map[string]int{
		{MaxMissing: 1}: {"odd": 2},
		{Chrom: chromosomes(t, "chr1", "2"), MinMAF: 0.01, MaxMissing: 0.5}: {"odd": 2, "--chr": 1, "--geno": 1, "--maf": 2},
	} {
		*src = fresh
		out, err := filter.Apply(src)
		if err != nil {
			t.Fatal(err)
		}
		var v genomics.Variant
		row := make(genomics.Row, 1)
		left := 0
		for ; err == nil; err = out.Next(&v, row) {
			left++
		}
		left--
		if diff := cmp.Diff(want, out.Skipped()); diff != "" {
			t.Error(diff)
		}
		dropped := want["--chr"] + want["--geno"] + want["--maf"]
		if err != io.EOF || left != len(src.rows)-dropped {
			t.Errorf("%d left, %v", left, err)
		}
		if err := out.Close(); err != nil || !src.closed {
			t.Error("the source was not closed", err)
		}
	}
}

func TestFilterErrors(t *testing.T) {
	nan, _ := strconv.ParseFloat("nan", 64)
	for _, test := range []struct {
		filter genomics.Filter
		want   string
	}{
		{genomics.Filter{MinMAF: 0.6, MaxMissing: 1}, "--maf 0.6: give a frequency from 0 to 0.5"},
		{genomics.Filter{MinMAF: nan, MaxMissing: 1}, "--maf NaN: give a frequency from 0 to 0.5"},
		{genomics.Filter{MaxMissing: -0.1}, "--geno -0.1: give a share from 0 to 1"},
		{genomics.Filter{MaxMissing: 2}, "--geno 2: give a share from 0 to 1"},
		{genomics.Filter{MaxMissing: 1, MaxMAF: nan}, "--max-maf NaN: give a frequency from 0 to 0.5"},
		{genomics.Filter{MaxMissing: 1, MaxMAF: 0.7}, "--max-maf 0.7: give a frequency from 0 to 0.5"},
		{genomics.Filter{MaxMissing: 1, MinMAC: -1}, "--mac -1: give a number of copies, 0 or more"},
		{genomics.Filter{MaxMissing: 1, MinHWE: 0.5}, "--hwe 0.5: give a p-value from 0 to below 0.5"},
		{genomics.Filter{MaxMissing: 1, Keep: names("c")}, "none of the 2 samples is left after --keep and --remove; do those files name samples as the genotype file does?"},
	} {
		_, err := test.filter.Apply(&rows{samples: []string{"a", "b"}})
		if err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
	out, err := genomics.Filter{MaxMissing: 1}.Apply(&rows{samples: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Next(new(genomics.Variant), make(genomics.Row, 2)); err == nil || err == io.EOF {
		t.Error("a row of the wrong length was taken:", err)
	}
}

// TestCount compares counting words with counting samples.
func TestCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 150).Draw(t, "samples")
		row := drawRow(t, n)
		first := rapid.IntRange(0, n).Draw(t, "first")
		var want genomics.Counts
		for i := range first {
			want[row.At(i)]++
		}
		if got := row.Count(first); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

func BenchmarkFilter(b *testing.B) {
	const n = 100_000
	src := &rows{variants: make([]genomics.Variant, 1), rows: []genomics.Row{make(genomics.Row, genomics.RowLen(n))}}
	remove := map[string]bool{}
	for i := range n {
		name := strconv.Itoa(i)
		src.samples = append(src.samples, name)
		src.rows[0].Set(i, genomics.Genotype(i*i%3))
		if i%10 == 0 {
			remove[name] = true
		}
	}
	out, err := genomics.Filter{Remove: remove, MinMAF: 0.01, MaxMissing: 1}.Apply(src)
	if err != nil {
		b.Fatal(err)
	}
	var v genomics.Variant
	row := make(genomics.Row, genomics.RowLen(len(out.Samples())))
	b.ReportAllocs()
	for b.Loop() {
		src.next = 0
		if err := out.Next(&v, row); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/sample")
}

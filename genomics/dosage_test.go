package genomics_test

import (
	"bufio"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/vcf"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDosageCounts(t *testing.T) {
	for _, test := range []struct {
		row  genomics.DosageRow
		want genomics.DosageCounts
		alt  float64 // alleles
	}{
		{nil, genomics.DosageCounts{}, 0},
		{genomics.DosageRow{genomics.MissingDosage}, genomics.DosageCounts{Missing: 1}, 0},
		{genomics.DosageRow{0, 1000, 2000, 0}, genomics.DosageCounts{Called: 4, Sum: 3000}, 3},
		{genomics.DosageRow{2000, genomics.MissingDosage, 1000, genomics.MissingDosage}, genomics.DosageCounts{Called: 2, Missing: 2, Sum: 3000}, 3},
		{genomics.DosageRow{1, 0, 0, 0, 0}, genomics.DosageCounts{Called: 5, Sum: 1}, 0.001},
		{genomics.DosageRow{2000, 2000}, genomics.DosageCounts{Called: 2, Sum: 4000}, 4},
	} {
		c := test.row.Count()
		alt, alleles := genomics.Diploid.DosageAlleles(c, genomics.DosageCounts{})
		if c != test.want || alt != test.alt || alleles != float64(2*c.Called) {
			t.Errorf("%v: %+v, want %+v; %v of %v alleles, want %v", test.row, c, test.want, alt, alleles, test.alt)
		}
	}
	// The most samples and dosages there can be do not overflow.
	most := genomics.DosageCounts{Called: math.MaxInt32, Sum: math.MaxInt32 * genomics.MaxDosage}
	for _, ploidy := range []genomics.Ploidy{genomics.Diploid, genomics.XLinked, genomics.YLinked, genomics.Mitochondrial} {
		if alt, alleles := ploidy.DosageAlleles(most, most); alt != alleles {
			t.Error(ploidy, alt, alleles)
		}
	}
}

// asDosages is a Source as a DosageSource.
type asDosages struct {
	*rows
	row genomics.Row
}

func (s asDosages) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	err := s.Next(v, s.row)
	for i := range row {
		row[i] = [...]uint16{0, 1000, 2000, genomics.MissingDosage}[s.row.At(i)]
	}
	return err
}

// TestFilterTwins compares filtering dosages that are whole with filtering
// genotypes.
func TestFilterTwins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "samples")
		src := &rows{}
		filter := genomics.Filter{
			MinMAF:     rapid.SampledFrom([]float64{0, 0.1, 0.25, 0.5}).Draw(t, "maf"),
			MaxMissing: rapid.SampledFrom([]float64{0, 0.1, 0.5, 1}).Draw(t, "geno"),
			MaxMAF:     rapid.SampledFrom([]float64{0, 0.1, 0.25, 0.5}).Draw(t, "max-maf"),
			MinMAC:     rapid.SampledFrom([]float64{0, 1, 1.5, 4}).Draw(t, "mac"),
			Remove:     map[string]bool{},
		}
		if rapid.Bool().Draw(t, "chr") {
			filter.Chrom = chromosomes(t, "1")
		}
		// A filter notes what it meets, and each source has its own.
		other := filter
		if filter.Chrom != nil {
			other.Chrom = chromosomes(t, "1")
		}
		for i := range n {
			src.samples = append(src.samples, "s"+strconv.Itoa(i))
			filter.Remove[src.samples[i]] = rapid.IntRange(0, 3).Draw(t, "removed") == 0
		}
		for range rapid.IntRange(0, 6).Draw(t, "variants") {
			src.variants = append(src.variants, genomics.Variant{Chrom: rapid.SampledFrom([]string{"chr1", "2"}).Draw(t, "chrom"), Pos: len(src.rows)})
			src.rows = append(src.rows, drawRow(t, n))
		}
		fresh := *src
		calls, err1 := filter.Apply(&fresh)
		twin := asDosages{src, make(genomics.Row, genomics.RowLen(n))}
		dosages, err2 := other.ApplyDosages(twin)
		if (err1 == nil) != (err2 == nil) || err1 != nil && err1.Error() != err2.Error() {
			t.Fatalf("%v and %v", err1, err2)
		}
		if err1 != nil {
			return
		}
		if diff := cmp.Diff(calls.Samples(), dosages.Samples()); diff != "" {
			t.Fatal(diff)
		}
		kept := len(calls.Samples())
		want, got := make(genomics.Row, genomics.RowLen(kept)), make(genomics.DosageRow, kept)
		for {
			var v, w genomics.Variant
			err := calls.Next(&w, want)
			if e := dosages.NextDosages(&v, got); e != err {
				t.Fatalf("errors %v and %v", err, e)
			}
			if err == io.EOF {
				break
			}
			c, d := want.Count(kept), got.Count()
			if v != w || d.Called != c.Called() || d.Missing != c[genomics.Missing] || d.Sum != int64(1000*c.AltAlleles()) {
				t.Fatalf("%v %+v, genotypes %v %v", v, d, w, c)
			}
			for i, x := range got {
				if g := want.At(i); g == genomics.Missing && x != genomics.MissingDosage || g != genomics.Missing && x != 1000*uint16(g) {
					t.Fatalf("sample %d: %d, genotype %d", i, x, g)
				}
			}
		}
		if !maps.Equal(calls.Skipped(), dosages.Skipped()) {
			t.Errorf("skipped %v and %v", calls.Skipped(), dosages.Skipped())
		}
		if err := dosages.NextDosages(new(genomics.Variant), make(genomics.DosageRow, kept+1)); err == nil || err == io.EOF {
			t.Error("a row of the wrong length was taken:", err)
		}
		if err := dosages.Close(); err != nil || !src.closed {
			t.Error("the source was not closed", err)
		}
	})
}

// TestDosagesAgainstPLINK compares the variants that are left with those that
// PLINK 2.00a3.5 leaves, at bounds that many variants meet exactly: all dosages
// are multiples of 1/4. Each line of dosagefilter.plink2.txt has the flags, a
// tab, and what they left, with the modifier dosage after --geno and one sample
// a line in the files:
//
//	plink2 --vcf dosagefilter.vcf dosage=DS --write-snplist FLAGS
func TestDosagesAgainstPLINK(t *testing.T) {
	file, err := os.Open("testdata/dosagefilter.plink2.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	tried := 0
	for ; lines.Scan(); tried++ {
		flags, want, _ := strings.Cut(lines.Text(), "\t")
		r, err := vcf.OpenDosages("testdata/dosagefilter.vcf", nil, "DS")
		if err != nil {
			t.Fatal(err)
		}
		src, err := flagged(t, flags).ApplyDosages(r)
		if err != nil {
			t.Fatal(err)
		}
		row := make(genomics.DosageRow, len(src.Samples()))
		var left []string
		var v genomics.Variant
		for err = src.NextDosages(&v, row); err == nil; err = src.NextDosages(&v, row) {
			left = append(left, v.ID)
		}
		if err != io.EOF {
			t.Fatal(err)
		}
		if !slices.Equal(strings.Fields(want), left) {
			t.Errorf("%s: left %v, want %s", flags, left, want)
		}
		if err := src.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil || tried != 20 {
		t.Fatalf("%d lines, %v", tried, err)
	}
}

// TestFilterAllocations filters without allocating.
func TestFilterAllocations(t *testing.T) {
	src := &rows{samples: []string{"a", "b", "c"}, variants: make([]genomics.Variant, 1), rows: []genomics.Row{{0x24}}}
	filter := genomics.Filter{Remove: names("b"), MinMAF: 0.1, MaxMissing: 0.5, MaxMAF: 0.5, MinMAC: 1}
	tested := filter
	tested.MinHWE = 0.01
	calls, err := tested.Apply(src)
	if err != nil {
		t.Fatal(err)
	}
	dosages, err := filter.ApplyDosages(asDosages{src, make(genomics.Row, 1)})
	if err != nil {
		t.Fatal(err)
	}
	var v genomics.Variant
	row, dosageRow := make(genomics.Row, 1), make(genomics.DosageRow, 2)
	if n := testing.AllocsPerRun(100, func() {
		src.next = 0
		if err := calls.Next(&v, row); err != nil {
			t.Fatal(err)
		}
		src.next = 0
		if err := dosages.NextDosages(&v, dosageRow); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

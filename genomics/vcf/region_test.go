package vcf

import (
	"bytes"
	"genoveil/genomics"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"pgregory.net/rapid"

	"genoveil/genomics/chrom"
	"genoveil/genomics/shareddata"
)

// indexed returns a copy of testdata/regions.vcf.gz that has one index only.
func indexed(t *testing.T, suffix string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "regions.vcf.gz")
	for _, s := range []string{"", suffix} {
		data, err := os.ReadFile("testdata/regions.vcf.gz" + s)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+s, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// inRegions keeps what a full read says about some regions. It is the twin of
// reading through the index.
func inRegions(all []variantRow, regions []region, names []string) []variantRow {
	var kept []variantRow
	for _, v := range all {
		if slices.ContainsFunc(regions, func(r region) bool {
			return v.Chrom == names[r.chrom] && r.from <= v.Pos && v.Pos <= r.to
		}) {
			kept = append(kept, v)
		}
	}
	return kept
}

// checkRegions compares reading any regions through the index with a full read.
func checkRegions(t *testing.T, path string, names []string, longest int) {
	t.Helper()
	all, err := read(Open(path, nil))
	if err != nil {
		t.Fatal(err)
	}
	idx, err := readIndex(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(names, idx.names); diff != "" {
		t.Fatal(diff)
	}
	rapid.Check(t, func(t *rapid.T) {
		var regions []region
		var text []string
		for range rapid.IntRange(1, 4).Draw(t, "regions") {
			r := region{chrom: rapid.IntRange(0, len(names)-1).Draw(t, "chrom"), to: math.MaxInt32}
			r.name = names[r.chrom]
			if rapid.Bool().Draw(t, "range") {
				// Half of the ends are positions of records.
				at := rapid.Custom(func(t *rapid.T) int {
					if rapid.Bool().Draw(t, "of record") {
						return rapid.SampledFrom(all.Variants).Draw(t, "record").Pos
					}
					return rapid.IntRange(0, longest).Draw(t, "pos")
				})
				r.from, r.to = at.Draw(t, "from"), at.Draw(t, "to")
				if r.from > r.to {
					r.from, r.to = r.to, r.from
				}
			}
			regions = append(regions, r)
			text = append(text, r.String())
		}
		got, err := read(Open(path, text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(inRegions(all.Variants, regions, names), got.Variants); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRegions(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{".tbi", ".csi"} {
		t.Run(suffix, func(t *testing.T) {
			checkRegions(t, indexed(t, suffix), []string{"chr1", "chr2", "chrX"}, 200_000_000)
		})
	}
}

// TestLongChromosome reads positions that only a .csi index can hold.
func TestLongChromosome(t *testing.T) {
	checkRegions(t, "testdata/wheat.vcf.gz", []string{"1A", "2A"}, 2_000_000_000)
}

// TestHapMap compares regions with a full read of real data.
func TestHapMap(t *testing.T) {
	path := filepath.Join(shareddata.Dir(t, "hapmap3"), "hapmap3.vcf.gz")
	all, err := read(Open(path, nil))
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Variants) != 14079 || len(all.Samples) != 957 || len(all.Skipped) != 0 {
		t.Errorf("%d variants, %d samples, skipped %v", len(all.Variants), len(all.Samples), all.Skipped)
	}
	names := make([]string, 22)
	for i := range names {
		names[i] = strconv.Itoa(i + 1)
	}
	for _, text := range [][]string{{"22"}, {"chr3:50000000-60000000", "3:1-52000000", "1:1-1000000"}, {"21:1-100"}, {"2:240000000-1000000000"}} {
		idx := &index{names: names, places: chrom.NewNames(names)}
		var regions []region
		for _, s := range text {
			r, err := parseRegion(s, idx)
			if err != nil {
				t.Fatal(err)
			}
			regions = append(regions, r)
		}
		got, err := read(Open(path, text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(inRegions(all.Variants, regions, names), got.Variants); diff != "" {
			t.Error(text, diff)
		}
	}
}

// TestAllRegions counts what is skipped like a full read.
func TestAllRegions(t *testing.T) {
	path := indexed(t, ".tbi")
	want, err := read(Open(path, nil))
	if err != nil {
		t.Fatal(err)
	}
	if want.Skipped[genomics.MultiAllelic] != 22 || len(want.Variants) != 878 {
		t.Fatalf("%d variants, skipped %v", len(want.Variants), want.Skipped)
	}
	got, err := read(Open(path, []string{"X", "chr1", "2", "chr1:5-7"}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestBeyondRegion damages what follows a region's last record. Reading ahead
// meets the damage, but nothing of it is to be seen.
func TestBeyondRegion(t *testing.T) {
	path := indexed(t, ".tbi")
	const region = "chr1:1-90000000"
	want, err := read(Open(path, []string{region}))
	if err != nil || len(want.Variants) < 100 {
		t.Fatal(len(want.Variants), err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1000] ^= 0x55 // in the last block with text
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	got, err := read(Open(path, []string{region}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := read(Open(path, []string{region, "chrX"})); err == nil || !strings.Contains(err.Error(), "the BGZF block at byte 13730 is damaged") {
		t.Error(err)
	}
}

func TestRegionErrors(t *testing.T) {
	good := indexed(t, ".tbi")
	none := indexed(t, "")
	damaged := indexed(t, ".tbi")
	other := indexed(t, "")
	plain := filepath.Join(t.TempDir(), "x.vcf")
	write := func(path string, data []byte) {
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(plain, []byte(file("1 7 . A C . . . GT 0/0 0/1 1/1\n")))
	// One chromosome, six settings, and no names: the index package panics.
	write(damaged+".tbi", toBGZF(t, "TBI\x01\x01\x00\x00\x00"+strings.Repeat("\x00", 7*4)))
	wheat, err := os.ReadFile("testdata/wheat.vcf.gz.csi")
	if err != nil {
		t.Fatal(err)
	}
	write(other+".csi", wheat)
	// The same bytes in one block, so that the index fits but for the name.
	text, err := os.ReadFile("testdata/wheat.vcf.gz")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if text, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	renamed := filepath.Join(t.TempDir(), "renamed.vcf.gz")
	write(renamed, toBGZF(t, strings.ReplaceAll(string(text), "\n1A\t", "\n7A\t")))
	write(renamed+".csi", wheat)

	for _, test := range []struct{ path, region, want string }{
		{"-", "1", "standard input: regions need an indexed file; write the VCF to a file and index it with tabix -p vcf"},
		{plain, "1", plain + ": regions need a file compressed with bgzip and indexed with tabix -p vcf"},
		{none, "1", none + ": regions need an index; run tabix -p vcf " + none},
		{damaged, "1", damaged + ".tbi: damaged index; run tabix -f -p vcf " + damaged + ": "},
		{other, "2A", other + ", line 1 of those read for region 2A: 8 columns instead of the 15 of the header; if its index is older than the file, run tabix -f -p vcf " + other},
		{renamed, "1A", renamed + ", line 1 of those read for region 1A: the index leads to chromosome 7A; if its index is older than the file, run tabix -f -p vcf " + renamed},
		{good, "3", good + `: region 3: no records on chromosome "3"; the file has records on chr1, chr2, chrX`},
		{good, "3:1-2", good + `: region 3:1-2: no records on chromosome "3"; the file has records on chr1, chr2, chrX`},
		{good, "1:", good + ": region 1:: write it as 1 or 1:FROM-TO"},
		{good, "1:-", good + ": region 1:-: write it as 1 or 1:FROM-TO"},
		{good, "1:7-8-9", good + ": region 1:7-8-9: write it as 1 or 1:FROM-TO"},
		{good, "1:1,000-999", good + ": region 1:1,000-999: write it as 1 or 1:FROM-TO"},
		{good, "1:9-7", good + ": region 1:9-7: write it as 1 or 1:FROM-TO"},
		{good, "1:a-b", good + ": region 1:a-b: write it as 1 or 1:FROM-TO"},
	} {
		_, err := read(Open(test.path, []string{test.region}))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.region, err, test.want)
		}
	}
}

// TestRegionSpellings finds chromosomes in an index however they are spelled.
func TestRegionSpellings(t *testing.T) {
	names := []string{"chr1", "chr23", "chrX", "MT"}
	for text, want := range map[string]string{"1:5-6": "chr1", "23": "chr23", "X": "chrX", "chrM:1-2": "MT", "26": "MT", "CHR1": "chr1"} {
		r, err := parseRegion(text, &index{names: names, places: chrom.NewNames(names)})
		if err != nil || r.name != want {
			t.Errorf("%s: %v, %v, want %s", text, r.name, err, want)
		}
	}
}

// TestRegionRanges reads positions as samtools view 1.16 does.
func TestRegionRanges(t *testing.T) {
	names := []string{"1"}
	for text, want := range map[string]region{
		"1":             {0, "1", 0, math.MaxInt32},
		"1:100":         {0, "1", 100, math.MaxInt32},
		"1:100-":        {0, "1", 100, math.MaxInt32},
		"1:-200":        {0, "1", 0, 200},
		"1:100-100":     {0, "1", 100, 100},
		"1:1,000-2,000": {0, "1", 1000, 2000},
		"1:1,000":       {0, "1", 1000, math.MaxInt32},
	} {
		got, err := parseRegion(text, &index{names: names, places: chrom.NewNames(names)})
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", text, got, err, want)
		}
	}
}

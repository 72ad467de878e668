package bed

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/vcf"

	"github.com/google/go-cmp/cmp"
)

// A variantRow is one variant with its genotypes spelled out.
type variantRow struct {
	genomics.Variant
	Genotypes string // one of "012." per sample
}

// read returns the variants that a source yields, and closes it.
func read(src genomics.Source, err error) ([]variantRow, error) {
	if err != nil {
		return nil, err
	}
	var all []variantRow
	n := len(src.Samples())
	row := make(genomics.Row, genomics.RowLen(n))
	for {
		var v genomics.Variant
		if err = src.Next(&v, row); err != nil {
			break
		}
		var genotypes strings.Builder
		for i := range 4 * len(row) {
			if i < n {
				genotypes.WriteByte("012."[row.At(i)])
			} else if row.At(i) != 0 {
				return all, fmt.Errorf("bits after the last sample are set")
			}
		}
		all = append(all, variantRow{v, genotypes.String()})
	}
	if again := src.Next(new(genomics.Variant), row); again != err {
		return all, fmt.Errorf("error %v and then %v", err, again)
	}
	if err == io.EOF {
		err = nil
	}
	if e := src.Close(); err == nil {
		err = e
	}
	return all, err
}

// TestAgainstVCF reads a fileset that PLINK 1.9 made from a VCF file:
//
//	plink1.9 --vcf small.vcf --double-id --keep-allele-order --output-chr MT --make-bed --out small
//
// (with other family names put in afterwards).
func TestAgainstVCF(t *testing.T) {
	want, err := read(vcf.Open("testdata/small.vcf", nil))
	if err != nil {
		t.Fatal(err)
	}
	if len(want) != 15 {
		t.Fatalf("%d variants in the VCF", len(want))
	}
	for _, path := range []string{"testdata/small", "testdata/small.bed"} {
		r, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a1", "a2", "a3", "a4", "a5", "a6", "a7"}, r.Samples()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"f1", "f2", "f0", "f1", "f2", "f0", "f1"}, r.FIDs()); diff != "" {
			t.Error(diff)
		}
		got, err := read(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		// The VCF reader passes over the one record without an ALT allele.
		const noAlt = 7
		if v := got[noAlt].Variant; v != (genomics.Variant{Chrom: "2", Pos: 1680, ID: "rs8", Ref: "T", Alt: "0"}) {
			t.Error(v)
		}
		got = append(got[:noAlt], got[noAlt+1:]...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

const (
	fam3 = "f i1 0 0 1 -9\nf i2 0 0 2 1\ng i3 i1 i2 0 2\n"
	bim2 = "1 s1 0 5 A C\n1\ts2\t0.5\t6\tAT\tG\r\n"
	bed2 = "\x6c\x1b\x01\xe4\xff" // the pad bits are set, as they may be
)

func readStrings(bed, bim, fam string) ([]variantRow, map[string]int, error) {
	r, err := newReader("x", strings.NewReader(bed), strings.NewReader(bim), strings.NewReader(fam))
	if err != nil {
		return nil, nil, err
	}
	all, err := read(r, nil)
	return all, r.Skipped(), err
}

func TestRead(t *testing.T) {
	for _, test := range []struct {
		name, bed, bim string
		want           []variantRow
		skipped        map[string]int
	}{
		{"two", bed2, bim2, []variantRow{
			{genomics.Variant{Chrom: "1", Pos: 5, ID: "s1", Ref: "C", Alt: "A"}, "2.1"},
			{genomics.Variant{Chrom: "1", Pos: 6, ID: "s2", Ref: "G", Alt: "AT"}, "000"},
		}, map[string]int{}},
		{"none", bed2[:3], "", nil, map[string]int{}},
		{"unknown alleles", bed2, "1 s1 0 5 0 C\n1 s2 0 6 0 0", []variantRow{
			{genomics.Variant{Chrom: "1", Pos: 5, ID: "s1", Ref: "C", Alt: "0"}, "2.1"},
			{genomics.Variant{Chrom: "1", Pos: 6, ID: "s2", Ref: "0", Alt: "0"}, "000"},
		}, map[string]int{}},
		{"negative position", bed2, "1 s1 0 -5 A C\n1 s2 0 0 A C\n", []variantRow{
			{genomics.Variant{Chrom: "1", Pos: 0, ID: "s2", Ref: "C", Alt: "A"}, "000"},
		}, map[string]int{negativePos: 1}},
		{"codes of indels", bed2, "1 s1 0 5 I D\n1 s2 0 6 a N\n", []variantRow{
			{genomics.Variant{Chrom: "1", Pos: 6, ID: "s2", Ref: "N", Alt: "a"}, "000"},
		}, map[string]int{genomics.OddAlleles + `; the first in line 1: "D"`: 1}},
		{"numbers", bed2, "1 s1 0 5 A 2\n1 s2 0 6 1 0\n", nil, map[string]int{genomics.OddAlleles + `; the first in line 1: "2"`: 2}},
		{"no sequences", bed2, "1 s1 0 5 <DEL> A\n1 s2 0 6 * A\n", nil, map[string]int{genomics.SymbolicAlt: 1, genomics.SpanningDeletion: 1}},
		{"dots", bed2, "1 s1 0 5 . C\n1 s2 0 6 A .\n", []variantRow{
			{genomics.Variant{Chrom: "1", Pos: 5, ID: "s1", Ref: "C", Alt: "0"}, "2.1"},
			{genomics.Variant{Chrom: "1", Pos: 6, ID: "s2", Ref: "0", Alt: "A"}, "000"},
		}, map[string]int{}},
	} {
		got, skipped, err := readStrings(test.bed, test.bim, fam3)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Error(test.name, diff)
		}
		if diff := cmp.Diff(test.skipped, skipped); diff != "" {
			t.Error(test.name, diff)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ name, bed, bim, fam, want string }{
		{"no samples", bed2, bim2, "", "x.fam has no samples"},
		{"short .fam line", bed2, bim2, "f i1 0 0 1 -9\nf i2 0 0 2\n", "x.fam, line 2: 5 columns instead of 6"},
		{"duplicate IID", bed2, bim2, "f i1 0 0 1 -9\ng i1 0 0 2 1\n", `x.fam, line 2: IID "i1" is in line 1 too; samples are known by their IID alone here, so make it unique (plink --update-ids)`},
		{"long .bim line", bed2, "1 s1 0 5 A C\n1 s2 0 5 A C G\n", fam3, "x.bim, line 2: 7 columns instead of 6"},
		{"blank .bim line", bed2, "1 s1 0 5 A C\n\n1 s2 0 6 A C\n", fam3, "x.bim, line 2: blank line; remove it"},
		{"blank .fam line", bed2, bim2, "\n" + fam3, "x.fam, line 1: blank line; remove it"},
		{"letters in position", bed2, "1 s1 0 5k A C\n", fam3, `x.bim, line 1: position "5k" is not a whole number up to 2147483647`},
		{"large position", bed2, "1 s1 0 2147483648 A C\n", fam3, `x.bim, line 1: position "2147483648" is not a whole number up to 2147483647`},
		{"empty .bed", "", bim2, fam3, "x.bed is not a PLINK 1 .bed file: it begins with 00 00 00"},
		{"other magic", "\x6c\x1c\x01\x00\x00", bim2, fam3, "x.bed is not a PLINK 1 .bed file: it begins with 6c 1c 01"},
		{"other mode", "\x6c\x1b\x02\x00\x00", bim2, fam3, "x.bed is not a PLINK 1 .bed file: it begins with 6c 1b 02"},
		{"individual-major", "\x6c\x1b\x00\x00\x00", bim2, fam3, "x.bed is stored sample by sample (individual-major); convert it with plink --bfile x --make-bed --out NEW"},
		{"short .bed", bed2[:4], bim2, fam3, "x.bed has 4 bytes instead of the 5 of 2 variants and 3 samples; do the three files belong together?"},
		{"long .bed", bed2 + "\x00", bim2, fam3, "x.bed has 6 bytes instead of the 5 of 2 variants and 3 samples; do the three files belong together?"},
	} {
		_, _, err := readStrings(test.bed, test.bim, test.fam)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s:\ngot  %v\nwant %s", test.name, err, test.want)
		}
	}
}

// TestBlankEnd reads tables that end in blank lines.
func TestBlankEnd(t *testing.T) {
	want, _, err := readStrings(bed2, bim2, fam3)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := readStrings(bed2, bim2+"\n \t\r\n", fam3+"\n")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// TestLongLines reads lines that no .bim or .fam file has.
func TestLongLines(t *testing.T) {
	long := strings.Repeat("A", maxLine)
	for _, test := range []struct{ bim, fam, want string }{
		{"1 s1 0 5 A " + long + "\n", fam3, "x.bim, line 1: longer than 16777216 bytes; is it a file of PLINK 1?"},
		{bim2, "f " + long + " 0 0 1 -9\n", "x.fam, line 1: longer than 16777216 bytes; is it a file of PLINK 1?"},
		{strings.Repeat("A ", maxLine/2-1) + "\n", fam3, "x.bim, line 1: 8388607 columns instead of 6"},
	} {
		if _, _, err := readStrings(bed2, test.bim, test.fam); err == nil || err.Error() != test.want {
			t.Errorf("got  %.100v\nwant %s", err, test.want)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	prefix := filepath.Join(t.TempDir(), "x")
	for _, file := range []struct{ suffix, text string }{{".bed", bed2}, {".bim", bim2}, {".fam", "f i1\n"}} {
		if _, err := Open(prefix); !os.IsNotExist(err) || !strings.Contains(err.Error(), prefix+file.suffix) {
			t.Errorf("without %s: %v", file.suffix, err)
		}
		if err := os.WriteFile(prefix+file.suffix, []byte(file.text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(prefix); err == nil || err.Error() != prefix+".fam, line 1: 2 columns instead of 6" {
		t.Error(err)
	}
}

// TestDecode compares every byte with what the format's description says of
// its four codes, for every number of samples in the last byte.
func TestDecode(t *testing.T) {
	for b := range 256 {
		for n := 1; n <= 4; n++ {
			row := genomics.Row{byte(b)}
			decode(row, n)
			want := make(genomics.Row, 1)
			for i := range n {
				switch b >> (2 * i) & 3 {
				case 0b00:
					want.Set(i, genomics.HomAlt)
				case 0b01:
					want.Set(i, genomics.Missing)
				case 0b10:
					want.Set(i, genomics.Het)
				case 0b11:
					want.Set(i, genomics.HomRef)
				}
			}
			if row[0] != want[0] {
				t.Errorf("byte %02x, %d samples: %02x, want %02x", b, n, row[0], want[0])
			}
		}
	}
}

// slowVariants is the twin of the .bim reader. It is false for a file with an
// error in it.
func slowVariants(bim string) ([]genomics.Variant, bool) {
	var all []genomics.Variant
	for line := range strings.Lines(bim) {
		f := strings.Fields(line)
		if len(f) != 6 {
			return nil, false
		}
		pos, err := strconv.ParseInt(f[3], 10, 64)
		if err != nil || pos >= 1<<31 {
			return nil, false
		}
		for _, allele := range []*string{&f[4], &f[5]} {
			if *allele == "." {
				*allele = "0"
			}
		}
		all = append(all, genomics.Variant{Chrom: f[0], Pos: int(pos), ID: f[1], Ref: f[5], Alt: f[4]})
	}
	return all, true
}

// legal is an allele that is read.
var legal = regexp.MustCompile("^(0|[ACGTNacgtn]+)$")

// FuzzTables reads any .bim and .fam text with a .bed file that fits them.
func FuzzTables(f *testing.F) {
	f.Add(bim2, fam3)
	f.Add("1 s1 0 -5 0 0\nX s2 0 +6 A C", "f i 0 0 0 -9")
	f.Add("1 s1 0 5 I D\n1 s2 0 6 . .\n1 s2 0 7 A C,T", "f i 0 0 0 -9")
	f.Add("1 s1 0 5 A C\n\n", "a b c d e f\na b c d e f\n")
	f.Fuzz(func(t *testing.T, bim, fam string) {
		for _, text := range []*string{&bim, &fam} {
			if cr := regexp.MustCompile("\r+[^\r\n]"); cr.MatchString(*text) || strings.HasPrefix(*text, "\xef\xbb\xbf") {
				return // what text.Lines does then is tested there
			}
		}
		blankEnd := regexp.MustCompile("(^|\n)[ \t\r\n]*$") // is no line of the table
		bim, fam = blankEnd.ReplaceAllString(bim, "$1"), blankEnd.ReplaceAllString(fam, "$1")
		bimText, famText := bim+" \n", fam+"\n\n"
		variants, bimOK := slowVariants(bim)
		iids, famOK := map[string]bool{}, fam != ""
		samples := 0
		for line := range strings.Lines(fam) {
			fields := strings.Fields(line)
			if famOK = famOK && len(fields) == 6 && !iids[fields[1]]; !famOK {
				break
			}
			iids[fields[1]] = true
			samples++
		}
		bed := magic + "\x01" + string(bytes.Repeat([]byte{0xff}, len(variants)*genomics.RowLen(samples)))
		got, skipped, err := readStrings(bed, bimText, famText)
		if (err == nil) != (bimOK && famOK) {
			t.Fatalf("error %v; the twin takes .bim %v, .fam %v", err, bimOK, famOK)
		}
		if err != nil {
			return
		}
		var want []variantRow
		for _, v := range variants {
			if v.Pos >= 0 && legal.MatchString(v.Ref) && legal.MatchString(v.Alt) {
				want = append(want, variantRow{v, strings.Repeat("0", samples)})
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		passed := 0
		for _, n := range skipped {
			passed += n
		}
		if passed != len(variants)-len(want) {
			t.Errorf("skipped %v of %d", skipped, len(variants))
		}
	})
}

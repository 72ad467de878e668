package panel

import (
	"bytes"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"genoveil/genomics"
	"genoveil/genomics/text"
)

var listed = []genomics.Variant{
	{Chrom: "2", Pos: 100, ID: "rs1", Ref: "A", Alt: "G"},
	{Chrom: "2", Pos: 100, ID: "rs2", Ref: "A", Alt: "T"},
	{Chrom: "2", Pos: 300, ID: ".", Ref: "C", Alt: "CAT"},
	{Chrom: "chrX", Pos: 50, ID: "rs4", Ref: "G", Alt: "A"},
}

func write(t *testing.T, compress bool, build string, variants []genomics.Variant) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, compress, build, []string{"2", "chrX"})
	for i := range variants {
		if err := w.Write(&variants[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func linesOf(r io.Reader) *text.Lines { return text.NewLines("l", r, maxLine, kind) }

func TestWriteAndRead(t *testing.T) {
	plain := write(t, false, "GRCh38", listed)
	want := `##fileformat=VCFv4.2
##reference=GRCh38
##contig=<ID=2>
##contig=<ID=chrX>
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO
2	100	rs1	A	G	.	.	.
2	100	rs2	A	T	.	.	.
2	300	.	C	CAT	.	.	.
chrX	50	rs4	G	A	.	.	.
`
	if diff := cmp.Diff(want, string(plain)); diff != "" {
		t.Error(diff)
	}
	z, err := gzip.NewReader(bytes.NewReader(write(t, true, "GRCh38", listed)))
	if err != nil {
		t.Fatal(err)
	}
	list, err := parseUpTo("l", linesOf(z), math.MaxInt32, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&List{Path: "l", Build: "GRCh38", Variants: listed, Lines: []int{6, 7, 8, 9}}, list); diff != "" {
		t.Error(diff)
	}
}

const header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n"

func TestReadRefuses(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "l: no variants"},
		{header, "l: no variants"},
		{"1\t2\t.\tA\tC\n", "l, line 1: not a VCF"},
		{header + "1\t2\t.\tA\n", "l, line 3: 4 columns"},
		{header + "1\t-2\t.\tA\tC\n", `l, line 3: the position "-2"`},
		{header + "1\t2\t.\tA\tC,G\n", "l, line 3: 1:2 A C,G: a list has variants with one ALT allele"},
		{header + "1\t2\t.\tA\t\n", "l, line 3: 1:2 A : a list has variants with one ALT allele"},
	} {
		if _, err := parseUpTo("l", linesOf(strings.NewReader(test.text)), math.MaxInt32, math.MaxInt64); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s…", test.text, err, test.want)
		}
	}
}

// TestUnknownAlleles writes what a PLINK 1 fileset does not know as PLINK 2 does, and reads it.
func TestUnknownAlleles(t *testing.T) {
	variants := []genomics.Variant{{Chrom: "1", Pos: 1, ID: "a", Ref: "C", Alt: "0"}, {Chrom: "1", Pos: 2, ID: "b", Ref: "0", Alt: "0"}, {Chrom: "1", Pos: 3, ID: "c", Ref: "0", Alt: "G"}}
	list, err := parseUpTo("l", linesOf(bytes.NewReader(write(t, false, "", variants))), math.MaxInt32, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	want := []genomics.Variant{{Chrom: "1", Pos: 1, ID: "a", Ref: "C", Alt: "."}, {Chrom: "1", Pos: 2, ID: "b", Ref: "N", Alt: "."}, {Chrom: "1", Pos: 3, ID: "c", Ref: "N", Alt: "G"}}
	if diff := cmp.Diff(want, list.Variants); diff != "" {
		t.Error(diff)
	}
	row := make(genomics.Row, 1)
	a, err := list.Align(&fileset{variants: variants})
	if err != nil {
		t.Fatal(err)
	}
	for range variants {
		if err := a.Next(new(genomics.Variant), row); err != nil {
			t.Fatal(err)
		}
	}
	if notes := a.Notes(); notes != (Notes{Found: 3}) {
		t.Errorf("%+v", notes)
	}
}

// A fileset is a source of one sample without ALT alleles.
type fileset struct {
	variants []genomics.Variant
	at       int
}

func (f *fileset) Samples() []string       { return []string{"s"} }
func (f *fileset) Skipped() map[string]int { return nil }
func (f *fileset) Close() error            { return nil }

func (f *fileset) Next(v *genomics.Variant, row genomics.Row) error {
	if f.at == len(f.variants) {
		return io.EOF
	}
	*v, row[0] = f.variants[f.at], 0
	f.at++
	return nil
}

// FuzzRead demands that a list that is read is the same after writing it.
func FuzzRead(f *testing.F) {
	f.Add(header + "1\t2\ta\tA\tC\t.\tPASS\tAF=0.1\r\n1\t1\t.\tG\t<DEL>\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseUpTo("l", linesOf(strings.NewReader(text)), math.MaxInt32, math.MaxInt64)
		if err != nil {
			return
		}
		again, err := parseUpTo("l", linesOf(bytes.NewReader(write(t, false, "", list.Variants))), math.MaxInt32, math.MaxInt64)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(list.Variants, again.Variants); diff != "" {
			t.Error(diff)
		}
	})
}

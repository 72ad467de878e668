package vcf

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/bgzf"

	biogo "github.com/biogo/hts/bgzf"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

// file joins records, written with blanks for tabs, to a VCF of three samples.
func file(records ...string) string {
	const header = "##fileformat=VCFv4.2\n#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT a b c\n"
	return strings.ReplaceAll(header+strings.Join(records, ""), " ", "\t")
}

// read returns all that a source yields, and closes it.
func read(src genomics.Source, err error) (content, error) {
	if err != nil {
		return content{}, err
	}
	row := make(genomics.Row, genomics.RowLen(len(src.Samples())))
	return readAll(src, func(v *genomics.Variant) (string, error) {
		if err := src.Next(v, row); err != nil {
			return "", err
		}
		return spellGenotypes(row, len(src.Samples())), nil
	})
}

// spellGenotypes spells a row out, with the bits after the last sample, if any of
// them is set.
func spellGenotypes(row []byte, samples int) string {
	var genotypes strings.Builder
	for i := range 4 * len(row) {
		if g := genomics.Row(row).At(i); i < samples || g != 0 {
			genotypes.WriteByte("012."[g])
		}
	}
	return genotypes.String()
}

// A closer is what sources of genotypes and of dosages have in common.
type closer interface {
	Samples() []string
	Skipped() map[string]int
	Close() error
}

// readAll returns all that a source yields when next is called, and closes it.
func readAll(src closer, next func(*genomics.Variant) (string, error)) (content, error) {
	c := content{Samples: src.Samples()}
	var err error
	for {
		var row variantRow
		if row.Genotypes, err = next(&row.Variant); err != nil {
			break
		}
		c.Variants = append(c.Variants, row)
	}
	c.Skipped, c.Noted = map[string]int{}, map[string]int{}
	switch src := src.(type) {
	case *Reader:
		countTallies(&c, src.skipped, src.noted)
	case *DosageReader:
		countTallies(&c, src.skipped, src.noted)
	}
	if _, again := next(new(genomics.Variant)); again != err {
		return c, fmt.Errorf("error %v and then %v", err, again)
	}
	if err == io.EOF {
		err = nil
	}
	if e := src.Close(); err == nil {
		err = e
	}
	return c, err
}

func countTallies(c *content, skipped, noted tallies) {
	for reason, one := range skipped {
		c.Skipped[reason] = one.count
	}
	for reason, one := range noted {
		c.Noted[reason] = one.count
	}
}

func readText(text string) (content, error) {
	return read(NewReader(strings.NewReader(text), "x.vcf"))
}

func TestCalls(t *testing.T) {
	for _, test := range []struct{ format, calls, want string }{
		{"GT", "0/0 0/1 1/1", "012"},
		{"GT", "0|0 1|0 1|1", "012"},
		{"GT", "./. .|. .", "..."},
		{"GT", "0/1/1 ././. .", "..."},
		{"GT", "0 1 .", "02."},
		{"GT", "00/01 0/1 001", "112"},
		{"GT:DP", "0/1:3 1/1:12 0/0:.", "120"},
		{"GT:DP", "0/1 1/1 0/0", "120"},
		{"GT:DP:GQ", "1:3:9 .:. 0|1:", "2.1"},
	} {
		got, err := readText(file("1 7 . A C . . . " + test.format + " " + test.calls + "\n"))
		if err != nil {
			t.Errorf("%s: %v", test.calls, err)
			continue
		}
		if got.Variants[0].Genotypes != test.want {
			t.Errorf("%s: read %s, want %s", test.calls, got.Variants[0].Genotypes, test.want)
		}
	}
}

// TestRows compares reading rows of calls with reading one column after the other.
func TestRows(t *testing.T) {
	const common = "0/0 0/1 1/0 1/1 0|0 0|1 1|0 1|1"
	call := rapid.OneOf(rapid.SampledFrom(strings.Fields(common)), rapid.SampledFrom(strings.Fields(common)),
		rapid.SampledFrom(strings.Fields(common+" ./. .|. . 0 1 00/1 0/0:7 1|1: ./.:8")))
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.SliceOfN(call, 1, 40).Draw(t, "columns")
		text := []byte(strings.Join(columns, "\t"))
		if rapid.IntRange(0, 3).Draw(t, "damaged") == 0 {
			// Any byte, but no other number of columns.
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			if to := rapid.Byte().Draw(t, "to"); text[at] != '\t' && to != '\t' {
				text[at] = to
			}
		}
		checkRow(t, text, len(columns))
	})
	// Every byte in every place of eight calls.
	text := []byte("0/0\t1/1\t0|1\t1|0\t1/0\t0/1\t1|1\t0|0\t1/1")
	for i, old := range text {
		for to := range 256 {
			if text[i] = byte(to); old != '\t' && to != '\t' {
				checkRow(t, text, 9)
			}
		}
		text[i] = old
	}
}

func checkRow(t rapid.TB, text []byte, n int) {
	t.Helper()
	for _, half := range []HalfCalls{HalfError, HalfMissing, HalfReference, HalfHaploid} {
		want := make(genomics.Row, genomics.RowLen(n))
		wantKind, wantSample, wantCall := usual, 0, ""
		var wantOdd, gotOdd []string
		for i, column := range strings.Split(string(text), "\t") {
			g, kind := readCall([]byte(column), half)
			if kind.bad(half) {
				wantKind, wantSample, wantCall = kind, i, column
				break
			}
			if kind != usual {
				wantOdd = append(wantOdd, fmt.Sprint(kind, i, column))
			}
			want.Set(i, g)
		}
		got := bytes.Repeat(genomics.Row{0xff}, len(want))
		kind, sample, call := readCalls(text, got, n, half, func(kind callKind, sample int, column []byte) {
			gotOdd = append(gotOdd, fmt.Sprint(kind, sample, string(column)))
		})
		if kind != wantKind || sample != wantSample || string(call) != wantCall || kind == usual && !bytes.Equal(got, want) || !slices.Equal(gotOdd, wantOdd) {
			t.Fatalf("%q, %s: %x, sample %d: %d %q %q, want %x, sample %d: %d %q %q", text, half, got, sample, kind, call, gotOdd, want, wantSample, wantKind, wantCall, wantOdd)
		}
	}
}

// TestHalfCalls reads the same calls in the ways of PLINK's --vcf-half-call, here as
// PLINK 2.00a3.5 does with missing, reference and haploid.
func TestHalfCalls(t *testing.T) {
	text := file("1 7 . A C . . . GT:DP 0/0:1 0/1:1 1/1:1\n", "1 8 . A C . . . GT ./1 0|. 1/.\n", "1 9 . A C . . . GT 0/1 ./. 1/.:7\n")
	for half, want := range map[HalfCalls]string{HalfMissing: "012 ... 1..", HalfReference: "012 101 1.1", HalfHaploid: "012 202 1.2"} {
		r, err := NewReader(strings.NewReader(text), "x.vcf")
		if err != nil {
			t.Fatal(err)
		}
		r.HalfCalls(half)
		got, err := read(r, nil)
		if err != nil || len(got.Variants) != 3 {
			t.Fatal(half, err)
		}
		if all := got.Variants[0].Genotypes + " " + got.Variants[1].Genotypes + " " + got.Variants[2].Genotypes; all != want {
			t.Errorf("%s: %s, want %s", half, all, want)
		}
		note := genomics.Note{Text: "half-calls, read as --half-call " + string(half), Count: 4, First: `line 4: column 10 (sample a): "./1"`}
		if notes := r.Notes(); !slices.Equal(notes, []genomics.Note{note}) {
			t.Errorf("%s: %v", half, notes)
		}
	}
}

// TestOddRecords passes over records that no program should write, and says which is the
// first. PLINK 2.00a3.5 reads the calls with more than two alleles as missing and the
// tabs too many as nothing, too.
func TestOddRecords(t *testing.T) {
	r, err := NewReader(strings.NewReader(file(
		"1 7 . A C . . . GT 0/0 0/1 1/1\n",
		"1 8 . R C . . . GT 0/0 0/0 0/0\n",
		"1 8 . A C- . . . GT 0/0 0/0 0/0\n",
		"1 8 . A C . . . DP:GT 1:0/0 2:0/0 3:0/0\n",
		"1 8 . A C . . . DP:DS 1:0 2:0 3:0\n",
		"1 8x . A C . . . GT 0/0 0/0 0/0\n",
		"1 2147483648 . A C . . . GT 0/0 0/0 0/0\n",
		"1 8  A C . . . GT 0/0 0/0 0/0\n",
		" 8 . A C . . . GT 0/0 0/0 0/0\n",
		"1 8 . A C . . . GT:DP 0/0:1 0/0:2 0/2:3\n",
		"1 8 . A C . . . GT 18446744073709551616/0 0/0 0/0\n",
		"1 8 . A C . . . GT 0/0 A/C 0/0\n",
		"1 8 . A C . . . GT 0/0 0/0 0-1\n",
		"1 8 . A C . . . GT 0/0 0/0 0/\n",
		"1 8 . A C . . . GT 0/0 :7 0/0\n",
		"1 8 . A C . . . GT 0/0 0/1/1 0/0/0:3\n",
		"1 9 . A C . . . GT 0/0 0/1 1/1 \n",
		"1 9 . A C . . . GT 0/0 0/1 1/1",
	)), "x.vcf")
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, v := range got.Variants {
		rows = append(rows, v.Genotypes)
	}
	if want := []string{"012", "0..", "012", "012"}; !slices.Equal(rows, want) {
		t.Errorf("read %v, want %v", rows, want)
	}
	if diff := cmp.Diff(map[string]int{
		`alleles with letters other than A, C, G, T and N; the first in line 4: "R"`:                                                                     2,
		`GT not the first key of FORMAT; the first in line 6: FORMAT is "DP:GT"`:                                                                         1,
		`no GT in FORMAT; the first in line 7: it has DS, which --dosage-field DS reads`:                                                                 1,
		`CHROM, POS or ID not as VCF has them; the first in line 8: POS "8x" is not a whole number from 0 to 2147483647`:                                 4,
		`a call that is no genotype of the record; the first in line 12: column 12 (sample c): call "0/2" names an allele that the record does not have`: 6,
	}, r.Skipped()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]genomics.Note{
		{Text: "calls with more than two alleles, read as missing", Warning: true, Count: 2, First: `line 18: column 11 (sample b): "0/1/1"`},
		{Text: "lines with a tab too many at the end", Count: 1, First: "line 19"},
		{Text: "no line end after the last line: if the file is cut off there, the last call is wrong", Warning: true, Count: 1},
	}, r.Notes()); diff != "" {
		t.Error(diff)
	}
}

func TestSkipped(t *testing.T) {
	got, err := readText(file(
		"1 1 a A C,G . . . GT 0/1 0/2 1/2\n",
		"1 2 b A . . . . GT 0/0 0/0 0/0\n",
		"1 3 c A <DEL> . . . GT 0/0 0/0 0/1\n",
		"1 4 d A G]17:198982] . . . GT 0/0 0/0 0/1\n",
		"1 5 e A .G . . . GT 0/0 0/0 0/1\n",
		"1 6 f A * . . . GT 0/0 0/0 0/1\n",
		"1 7 g A T . . . DP 1 2 3\n",
		"1 3 h AN t . . . GT 0/0 0/0 0/1",
	))
	if err != nil {
		t.Fatal(err)
	}
	want := content{
		Samples:  []string{"a", "b", "c"},
		Variants: []variantRow{{genomics.Variant{Chrom: "1", Pos: 3, ID: "h", Ref: "AN", Alt: "t"}, "001"}},
		Skipped:  map[string]int{genomics.MultiAllelic: 1, genomics.NoAlt: 1, genomics.SymbolicAlt: 3, genomics.SpanningDeletion: 1, noGT: 1},
		Noted:    map[string]int{noLineEnd: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestErrors(t *testing.T) {
	const good = "1 7 . A C . . . GT 0/0 0/1 1/1\n"
	header := "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT "
	tabs := func(s string) string { return strings.ReplaceAll(s, " ", "\t") }
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "x.vcf: no #CHROM line before the end; is it a VCF file?"},
		{"no header line", "##a\n", "x.vcf: no #CHROM line before the end; is it a VCF file?"},
		{"another file", "FID IID\n", "x.vcf does not begin with a VCF header"},
		{"BCF", "BCF\x02\x02\n", "x.vcf is a BCF file; send it through bcftools view FILE.bcf | genoveil … --vcf -"},
		{"BAM", "BAM\x01\x02\n", "x.vcf is a BAM file, with reads and no genotypes; give it with --bam, and the sites to call with --sites"},
		{"record too early", "##a\n1 2\n", "x.vcf, line 2: expected a ## line or the #CHROM line"},
		{"blanks for tabs", "#CHROM POS ID\n", `x.vcf, line 1: column 1 of the header is "#CHROM POS ID" instead of #CHROM (columns are separated by one tab)`},
		{"sites only", tabs("#CHROM POS ID REF ALT QUAL FILTER INFO\n"), "x.vcf, line 1: the file has no samples' columns, and so no genotypes; give a VCF that has them"},
		{"no samples", strings.TrimSpace(tabs(header)), "x.vcf, line 1: the file has no samples' columns, and so no genotypes; give a VCF that has them"},
		{"empty sample name", tabs(header), "x.vcf, line 1: column 10 has no sample name"},
		{"duplicate sample", tabs(header + "a b a\n"), `x.vcf, line 1: sample "a" is in column 10 and again in column 12; give every sample its own name (bcftools reheader)`},
		{"blank line", file(good, "\n"), "x.vcf, line 4: the line is empty; delete it"},
		{"cut line", file(good, "1 8 . A C . . . GT 0/0 0/"), "x.vcf, line 4: 11 columns instead of the 12 of the header"},
		{"two tabs", file("1 8 . A C . . . GT 0/0 0/0 0/0  \n"), "x.vcf, line 3: 14 columns instead of the 12 of the header"},
		{"cut call", file(good, "1 8 . A C . . . GT 0/0 0/0 0/"), `x.vcf, line 4: the file ends within this line; copy it again (column 12 (sample c): call "0/" is not a genotype)`},
		{"half-call", file("1 8 . A C . . . GT 0/0 1/. 0/0\n"), `x.vcf, line 3: column 11 (sample b): call "1/." has one allele and lacks the other; say with --half-call what such calls are: missing, reference or haploid`},
		{"joined headers", file(good) + file(good), "x.vcf, line 4: header line among the records; join files with bcftools concat"},
		{"blank in a sample", strings.Replace(file(good), "a\tb", "a b", 1), `x.vcf, line 2: sample "a b" in column 10 has a blank, at which tables of traits are cut; rename it (bcftools reheader)`},
		{"wide line", file("1 8 . A C . . . GT 0/0 0/0 0/0 0/0\n"), "x.vcf, line 3: 13 columns instead of the 12 of the header"},
		{"joined files", file(good, header+"a b c\n"), "x.vcf, line 4: header line among the records; join files with bcftools concat"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := readText(test.text)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// TestLineEnds reads CRLF line ends and a last line without any.
func TestLineEnds(t *testing.T) {
	text := file("1 7 . A C . . . GT 0/0 0/1 1/1\n", "1 8 . A C . . . GT:DP 0/0:1 0/1:1 1/1:1\n")
	want, err := readText(text)
	if err != nil || len(want.Variants) != 2 {
		t.Fatal(want, err)
	}
	crlf := strings.ReplaceAll(text, "\n", "\r\n")
	for i, other := range []string{crlf, strings.TrimSuffix(text, "\n"), strings.TrimSuffix(crlf, "\r\n")} {
		got, err := readText(other)
		if err != nil {
			t.Fatal(err)
		}
		if got.Noted[noLineEnd] != min(i, 1) {
			t.Errorf("%q: %v", other, got.Noted)
		}
		got.Noted = want.Noted
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// synthetic returns a VCF of many samples in which every kind of call occurs.
func synthetic(samples, variants int, format string, calls ...string) string {
	var b strings.Builder
	b.WriteString("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT")
	for i := range samples {
		fmt.Fprintf(&b, "\ts%d", i)
	}
	for j := range variants {
		fmt.Fprintf(&b, "\n22\t%d\trs%d\tA\tG\t.\tPASS\t.\t%s", 1000+j, j, format)
		for i := range samples {
			b.WriteByte('\t')
			b.WriteString(calls[(i*i+j*7+i*j)%len(calls)])
		}
	}
	b.WriteByte('\n')
	return b.String()
}

// TestLongLines reads lines several times larger than the first buffer.
func TestLongLines(t *testing.T) {
	t.Parallel()
	text := synthetic(pieceSize, 3, "GT", "0/0", "0|1", "1/1", "./.", ".", "1")
	want, err := readSlowly(text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := readText(text)
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(want, got) {
		t.Error("long lines are read wrongly")
	}
}

func compress(t rapid.TB, text string, w io.WriteCloser, buf *bytes.Buffer) []byte {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func toGzip(t rapid.TB, text string) []byte {
	var buf bytes.Buffer
	return compress(t, text, gzip.NewWriter(&buf), &buf)
}

func toZstd(t rapid.TB, text string) []byte {
	var buf bytes.Buffer
	z, err := zstd.NewWriter(&buf)
	if err != nil {
		t.Fatal(err)
	}
	return compress(t, text, z, &buf)
}

func toBGZF(t rapid.TB, text string) []byte {
	var buf bytes.Buffer
	return compress(t, text, biogo.NewWriter(&buf, 1), &buf)
}

// TestCompressed reads the same text plain and compressed, from a stream
// and from a file, whole and cut.
func TestCompressed(t *testing.T) {
	text := synthetic(300, 400, "GT:DP", "0/0:7", "0|1:8", "1/1:35", "./.:.")
	want, err := readSlowly(text)
	if err != nil {
		t.Fatal(err)
	}
	both := func(data []byte) (stream, file content, streamErr, fileErr error) {
		path := filepath.Join(t.TempDir(), "x.vcf.gz")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		stream, streamErr = read(NewReader(bytes.NewReader(data), "x.vcf.gz"))
		file, fileErr = read(Open(path, nil))
		return
	}
	gzipped, blocks := toGzip(t, text), toBGZF(t, text)
	for name, data := range map[string][]byte{"plain": []byte(text), "gzip": gzipped, "bgzf": blocks, "zstd": toZstd(t, text)} {
		stream, file, err1, err2 := both(data)
		if err1 != nil || err2 != nil {
			t.Fatal(name, err1, err2)
		}
		if !cmp.Equal(want, stream) || !cmp.Equal(want, file) {
			t.Errorf("%s: not what the text says", name)
		}
	}

	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"gzip cut", gzipped[:len(gzipped)/2], "the compressed data end early; copy the file again, and check it with gzip -t"},
		{"gzip without its last byte", gzipped[:len(gzipped)-1], "the compressed data end early; copy the file again, and check it with gzip -t"},
		{"BGZF without end marker", blocks[:len(blocks)-len(bgzf.EndMarker)], "the file ends early (no BGZF end marker); copy it again, and check it with bgzip -t"},
	} {
		_, _, err1, err2 := both(test.data)
		for _, err := range []error{err1, err2} {
			if err == nil || !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("%s: got %v, want %s", test.name, err, test.want)
			}
		}
	}

	// A stream cut within a block is noticed by the inflater, a file by its end.
	_, _, err1, err2 := both(blocks[:len(blocks)/2])
	if err1 == nil || !strings.HasSuffix(err1.Error(), "the compressed data end early; copy the file again, and check it with gzip -t") {
		t.Error(err1)
	}
	if err2 == nil || !strings.HasSuffix(err2.Error(), "(no BGZF end marker); copy it again, and check it with bgzip -t") {
		t.Error(err2)
	}

	damaged := bytes.Clone(blocks)
	damaged[len(damaged)/2] ^= 0x55
	_, _, err1, err2 = both(damaged)
	if err1 == nil || err2 == nil {
		t.Errorf("a damaged block was not noticed: %v, %v", err1, err2)
	}
}

func TestOpenErrors(t *testing.T) {
	folder := t.TempDir()
	if _, err := Open(folder, nil); err == nil || err.Error() != folder+" is a folder, not a VCF file" {
		t.Error(err)
	}
	if _, err := Open(filepath.Join(folder, "none.vcf"), nil); !os.IsNotExist(err) {
		t.Error(err)
	}
}

func TestAllocations(t *testing.T) {
	for _, format := range []string{"GT", "GT:DP"} {
		calls := []string{"0/0", "0|1", "1/1", "./.", ".", "1"}
		if format != "GT" {
			for i := range calls {
				calls[i] += ":35"
			}
		}
		r, err := NewReader(strings.NewReader(synthetic(300, 4000, format, calls...)), "x.vcf")
		if err != nil {
			t.Fatal(err)
		}
		var v genomics.Variant
		row := make(genomics.Row, genomics.RowLen(300))
		checkAllocations(t, 4000, func() error { return r.Next(&v, row) })
	}
}

// FuzzReader compares the reader with its slow twin on any text.
func FuzzReader(f *testing.F) {
	f.Add(file("1 7 . A C . . . GT 0/0 0/1 1/1\n", "1 8 rs3 AT G . . . GT:DP 0|1:3 .:. 1:3\n"))
	f.Add(file("1 7 . A C,G . . . GT 0/0 0/1 1/2\n", "X 8 . A * . . . GT 0 1 .\n", "X 8 . A T . . . DP 0 1 ."))
	f.Add(file("1 7 . A C . . . GT 0/0 ./1 1/1/1\r\n"))
	f.Add(file("1 7 . A C . . . DP:GT 0/0 0/1 1/1\n"))
	f.Add(file("1 7 . R C . . . GT 0/0 0/1 1/1\n", "1 7 . A C . . . GT 0/0/1 0/1 1/1 \n", " 7 . A C . . . GT 0/0 0/1 1/1\n", "1 7 . A C . . . GT 0/0 0/1 x"))
	f.Add("##fileformat=VCFv4.2\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.HasPrefix(text, "\x1f\x8b") {
			return // compressed data are FuzzCompressed's
		}
		want, wantErr := readSlowly(text)
		got, gotErr := readText(text)
		if (wantErr == nil) != (gotErr == nil) {
			t.Fatalf("errors differ: twin %v, reader %v", wantErr, gotErr)
		}
		if diff := cmp.Diff(want.Variants, got.Variants); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, got); wantErr == nil && diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzCompressed reads damaged gzip and BGZF data, which must end in an error
// or not, but never in a panic or a wait.
func FuzzCompressed(f *testing.F) {
	text := file("1 7 . A C . . . GT 0/0 0/1 1/1\n")
	f.Add(toGzip(f, text))
	f.Add(toBGZF(f, text))
	f.Fuzz(func(t *testing.T, data []byte) {
		// The checksums of both formats leave damage no way to other variants.
		c, err := read(NewReader(bytes.NewReader(data), "x.vcf.gz"))
		if err != nil && !strings.HasPrefix(err.Error(), "x.vcf.gz") {
			t.Errorf("the error does not name the file: %v", err)
		}
		for _, v := range c.Variants {
			if len(v.Genotypes) != len(c.Samples) {
				t.Errorf("%d genotypes of %d samples", len(v.Genotypes), len(c.Samples))
			}
		}
	})
}

func benchmark(b *testing.B, format string, calls ...string) {
	const samples = 2000
	text := synthetic(samples, 500, format, calls...)
	row := make(genomics.Row, genomics.RowLen(samples))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := NewReader(strings.NewReader(text), "x.vcf")
		if err != nil {
			b.Fatal(err)
		}
		var v genomics.Variant
		for err == nil {
			err = r.Next(&v, row)
		}
		if err != io.EOF {
			b.Fatal(err)
		}
	}
}

func BenchmarkGTOnly(b *testing.B) { benchmark(b, "GT", "0/0", "0|1", "1/1", "0/0", "0/0") }

func BenchmarkGTFirst(b *testing.B) {
	benchmark(b, "GT:AD:DP:GQ:PL", "0/0:35,0:35:99:0,99,1234", "0/1:17,18:35:99:340,0,330", "1/1:0,35:35:99:1234,99,0", "./.:.:.:.:.")
}

package sites

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	biogo "github.com/biogo/hts/bgzf"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"pgregory.net/rapid"

	"genoveil/genomics"
	"genoveil/genomics/bgzf"
	"genoveil/genomics/chrom"
	"genoveil/genomics/text"
)

const header = "##fileformat=VCFv4.3\n##contig=<ID=1,length=1000>\n##contig=<assembly=b37,ID=2>\n##contig=<length=x,ID=3>\n##contig=<>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"

// readAll reads all sites. A frequency of -1 stands for none, as NaN equals nothing.
func readAll(r *Reader, err error) ([]Site, error) {
	if err != nil {
		return nil, err
	}
	var out []Site
	for {
		var s Site
		if err := r.Next(&s); err == io.EOF {
			return out, r.Close()
		} else if err != nil {
			if again := r.Next(&s); again != err {
				return nil, fmt.Errorf("%w, then %w", err, again)
			}
			return out, err
		}
		if math.IsNaN(s.Frequency) {
			s.Frequency = -1
		}
		out = append(out, s)
	}
}

// packBGZF returns a text as BGZF with 50 bytes in a block.
func packBGZF(text string) []byte {
	var z bytes.Buffer
	b := biogo.NewWriter(&z, 1)
	for part := range slices.Chunk([]byte(text), 50) {
		b.Write(part)
		b.Flush()
	}
	b.Close()
	return z.Bytes()
}

// TestCutBetweenBlocks demands that BGZF without its end marker is refused wherever it
// comes from. From a pipe what is there is read first.
func TestCutBetweenBlocks(t *testing.T) {
	data := packBGZF(header + "1\t10\t.\tA\tC\t.\t.\t.\n1\t11\t.\tA\tC\t.\t.\t.\n")
	data = data[:len(data)-len(bgzf.EndMarker)]
	const early = "the file ends early (no BGZF end marker); copy it again, and check it with bgzip -t"
	sites, err := readAll(NewReader(bytes.NewReader(data), "pipe"))
	if len(sites) != 2 || err == nil || err.Error() != "pipe, after line 8: "+early {
		t.Error(sites, err)
	}
	path := filepath.Join(t.TempDir(), "p.vcf.gz")
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || err.Error() != path+": "+early {
		t.Error(err)
	}
}

func TestReader(t *testing.T) {
	const text = header +
		"1\t10\trs1\tA\tC\t.\t.\tAF=0.25\n" +
		"1\t10\trs1b\tA\tG\t3\tPASS\tNS=3;AF=1;DB\n" +
		"1\t11\t.\ta\tg\t.\t.\t.\r\n" +
		"1\t12\t.\tA\tAT\t.\t.\t.\n" +
		"1\t12\t.\tAC\tA\t.\t.\t.\n" +
		"1\t12\t.\tAC\tGT\t.\t.\t.\n" +
		"1\t13\t.\tA\tC,G\t.\t.\tAF=0.1,0.2\n" +
		"1\t14\t.\tA\t.\t.\t.\t.\n" +
		"1\t14\t.\tA\ta\t.\t.\t.\n" +
		"1\t14\t.\tA\t<DEL>\t.\t.\t.\n" +
		"1\t14\t.\tA\t*\t.\t.\t.\n" +
		"1\t14\t.\tN\tA\t.\t.\t.\n" +
		"chr2\t5\trs2\tT\tG\t.\t.\tXAF=0.5;AF=.\tGT:DP\t0/1:3\t./.:.\n" +
		"3\t2147483647\t.\tT\tG\t.\t.\tAF=1e-3;AF=7"
	site := func(chrom string, pos int, id, ref, alt string, f float64) Site {
		return Site{genomics.Variant{Chrom: chrom, Pos: pos, ID: id, Ref: ref, Alt: alt}, f}
	}
	want := []Site{
		site("1", 10, "rs1", "A", "C", 0.25), site("1", 10, "rs1b", "A", "G", 1), site("1", 11, ".", "a", "g", -1),
		site("chr2", 5, "rs2", "T", "G", -1), site("3", math.MaxInt32, ".", "T", "G", 0.001),
	}
	packed := map[string][]byte{"plain": []byte(text)}
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	g.Write([]byte(text))
	g.Close()
	packed["gzip"] = slices.Clone(z.Bytes())
	z.Reset()
	packed["BGZF"] = packBGZF(text)
	for kind, data := range packed {
		path := filepath.Join(t.TempDir(), "p.vcf")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		r, err := Open(path)
		got, err := readAll(r, err)
		if err != nil {
			t.Fatal(kind, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(kind, diff)
		}
		if diff := cmp.Diff(map[string]int{indel: 3, genomics.MultiAllelic: 1, genomics.NoAlt: 2, genomics.SymbolicAlt: 1, genomics.SpanningDeletion: 1, unknownBase: 1}, r.Skipped()); diff != "" {
			t.Error(kind, diff)
		}
		if diff := cmp.Diff([]Contig{{"1", 1000}, {"2", 0}, {"3", 0}}, r.Contigs()); diff != "" {
			t.Error(kind, diff)
		}
		if kind == "plain" {
			continue
		}
		if err := os.WriteFile(path, data[:len(data)-len(data)/4], 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := readAll(Open(path)); err == nil || !strings.Contains(err.Error(), "early") {
			t.Error(kind, "cut off:", err)
		}
	}

	r, err := NewReader(strings.NewReader(text), "p.vcf")
	if err != nil {
		t.Fatal(err)
	}
	only, err := chrom.Select([]string{"2", "chr3"})
	if err != nil {
		t.Fatal(err)
	}
	r.Only(only)
	got, err := readAll(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want[3:], got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{otherChrom: 12}, r.Skipped()); diff != "" {
		t.Error(diff)
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "p.vcf: no #CHROM line before the end; is it a VCF file?"},
		{"##fileformat=VCFv4.3\n", "p.vcf: no #CHROM line before the end; is it a VCF file?"},
		{"chr1\t10\n", "p.vcf, line 1: expected a ## line or the #CHROM line with at least 8 columns (is it a VCF file?)"},
		{"BCF\x02\x02", "p.vcf is a BCF file; send it through bcftools view -G FILE.bcf | genoveil … --sites -"},
		{header + "1\t10\t.\tA\tC\t.\t.\n", "p.vcf, line 7: 7 columns; a VCF has at least 8, separated by tabs"},
		{header + "1 10 . A C . . .\n", "p.vcf, line 7: 1 columns; a VCF has at least 8, separated by tabs"},
		{header + "\n", "p.vcf, line 7: 1 columns; a VCF has at least 8, separated by tabs"},
		{header + "1\t10\t.\tA\tC\t.\t.\t.\n1\t9\t.\tA\tC\t.\t.\t.\n", "p.vcf, line 8: position 1:9 after 10; sort the panel with bcftools sort"},
		{header + "1\t10\t.\tA\tC\t.\t.\t.\n2\t9\t.\tA\tC\t.\t.\t.\n1\t11\t.\tA\tC\t.\t.\t.\n", "p.vcf, line 9: contig 1 again; its first site is in line 7, and other contigs are between. Sort the panel with bcftools sort"},
		{header + header, "p.vcf, line 7: header line among the records; join files with bcftools concat"},
		{header + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n", "p.vcf, line 7: header line among the records; join files with bcftools concat"},
	} {
		_, err := readAll(NewReader(strings.NewReader(test.text), "p.vcf"))
		if err == nil || err.Error() != test.want {
			t.Errorf("%.40q: %v, want %s", test.text, err, test.want)
		}
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.HasSuffix(err.Error(), "is a folder, not a VCF file") {
		t.Error(err)
	}
}

// buffer is that of text.Lines.
const buffer = 1 << 17

// TestLongLines reads lines of any length around that of the buffer.
func TestLongLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		text.WriteString(header)
		var want []int
		for i := range rapid.IntRange(1, 5).Draw(t, "lines") {
			n := rapid.SampledFrom([]int{0, 100, buffer - 20, buffer, 2 * buffer, 5*buffer + 7}).Draw(t, "length") + rapid.IntRange(0, 40).Draw(t, "more")
			text.WriteString("1\t" + strconv.Itoa(10+i) + "\t.\tA\tC\t.\t.\tX=" + strings.Repeat("y", n) + "\tGT\t0/0\n")
			want = append(want, 10+i)
		}
		sites, err := readAll(NewReader(strings.NewReader(text.String()), "p.vcf"))
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, s := range sites {
			got = append(got, s.Pos)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

// TestTooLong refuses a line longer than the bound, whether or not it ends, and reads
// one of just that length. Here that is below the buffer's length and above it.
func TestTooLong(t *testing.T) {
	for _, longest := range []int{1000, buffer + 1000} {
		for more := range 2 {
			line := "1\t10\t.\tA\tC\t.\t.\tX="
			line += strings.Repeat("y", longest+more-len(line)-1) + "\n"
			r, err := newReader(text.NewLines("p.vcf", io.MultiReader(strings.NewReader(header+line), unending{}), longest, kind))
			if err != nil {
				t.Fatal(err)
			}
			sites, err := readAll(r, nil)
			if want := fmt.Sprintf("p.vcf, line %d: longer than %d bytes; is it a VCF file?", 8-more, longest); len(sites) != 1-more || err == nil || err.Error() != want {
				t.Error(longest, more, len(sites), err)
			}
		}
	}
}

// unending is a reader of a line that does not end.
type unending struct{}

func (unending) Read(p []byte) (int, error) { return copy(p, "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"), nil }

// slowSites is the twin of the reader for text without a header: it splits lines
// and fields, and stops where the reader must.
func slowSites(text string) (out []Site, ok bool) {
	seen := map[string]bool{}
	chrom, last := "", 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		f := strings.Split(line, "\t")
		if strings.Contains(line, "\r") || len(f) < 8 || strings.HasPrefix(line, "#") {
			return out, false
		}
		pos, err := strconv.ParseUint(f[1], 10, 31)
		if err != nil || pos == 0 || len(f[1]) > 10 || f[0] == "" || f[2] == "" || strings.Contains(f[0]+f[2], " ") {
			continue
		}
		if f[0] != chrom {
			if seen[f[0]] {
				return out, false
			}
			chrom, last = f[0], 0
			seen[chrom] = true
		}
		if int(pos) < last {
			return out, false
		}
		last = int(pos)
		if len(f[3]) != 1 || len(f[4]) != 1 || !strings.Contains("ACGTacgt", f[3]) || !strings.Contains("ACGTacgt", f[4]) || strings.EqualFold(f[3], f[4]) {
			continue
		}
		frequency, bad := -1.0, false
		for _, field := range strings.Split(f[7], ";") {
			if value, found := strings.CutPrefix(field, "AF="); found {
				if value != "." {
					x, err := strconv.ParseFloat(value, 64)
					bad = err != nil || !(x >= 0 && x <= 1)
					frequency = x
				}
				break
			}
		}
		if bad {
			continue
		}
		out = append(out, Site{genomics.Variant{Chrom: chrom, Pos: int(pos), ID: f[2], Ref: f[3], Alt: f[4]}, frequency})
	}
	return out, true
}

// FuzzSites compares the reader with its twin on any text behind a header.
func FuzzSites(f *testing.F) {
	f.Add("1\t10\trs1\tA\tC\t.\t.\tAF=0.25\n1\t10\t.\tA\tAT\t.\t.\tAF=1\nchr2\t5\trs2\tT\tG\t.\t.\tXAF=0.5;AF=.\tGT:DP\t0/1:3\r\n")
	f.Add("1\t10\t.\tA\tC\t.\t.\t.\n2\t9\t.\tA\tC\t.\t.\t.\n1\t11\t.\tA\tC\t.\t.\t.")
	f.Add("1\t10\t.\tA\tC\t.\t.\tX\rY\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := readAll(NewReader(strings.NewReader(header+text), "p.vcf"))
		want, ok := slowSites(text)
		if ok != (err == nil) {
			t.Fatalf("%v, but the twin says %t", err, ok)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// FuzzReader reads any bytes as sites.
// TestOdd passes over records that no program should write.
func TestOdd(t *testing.T) {
	r, err := NewReader(strings.NewReader(header+
		"1\t0\t.\tA\tC\t.\t.\t.\n1\t2147483648\t.\tA\tC\t.\t.\t.\n1\t5\t\tA\tC\t.\t.\t.\n1\t5\ta b\tA\tC\t.\t.\t.\n"+
		"\t5\t.\tA\tC\t.\t.\t.\n1 2\t5\t.\tA\tC\t.\t.\t.\n1\t5\t.\tA\tR\t.\t.\t.\n1\t5\t.\t\tC\t.\t.\t.\n"+
		"1\t5\t.\tA\tC\t.\t.\tAF=1.5\n1\t6\t.\tA\tC\t.\t.\tAF=NaN\n1\t7\t.\tA\tC\t.\t.\t.\n"), "p.vcf")
	if err != nil {
		t.Fatal(err)
	}
	var s Site
	if err := r.Next(&s); err != nil || s.Pos != 7 {
		t.Fatal(s, err)
	}
	want := map[string]int{
		genomics.OddPlace + `; the first in line 7: POS "0" is not a whole number from 1 to 2147483647`: 6,
		genomics.OddAlleles + `; the first in line 13: "A" and "R"`:                                     2,
		`INFO has an AF that is no frequency; the first in line 15: "1.5" is not a number from 0 to 1`:  2,
	}
	if diff := cmp.Diff(want, r.Skipped()); diff != "" {
		t.Error(diff)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(header))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Add(packBGZF(header + "1\t10\t.\tA\tC\t.\t.\t.\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		readAll(NewReader(bytes.NewReader(data), "p.vcf"))
	})
}

package bgen

import (
	"bytes"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/rowtest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func drawVariant(t *rapid.T, n, number int) variant {
	v := variant{id: fmt.Sprint("snp", number), chrom: rapid.SampledFrom([]string{"1", "01", "X"}).Draw(t, "chrom"), pos: uint32(number), least: 2, greatest: 2}
	v.rsid = rapid.SampledFrom([]string{"", "rs"}).Draw(t, "rsid")
	v.alleles = []string{"A", rapid.SampledFrom([]string{"C", "GT", "<DEL>"}).Draw(t, "alt")}
	v.phased = rapid.Bool().Draw(t, "phased")
	v.width = rapid.OneOf(rapid.Just(8), rapid.Just(16), rapid.IntRange(1, 32)).Draw(t, "width")
	ploidies := rapid.SampledFrom([][2]byte{{2, 2}, {2, 2}, {1, 2}, {1, 1}, {0, 2}, {2, 3}}).Draw(t, "ploidies")
	v.least, v.greatest = ploidies[0], ploidies[1]
	alleles := rapid.SampledFrom([]int{2, 2, 2, 2, 2, 1, 3}).Draw(t, "alleles")
	switch alleles {
	case 1:
		v.alleles = v.alleles[:1]
	case 3:
		v.alleles = append(v.alleles, "T")
	}
	one := uint64(1<<v.width - 1)
	near := rapid.Bool().Draw(t, "near") // to the bounds of a call
	for range n {
		ploidy := rapid.ByteRange(v.least, v.greatest).Draw(t, "ploidy")
		absent := rapid.SampledFrom([]byte{0, 0, 0, 0x80}).Draw(t, "missing")
		v.ploidies = append(v.ploidies, ploidy|absent)
		left := one
		for range int(ploidy) * (alleles - 1 + alleles/3) { // of three alleles some number
			most := left
			if v.phased {
				most = one
			}
			p := rapid.Uint64Range(0, most).Draw(t, "p")
			if near {
				p = min(most, max(most/10*rapid.SampledFrom([]uint64{0, 1, 9, 10}).Draw(t, "tenths"), 2)+rapid.Uint64Range(0, 4).Draw(t, "off")-2)
			}
			left -= min(p, left)
			v.probabilities = append(v.probabilities, p)
		}
	}
	return v
}

// wantDosage rounds exactly.
func wantDosage(d *big.Rat) uint16 {
	if d == nil {
		return genomics.MissingDosage
	}
	x := new(big.Rat).Add(new(big.Rat).Mul(d, big.NewRat(1000, 1)), big.NewRat(1, 2))
	return uint16(new(big.Int).Quo(x.Num(), x.Denom()).Int64())
}

// wantCall is that of a dosage rounded to 1/16384.
func wantCall(d *big.Rat) byte {
	if d == nil {
		return '.'
	}
	x := new(big.Rat).Add(new(big.Rat).Mul(d, big.NewRat(16384, 1)), big.NewRat(1, 2))
	steps := new(big.Int).Quo(x.Num(), x.Denom()).Int64()
	for whole := range int64(3) {
		if off := steps - 16384*whole; 10*off <= 16384 && 10*off >= -16384 {
			return "012"[whole]
		}
	}
	return '.'
}

// TestRandom reads files of a little writer, and compares with exact fractions.
func TestRandom(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "samples")
		var variants []variant
		for i := range rapid.IntRange(0, 8).Draw(t, "variants") {
			variants = append(variants, drawVariant(t, n, i))
		}
		var names []string
		sample := "ID_1 ID_2 missing\n0 0 0\n"
		for i := range n {
			names = append(names, fmt.Sprint("s", i))
			sample += fmt.Sprintf("f s%d 0\n", i)
		}
		own := names
		if rapid.Bool().Draw(t, "anonymous") {
			own = nil
		}
		samplePath := filepath.Join(dir, "x.sample")
		path := filepath.Join(dir, "x.bgen")
		data := write(n, own, uint32(rapid.IntRange(0, 2).Draw(t, "compression")), rapid.SampledFrom([]string{"", "free"}).Draw(t, "free"), variants)
		for path, data := range map[string]string{path: string(data), samplePath: sample} {
			if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		order := AlleleOrder(rapid.IntRange(0, 1).Draw(t, "order"))
		var calls, dosages []rowtest.Row
		skipped := map[string]int{}
		for _, v := range variants {
			if order == RefLast && len(v.alleles) == 2 {
				v.alleles = []string{v.alleles[1], v.alleles[0]}
			}
			if reason := v.skipped(); reason != "" {
				skipped[reason]++
				continue
			}
			row := rowtest.Row{Variant: genomics.Variant{Chrom: v.chrom, Pos: int(v.pos), ID: v.rsid, Ref: v.alleles[0], Alt: v.alleles[1]}}
			if v.rsid == "" {
				row.ID = v.id
			}
			call, dosage := row, row
			for _, d := range v.dosages() {
				if order == RefLast && d != nil {
					d = new(big.Rat).Sub(big.NewRat(2, 1), d)
				}
				call.Genotypes += string(wantCall(d))
				dosage.Dosages = append(dosage.Dosages, wantDosage(d))
			}
			calls, dosages = append(calls, call), append(dosages, dosage)
		}
		r, err := Open(path, samplePath, order)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(names, r.Samples()); diff != "" {
			t.Fatal(diff)
		}
		got, err := rowtest.Calls(r, nil)
		if diff := cmp.Diff(calls, got); diff != "" || err != nil {
			t.Fatal(err, diff)
		}
		counts := map[string]int{}
		for reason, n := range r.Skipped() {
			reason, _, _ = strings.Cut(reason, "; the first in ")
			counts[reason] += n
		}
		if diff := cmp.Diff(skipped, counts); diff != "" {
			t.Fatal(diff)
		}
		got, err = rowtest.Dosages(OpenDosages(path, samplePath, order))
		if diff := cmp.Diff(dosages, got); diff != "" || err != nil {
			t.Fatal(err, diff)
		}
	})
}

// TestCallBound compares the bound of a call with the exact one, from which it does not
// differ up to 17 bits.
func TestCallBound(t *testing.T) {
	for width := 1; width <= 17; width++ {
		one := uint64(1<<width - 1)
		for parts := range 2*one + 1 {
			want := uint16(genomics.Missing)
			for whole := range uint64(3) {
				if 10*parts <= (10*whole+1)*one && (10*parts+one >= 10*whole*one) {
					want = uint16(whole)
				}
			}
			if got := call(parts, one); got != want {
				t.Fatalf("%d bits, %d parts: %d, want %d", width, parts, got, want)
			}
		}
	}
	if one := uint64(1<<18 - 1); call(26215, one) != 0 || 10*26215 <= one {
		t.Error("the bound of 18 bits is exact")
	}
}

// good is a file of two samples and two variants.
func good(compression uint32, names []string) []byte {
	v := variant{id: "a", rsid: "rs1", chrom: "1", pos: 5, alleles: []string{"A", "C"}, width: 8, ploidies: []byte{2, 2}, least: 2, greatest: 2, probabilities: []uint64{255, 0, 10, 20}}
	w := v
	w.rsid, w.pos = "rs2", 6
	return write(2, names, compression, "", []variant{v, w})
}

const goodSample = "ID_1 ID_2 missing\n0 0 0\nf a 0\nf b 0\n"

// readBoth reads a file in both ways, and returns the calls.
func readBoth(t testing.TB, data []byte, sample string) ([]rowtest.Row, error) {
	dir := t.TempDir()
	path, samplePath := filepath.Join(dir, "x.bgen"), ""
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if sample != "" {
		samplePath = filepath.Join(dir, "x.sample")
		if err := os.WriteFile(samplePath, []byte(sample), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open := func() (genomics.Source, error) {
		r, err := Open(path, samplePath, RefFirst)
		if err != nil {
			return nil, err
		}
		return r, nil
	}
	openDosages := func() (genomics.DosageSource, error) {
		r, err := OpenDosages(path, samplePath, RefFirst)
		if err != nil {
			return nil, err
		}
		return r, nil
	}
	calls, err := rowtest.Calls(open())
	dosages, err2 := rowtest.Dosages(openDosages())
	if fmt.Sprint(err) != fmt.Sprint(err2) || len(calls) != len(dosages) {
		t.Errorf("%d calls, %v; %d dosages, %v", len(calls), err, len(dosages), err2)
	}
	if err != nil {
		err = fmt.Errorf("%s", strings.ReplaceAll(err.Error(), dir+"/", ""))
	}
	return calls, err
}

// TestErrors reads files in which something is wrong.
func TestErrors(t *testing.T) {
	first := 24 // of the first variant, without names
	edit := func(at int, to ...byte) []byte {
		data := good(uncompressed, nil)
		copy(data[at:], to)
		return data
	}
	const lengths = 2 + 1 + 2 + 3 + 2 + 1 // of a variant before its position
	datum := first + lengths + 4 + 2 + 2*5 + 4
	plain := good(uncompressed, nil)
	for _, test := range []struct {
		name   string
		data   []byte
		sample string
		want   string
	}{
		{"empty", nil, goodSample, "x.bgen ends within its header; copy it again"},
		{"no BGEN", edit(16, 'B'), goodSample, "x.bgen is not a BGEN file"},
		{"layout 1", edit(20, 1<<2), goodSample, "x.bgen is of BGEN 1.1 (layout 1); convert it with plink2 --bgen x.bgen ref-first --sample FILE.sample --export bgen-1.2 ref-first --out NEW"},
		{"compression 3", edit(20, 3|2<<2), goodSample, "x.bgen has the flags 0xb, which no version of BGEN up to 1.3 has; copy it again"},
		{"offset", edit(0, 0, 0, 0, 1), goodSample, "x.bgen: the header does not fit the file, which has 118 bytes; copy it again"},
		{"no samples", edit(12, 0), goodSample, "x.bgen has no samples"},
		{"other samples", plain, "ID_1 ID_2 missing\n0 0 0\nf a 0\n", "x.sample has 1 samples, and x.bgen has 2; do the files belong together?"},
		{"blank line of samples", plain, strings.Replace(goodSample, "f b", "\nf b", 1), "x.sample, line 4: blank line; remove it"},
		{"too many samples", plain, goodSample + "f c 0\nf\n", "x.sample has more samples than the 2 of x.bgen; do the files belong together?"},
		{"no names", plain, "", "x.bgen does not name its samples; give its .sample file"},
		{"same name", plain, goodSample[:len(goodSample)-4] + "a 0\n", `x.sample, line 4: sample "a" is in line 3 too; samples are known by this name alone here, so make it unique`},
		{"same own name", good(0, []string{"a", "a"}), "", `x.bgen: sample 2 has the name "a", and so has sample 1; give a .sample file with other names`},
		{"space in name", good(0, []string{"a", "b c"}), "", `x.bgen: sample 2 has the name "b c", which is empty or has a space in it; give a .sample file with another name`},
		{"other name", good(0, []string{"a", "c"}), goodSample, `x.sample, line 4: the sample is "b" here and "c" in x.bgen; do the files belong together?`},
		{"no types", plain, "ID_1 ID_2 missing\n", "x.sample ends before its line 2, with the columns' types; is it a .sample file?"},
		{"no header", plain, "f a 0\nf b 0\n", `x.sample, line 2: the line must have a type for each column, beginning with 0, and has "f b 0"; is it a .sample file?`},
		{"short line", plain, goodSample[:len(goodSample)-6] + "f\n", "x.sample, line 4: 1 columns instead of 3"},
		{"ends", plain[:len(plain)-1], goodSample, "x.bgen, variant 2 (byte 71): the file ends early; copy it again"},
		{"more", append(good(0, nil), 0), goodSample, "x.bgen: 1 bytes follow its 2 variants; the file is damaged, copy it again"},
		{"allele", edit(first+lengths+6, 0, 0, 0, 0x80), goodSample, "x.bgen, variant 1 (byte 24): the file ends early; copy it again"},
		{"size", edit(datum-4, 0xff, 0xff, 0xff, 0xff), goodSample, "x.bgen, variant 1 (byte 24): the file ends early; copy it again"},
		{"data's samples", edit(datum, 3), goodSample, "x.bgen, variant 1 (byte 24): its data are of 3 samples, and the file has 2; the file is damaged, copy it again"},
		{"data's alleles", edit(datum+4, 3), goodSample, "x.bgen, variant 1 (byte 24): its data are of 3 alleles instead of 2; the file is damaged, copy it again"},
		{"data's ploidies", edit(datum+6, 3), goodSample, "x.bgen, variant 1 (byte 24): its samples have 3 to 2 alleles; the file is damaged, copy it again"},
		{"a ploidy", edit(datum+9, 1), goodSample, "x.bgen, variant 1 (byte 24): sample 2 has 1 alleles, and not 2 to 2; the file is damaged, copy it again"},
		{"phase", edit(datum+10, 2), goodSample, "x.bgen, variant 1 (byte 24): its probabilities have 8 bits, and its phase flag is 2; the file is damaged, copy it again"},
		{"bits", edit(datum+11, 9), goodSample, "x.bgen, variant 1 (byte 24): its probabilities have 4 bytes instead of 5; the file is damaged, copy it again"},
		{"sum", edit(datum+14, 200, 200), goodSample, "x.bgen, variant 1 (byte 24): sample 2: its probabilities sum to more than 1; the file is damaged, copy it again"},
	} {
		_, err := readBoth(t, test.data, test.sample)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", test.name, err, test.want)
		}
	}
	for _, names := range [][]string{{"a", "b"}, {"f", "f"}, {"f_a", "f_b"}, nil} {
		if all, err := readBoth(t, good(uncompressed, names), goodSample+"\n \n"); err != nil || len(all) != 2 {
			t.Error(names, len(all), err)
		}
	}
}

// TestOddVariants passes over variants that are not as VCF has them, and says where the
// first is.
func TestOddVariants(t *testing.T) {
	first := 24 // of the first variant, without names
	edit := func(at int, to ...byte) []byte {
		data := good(uncompressed, nil)
		copy(data[at:], to)
		return data
	}
	const lengths = 2 + 1 + 2 + 3 + 2 + 1 // of a variant before its position
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"chromosome", write(2, nil, uncompressed, "", []variant{{rsid: "r", pos: 5, alleles: []string{"A", "C"}, width: 1, ploidies: []byte{2, 2}}}), genomics.OddPlace + "; the first in variant 1 (byte 24): CHROM is empty; write the file anew"},
		{"no allele", write(2, nil, uncompressed, "", []variant{{chrom: "1", pos: 5, alleles: []string{"", "C"}, width: 1, ploidies: []byte{2, 2}}}), genomics.OddAlleles + `; the first in variant 1 (byte 24): ""`},
		{"space", edit(first+5, ' '), genomics.OddPlace + `; the first in variant 1 (byte 24): ID " s1" has a blank`},
		{"position", edit(first+lengths, 0, 0, 0, 0x80), genomics.OddPlace + "; the first in variant 1 (byte 24): POS 2147483648 is not a whole number from 0 to 2147483647"},
		{"ploidy", write(2, nil, uncompressed, "", []variant{{chrom: "1", rsid: "r", pos: 5, alleles: []string{"A", "C"}, width: 1, least: 2, greatest: 3, ploidies: []byte{2, 2}, probabilities: []uint64{1, 0, 1, 0}}}), otherPloidy + "; the first in variant 1 (byte 24)"},
	} {
		dir := t.TempDir()
		path, sample := filepath.Join(dir, "x.bgen"), filepath.Join(dir, "x.sample")
		for name, data := range map[string][]byte{path: test.data, sample: []byte(goodSample)} {
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r, err := Open(path, sample, RefFirst)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rowtest.Calls(r, nil); err != nil {
			t.Error(test.name, err)
		}
		skipped := r.Skipped()
		for reason, n := range skipped {
			if n != 1 || !strings.HasPrefix(reason, test.want) {
				t.Errorf("%s: %d %s", test.name, n, reason)
			}
		}
		if len(skipped) != 1 {
			t.Error(test.name, skipped)
		}
	}
}

// TestCut refuses a file wherever it is cut, and one with any bit of the compressed data of a
// variant turned.
func TestCut(t *testing.T) {
	for _, compression := range []uint32{uncompressed, zlibbed, zstandard} {
		data := good(compression, []string{"a", "b"})
		for n := range data {
			if _, err := readBoth(t, data[:n], ""); err == nil {
				t.Errorf("compression %d: %d of %d bytes are read", compression, n, len(data))
			}
		}
	}
	want, err := readBoth(t, good(zlibbed, nil), goodSample)
	if err != nil {
		t.Fatal(err)
	}
	const packed = 29 // bytes of a variant's compressed data
	refused := 0
	for i := range packed {
		data := good(zlibbed, nil)
		data[len(data)-1-i] ^= 0x10
		got, err := readBoth(t, data, goodSample)
		if err == nil { // bits that fill up a byte mean nothing
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("byte %d from the end: %s", i, diff)
			}
			continue
		}
		refused++
		if !strings.HasPrefix(err.Error(), "x.bgen, variant 2 (byte 88): its compressed data are damaged") {
			t.Errorf("byte %d from the end: %v", i, err)
		}
	}
	if refused < packed-2 {
		t.Error(refused)
	}
}

// TestBounds reads variants that say they are huge, of which it takes no memory.
func TestBounds(t *testing.T) {
	huge := variant{rsid: "r", chrom: "1", pos: 5, alleles: []string{"A", "C"}, width: 32, least: 0, greatest: 63}
	for range 1000 {
		huge.ploidies = append(huge.ploidies, 63)
		for range 63 {
			huge.probabilities = append(huge.probabilities, 0)
		}
	}
	normal := variant{rsid: "n", chrom: "1", pos: 6, alleles: []string{"A", "C"}, width: 1, least: 1, greatest: 1, ploidies: make([]byte, 1000), probabilities: make([]uint64, 1000)}
	for i := range normal.ploidies {
		normal.ploidies[i] = 1
	}
	var sample strings.Builder
	sample.WriteString("ID_1 missing\n0 0\n")
	for i := range 1000 {
		fmt.Fprintf(&sample, "s%d 0\n", i)
	}
	for _, compression := range []uint32{uncompressed, zlibbed, zstandard} {
		all, err := readBoth(t, write(1000, nil, compression, "", []variant{huge, normal}), sample.String())
		if err != nil || len(all) != 1 || all[0].Genotypes != strings.Repeat("2", 1000) {
			t.Error(compression, len(all), err)
		}
		// The same as one of diploid samples is damaged.
		damaged := huge
		damaged.least, damaged.greatest = 2, 2
		_, err = readBoth(t, write(1000, nil, compression, "", []variant{damaged}), sample.String())
		if want := "x.bgen, variant 1 (byte 24): its data are too long for the samples; the file is damaged, copy it again"; err == nil || err.Error() != want {
			t.Error(compression, err)
		}
	}
}

// TestWindow refuses zstd whose decoder would take gigabytes, and data that are longer than
// they say.
func TestWindow(t *testing.T) {
	v := variant{rsid: "r", chrom: "1", pos: 5, alleles: []string{"A", "C"}, width: 8, ploidies: []byte{2, 2}, least: 2, greatest: 2, probabilities: make([]uint64, 4)}
	for name, packed := range map[string]string{
		"window": "\x28\xb5\x2f\xfd\x00\xb8\x01\x00\x00", // of 2^33 bytes
		"longer": string(zstdWriter.EncodeAll(append(v.data(), 0), nil)),
		"twice":  strings.Repeat(string(zstdWriter.EncodeAll(v.data(), nil)), 2),
	} {
		data := bytes.NewBuffer(write(2, nil, zstandard, "", nil))
		put16(data, v.id)
		put16(data, v.rsid)
		put16(data, v.chrom)
		put32(data, int(v.pos))
		data.WriteString("\x02\x00\x01\x00\x00\x00A\x01\x00\x00\x00C")
		put32(data, len(packed)+4)
		put32(data, len(v.data()))
		data.WriteString(packed)
		data.Bytes()[8] = 1 // variants
		if _, err := readBoth(t, data.Bytes(), goodSample); err == nil || !strings.HasPrefix(err.Error(), "x.bgen, variant 1 (byte 24): its compressed data are damaged; copy the file again") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClose(t *testing.T) {
	r, err := Open("testdata/zlib8.bgen", "", RefFirst)
	if err != nil {
		t.Fatal(err)
	}
	var v genomics.Variant
	row := make(genomics.Row, genomics.RowLen(60))
	if err := r.Next(&v, row); err != nil || v.ID != "d0" {
		t.Error(v, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := r.Next(&v, row); err == nil || err == io.EOF {
		t.Error(err)
	}
	if _, err := Open("testdata", "", RefFirst); err == nil || err.Error() != "testdata is not a regular file; give a BGEN file on disk" {
		t.Error(err)
	}
	if _, err := Open("testdata/none.bgen", "", RefFirst); !os.IsNotExist(err) {
		t.Error(err)
	}
}

// FuzzDecode decodes any data. What it makes is within bounds, and calls are missing where
// dosages are.
func FuzzDecode(f *testing.F) {
	for seed := range 100 {
		v := rapid.Custom(func(t *rapid.T) variant { return drawVariant(t, 1+seed%9, seed) }).Example(seed)
		f.Add(v.data(), uint8(1+seed%9), seed%2 == 0)
	}
	f.Fuzz(func(t *testing.T, data []byte, samples uint8, refLast bool) {
		n := int(samples)
		if n == 0 {
			return
		}
		calls, dosages := make([]uint16, n), make([]uint16, n)
		ofCalls := decoder{n: n, absent: uint16(genomics.Missing), scale: scale{refLast: refLast, round: call}}
		ofDosages := decoder{n: n, absent: genomics.MissingDosage, scale: scale{refLast: refLast, round: thousandths}}
		skip, err := ofCalls.decode(data, true, calls)
		skip2, err2 := ofDosages.decode(data, true, dosages)
		if skip != skip2 || fmt.Sprint(err) != fmt.Sprint(err2) {
			t.Fatalf("%q, %v; %q, %v", skip, err, skip2, err2)
		}
		if skip != "" || err != nil {
			return
		}
		for i, d := range dosages {
			switch g := calls[i]; {
			case d == genomics.MissingDosage && g == uint16(genomics.Missing):
			case d > genomics.MaxDosage || g > uint16(genomics.Missing):
				t.Errorf("sample %d: call %d, dosage %d", i, g, d)
			case g < 3 && (1000*int(g)-int(d) > 101 || int(d)-1000*int(g) > 101):
				t.Errorf("sample %d: call %d of dosage %d", i, g, d)
			}
		}
	})
}

// FuzzRead reads any data. Every error names a file.
func FuzzRead(f *testing.F) {
	for _, compression := range []uint32{uncompressed, zlibbed, zstandard} {
		f.Add(good(compression, nil), goodSample)
		f.Add(good(compression, []string{"a", "b"}), "")
	}
	mixed := variant{id: "a", chrom: "X", alleles: []string{"A", "C"}, width: 11, phased: true, ploidies: []byte{1, 0x82}, least: 1, greatest: 2, probabilities: []uint64{1, 2, 3}}
	many := variant{alleles: []string{"A", "C", "G"}, width: 3, ploidies: []byte{2, 2}, least: 2, greatest: 2, probabilities: make([]uint64, 10)}
	f.Add(write(2, nil, uncompressed, "free", []variant{mixed, many}), "ID missing\n0 0\na 0\nb 0\n")
	f.Fuzz(func(t *testing.T, data []byte, sample string) {
		if _, err := readBoth(t, data, sample); err != nil && !strings.Contains(err.Error(), "x.") {
			t.Error(err)
		}
	})
}

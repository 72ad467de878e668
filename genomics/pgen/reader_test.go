package pgen

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/rowtest"

	"github.com/google/go-cmp/cmp"
)

// readBoth reads a fileset in both ways. It demands the same error of both, and returns
// it without the folder.
func readBoth(t testing.TB, prefix string) (calls, doses []rowtest.Row, skipped map[string]int, err error) {
	source := func() (genomics.Source, error) {
		r, err := Open(prefix)
		if err != nil {
			return nil, err
		}
		return r, nil
	}
	dosages := func() (genomics.DosageSource, error) {
		r, err := OpenDosages(prefix)
		if err != nil {
			return nil, err
		}
		return r, nil
	}
	src, err := source()
	calls, err = rowtest.Calls(src, err)
	if src != nil {
		skipped = src.Skipped()
	}
	doses, err2 := rowtest.Dosages(dosages())
	if err == nil {
		err = err2
	} else if err2 == nil || err2.Error() != err.Error() {
		t.Errorf("%v, and of dosages %v", err, err2)
	}
	if err != nil {
		err = fmt.Errorf("%s", strings.ReplaceAll(err.Error(), prefix, "x"))
	}
	return calls, doses, skipped, err
}

var modes = []byte{modeBed, modeHard, modeDosage, modePhased, modeVariable, modeExtended, modeSplit, modeSplitExt}

// TestRandom reads files of a little writer.
func TestRandom(t *testing.T) {
	dir := t.TempDir()
	kinds := map[kind]bool{}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		mode := modes[r.IntN(len(modes))]
		n := []int{1, 2, 3, 4, 5, 7, 8, 63, 64, 65, 250, 256, 257, 700}[r.IntN(14)]
		var sites []site
		var base []byte
		for range r.IntN(12) {
			s := drawSite(r, n, mode, len(sites) == 0, base)
			if !s.kind.isDifference() {
				base = s.categories
			}
			sites = append(sites, s)
			kinds[s.kind] = true
		}
		out := writeFileset(r, mode, n, sites)
		prefix := out.in(t, dir)
		calls, doses, skipped, err := readBoth(t, prefix)
		if err != nil {
			t.Fatalf("seed %d, mode %#x: %v", seed, mode, err)
		}
		if diff := cmp.Diff(out.calls, calls); diff != "" {
			t.Fatalf("seed %d, mode %#x: %s", seed, mode, diff)
		}
		if diff := cmp.Diff(out.doses, doses); diff != "" {
			t.Fatalf("seed %d, mode %#x: %s", seed, mode, diff)
		}
		if skipped[genomics.MultiAllelic] != out.multi || len(skipped) > 1 {
			t.Errorf("seed %d: skipped %v, and %d have more alleles", seed, skipped, out.multi)
		}
		for suffix := range out.files {
			os.Remove(prefix + suffix)
		}
	}
	if len(kinds) < 60 {
		t.Errorf("only %d kinds of records", len(kinds))
	}
}

// TestBlocks reads more variants than one block of the header has.
func TestBlocks(t *testing.T) {
	for _, mode := range []byte{modeHard, modeVariable, modeSplit} {
		r := rand.New(rand.NewPCG(uint64(mode), 2))
		var sites []site
		var base []byte
		for i := range blockSize + 10 {
			s := drawSite(r, 1, mode, i%blockSize == 0, base)
			if !s.kind.isDifference() {
				base = s.categories
			}
			sites = append(sites, s)
		}
		out := writeFileset(r, mode, 1, sites)
		calls, doses, _, err := readBoth(t, out.in(t, t.TempDir()))
		if err != nil {
			t.Fatal(err)
		}
		if len(calls) != len(out.calls) || len(doses) != len(out.doses) {
			t.Fatalf("mode %#x: %d calls, %d dosages of %d", mode, len(calls), len(doses), len(out.calls))
		}
		for i, want := range out.calls {
			if calls[i].Variant != want.Variant || calls[i].Genotypes != want.Genotypes || doses[i].Variant != want.Variant || doses[i].Dosages[0] != out.doses[i].Dosages[0] {
				t.Fatalf("mode %#x: %v and %v, want %v and %v", mode, calls[i], doses[i], want, out.doses[i])
			}
		}
	}
}

// TestExample reads the list that the specification gives as an example.
func TestExample(t *testing.T) {
	data := "\x4f\x88\x13\x00\x88\xf5\x04\x3f" + strings.Repeat("\x00", 20) + strings.Repeat("\x88\x27", 77)
	var d difflist
	c := &cursor{[]byte(data)}
	if err := d.read(c, 488377, true); err != nil || len(c.rest) > 0 || len(d.samples) != 79 {
		t.Fatal(err, len(c.rest), len(d.samples))
	}
	for i, sample := range d.samples {
		if int(sample) != 5000*(i+1) {
			t.Error(i, sample)
		}
	}
}

// TestRounding compares all dosages with what is exact.
func TestRounding(t *testing.T) {
	halves := 0
	for d := range 2*one + 1 {
		var got uint16
		if err := thousandths([]byte{byte(d), byte(d >> 8)}, &got); err != nil {
			t.Fatal(err)
		}
		off := int(got)*one - 1000*d // in parts of 1/16384 of a thousandth
		if off > one/2 || off <= -one/2 {
			t.Errorf("%d becomes %d", d, got)
		}
		if off == one/2 {
			halves++
			if d%2048 != 1024 {
				t.Errorf("%d is a half", d)
			}
		}
	}
	if halves != 16 {
		t.Error(halves, "halves")
	}
	if err := thousandths([]byte{1, 0x80}, new(uint16)); err == nil {
		t.Error("a dosage above 2 is read")
	}
}

// small is a fileset of three samples.
func small() map[string]string {
	return map[string]string{
		".pgen": "\x6c\x1b\x10" + "\x02\x00\x00\x00" + "\x03\x00\x00\x00" + "\x40" + "\x17\x00\x00\x00\x00\x00\x00\x00" + "\x20" + "\x01\x01" + "\x24\x00",
		".pvar": "#CHROM\tPOS\tID\tREF\tALT\n1\t5\ta\tA\tC\n1\t6\tb\tA\tC\n",
		".psam": "#IID\ni1\ni2\ni3\n",
	}
}

// TestErrors reads filesets in which something is wrong.
func TestErrors(t *testing.T) {
	without := func(suffix string) map[string]string {
		files := small()
		delete(files, suffix)
		return files
	}
	with := func(suffix, text string) map[string]string {
		files := small()
		files[suffix] = text
		return files
	}
	edit := func(at int, to ...byte) map[string]string {
		data := []byte(small()[".pgen"])
		copy(data[at:], to)
		return with(".pgen", string(data))
	}
	pgen, pvar := small()[".pgen"], small()[".pvar"]
	const damaged = "; copy the file again, and check it with plink2 --pfile x --validate"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"no .pgen", without(".pgen"), "open x.pgen: no such file or directory"},
		{"no .pvar", without(".pvar"), "open x.pvar: no such file or directory"},
		{"no .psam", without(".psam"), "open x.psam: no such file or directory"},
		{"no index", edit(2, modeSplit), "open x.pgen.pgi: no such file or directory"},
		{"empty .pgen", with(".pgen", ""), "x.pgen is not a file of PLINK 2: it begins with 00 00 00"},
		{"other magic", edit(0, 'B'), "x.pgen is not a file of PLINK 2: it begins with 42 1b 10"},
		{"sample-major", edit(2, 0), "x.pgen is stored sample by sample (individual-major); convert it with plink2 --bfile x --make-pgen --out NEW"},
		{"an index", edit(2, modeIndex), "x.pgen is only the header of a .pgen file; give the .pgen file"},
		{"other mode", edit(2, 5), "x.pgen has the mode 0x05, which genoveil does not know; write the file anew with plink2 --pfile x --make-pgen --out NEW"},
		{"short header", with(".pgen", pgen[:11]), "x.pgen ends within its header, after 11 bytes; copy it again"},
		{"shorter header", with(".pgen", pgen[:22]), "x.pgen has 22 bytes, and the header of 2 variants alone 23; copy it again"},
		{"samples", edit(7, 4), "x.psam has 3 samples, and x.pgen has 4; do the files belong together?"},
		{"variants", edit(3, 0xff, 0xff, 0xff, 0xff), "x.pvar has 2 variants, and x.pgen has 4294967295; do the files belong together?"},
		// Of a file with more than there can be no more is read.
		{"too many samples", with(".psam", "#IID\ni1\ni2\ni3\ni4\n0\n"), "x.psam has more samples than the 3 of x.pgen; do the files belong together?"},
		{"too many variants", with(".pvar", pvar+"1 7 c A C\nbad\n"), "x.pvar has more variants than the 2 of x.pgen; do the files belong together?"},
		{"format", edit(11, 0x48), "x.pgen: byte 11 of the header is 0x48, a later version's; write the file anew with plink2 --pfile x --make-pgen --out NEW"},
		{"format of a fixed width", edit(2, 2, 2, 0, 0, 0, 3, 0, 0, 0, 0x41), "x.pgen: byte 11 of the header is 0x41, which its mode 0x02 does not have; the file is damaged, copy it again"},
		{"size of a fixed width", edit(2, 2), "x.pgen has 25 bytes instead of the 14 of 2 variants and 3 samples; do the files belong together?"},
		{"size of PLINK 1", edit(2, 1), "x.pgen has 25 bytes instead of the 5 of 2 variants and 3 samples; do the files belong together?"},
		{"block", edit(12, 0x18), "x.pgen: the records of variant 1 and later begin at byte 24 instead of 23; the file is damaged, copy it again"},
		{"far block", edit(19, 0x80), "x.pgen: block 0 of variants begins at byte 9223372036854775831; the file is damaged, copy it again"},
		{"first refers", edit(20, 2), "x.pgen: the record of variant 1, the first of a block, refers to an earlier one; the file is damaged, copy it again"},
		{"length", edit(22, 2), "x.pgen has 25 bytes instead of the 26 of 2 variants and 3 samples; do the files belong together?"},
		{"short .pgen", with(".pgen", pgen[:24]), "x.pgen has 24 bytes instead of the 25 of 2 variants and 3 samples; do the files belong together?"},
		{"long .pgen", with(".pgen", pgen+"\x00"), "x.pgen has 26 bytes instead of the 25 of 2 variants and 3 samples; do the files belong together?"},
		{"long record", edit(21, 2, 0), "x.pgen, variant 1 (byte 23): 1 bytes follow its end" + damaged},
		{"short record", edit(21, 0, 2), "x.pgen, variant 1 (byte 23): the record ends early" + damaged},
		{"reserved", edit(20, 0x25), "x.pgen, variant 1 (byte 23): its genotypes are stored in a way that genoveil does not know" + damaged},
		{"long list", edit(24, 4), "x.pgen, variant 2 (byte 24): a list names more samples than there are" + damaged},
		{"cut list", edit(24, 3), "x.pgen, variant 2 (byte 24): the record ends early" + damaged},
		{"more alleles", edit(20, 0x28), "x.pgen, variant 1 (byte 23): it has calls of a second ALT allele, which the variant does not have" + damaged},
		{"extensions", edit(2, modeExtended), "x.pgen: its extensions cannot be read; the file is damaged, copy it again"},
		{"a header alone", with(".pgen", pgen[:2]+"\x11\x00\x00\x00\x00\x03\x00\x00\x00\x40\xff"), "x.pvar has more variants than the 0 of x.pgen; do the files belong together?"},
		{"another index", func() map[string]string { f := edit(2, modeSplit); f[".pgen.pgi"] = pgen; return f }(), "x.pgen.pgi has the mode 0x10 instead of 0x30; does it belong to x.pgen?"},

		{"empty .pvar", with(".pvar", ""), "x.pvar is empty"},
		{"no #CHROM", with(".pvar", "##a\n"), "x.pvar: no #CHROM line before the end; is it a .pvar file?"},
		{"late line", with(".pvar", "##a\n1\t5\ta\tA\tC\n"), "x.pvar, line 2: no #CHROM line comes before this line; add it"},
		{"few columns", with(".pvar", "1\t5\ta\tA\n"), "x.pvar, line 1: 4 columns; a file without a #CHROM line has 5 or 6"},
		{"column missing", with(".pvar", "#CHROM\tPOS\tID\tALT\n"), "x.pvar, line 1: column REF is missing"},
		{"column twice", with(".pvar", "#CHROM\tPOS\tID\tREF\tALT\tID\n"), "x.pvar, line 1: column ID is there twice; keep one of them"},
		{"blank line", with(".pvar", strings.Replace(pvar, "\n1\t6", "\n\n1\t6", 1)), "x.pvar, line 3: blank line; remove it"},
		{"blank line of samples", with(".psam", "#IID\ni1\n\ni2\ni3\n"), "x.psam, line 3: blank line; remove it"},
		{"header line", with(".pvar", pvar+"#CHROM\tPOS\tID\tREF\tALT\n"), "x.pvar, line 4: a header line among the variants; delete it"},

		{"empty .psam", with(".psam", ""), "x.psam has no samples"},
		{"no sample", with(".psam", "#IID\n"), "x.psam has no samples"},
		{"no IID", with(".psam", "#FID\tSEX\n"), "x.psam, line 1: column IID does not follow #FID"},
		{"no names", with(".psam", "#a\ni1\n"), "x.psam, line 2: no #FID or #IID line comes before this line; add one"},
		{"names twice", with(".psam", "#IID\n#IID\n"), "x.psam, line 2: a header line after the line with the column names; delete it"},
		{"few columns", with(".psam", "#IID SEX\ni1\n"), "x.psam, line 2: 1 columns instead of 2"},
		{"few columns of .fam", with(".psam", "f i1 0 0\n"), "x.psam, line 1: 4 columns instead of 5"},
		{"IID 0", with(".psam", "#IID\n0\n"), "x.psam, line 2: IID 0 means no sample in PLINK; give the sample another name (plink2 --update-ids)"},
		{"same IID", with(".psam", "#IID SID\ni1 1\ni1 2\n"), `x.psam, line 3: IID "i1" is in line 2 too; samples are known by their IID alone here, so make it unique (plink2 --update-ids)`},
	} {
		prefix := writeFiles(t, test.files)
		if _, _, _, err := readBoth(t, prefix); err == nil || err.Error() != test.want {
			t.Errorf("%s:\ngot  %v\nwant %s", test.name, err, test.want)
		}
	}
	blank := with(".pvar", pvar+"\n \n")
	blank[".psam"] += "\n"
	if _, _, _, err := readBoth(t, writeFiles(t, blank)); err != nil {
		t.Errorf("blank lines at the end: %v", err)
	}
	_, err := OpenDosages(writeFiles(t, with(".pvar", strings.ReplaceAll(pvar, "\n", "\r\n"))))
	if err != nil {
		t.Error(err)
	}
}

// TestOddVariants passes over variants that are not as VCF has them, and says where the
// first is.
func TestOddVariants(t *testing.T) {
	for pvar, want := range map[string]string{
		"1 2147483648 a A C\n1 6 b A C\n": genomics.OddPlace + `; the first in line 2: POS "2147483648" is not a whole number from 0 to 2147483647`,
		"1 x a A C\n1 6 b A C\n":          genomics.OddPlace + `; the first in line 2: POS "x" is not a whole number from 0 to 2147483647`,
		"1 5 a A C\n1 6 b R C\n":          genomics.OddAlleles + `; the first in line 3: "R"`,
	} {
		files := small()
		files[".pvar"] = "#CHROM POS ID REF ALT\n" + pvar
		r, err := Open(writeFiles(t, files))
		if err != nil {
			t.Fatal(err)
		}
		all, err := rowtest.Calls(r, nil)
		if diff := cmp.Diff(map[string]int{want: 1}, r.Skipped()); diff != "" || err != nil || len(all) != 1 {
			t.Error(err, len(all), diff)
		}
	}
}

func writeFiles(t testing.TB, files map[string]string) (prefix string) {
	prefix = t.TempDir() + "/x"
	for suffix, text := range files {
		if err := os.WriteFile(prefix+suffix, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return prefix
}

// TestDosageErrors refuses dosages that cannot be, where they are read.
func TestDosageErrors(t *testing.T) {
	for name, test := range map[string]struct{ types, record, want string }{
		"above two": {"\x40\x00", "\x24\x00\x00\x01\x80\x00\x00", "a dosage is 32769; the greatest allowed is 32768"},
		"short":     {"\x40\x00", "\x24\x00\x00\x00\x00\x00", "the record ends early"},
		"long":      {"\x60\x00", "\x24\xf8\x00", "1 bytes follow its end"}, // the bits behind the last sample mean nothing
		"phase":     {"\x80\x00", "\x24\x00", "it has the phases of dosages, but no dosages"},
		"unsorted":  {"\x20\x00", "\x24\x02\x01\x00\x00\x00\x00\x00", "a list of samples is not ascending"},
		"outside":   {"\x20\x00", "\x24\x02\x01\x02\x00\x00\x00\x00", "a list names a sample beyond the last"},
	} {
		files := small()
		files[".pgen"] = "\x6c\x1b\x10\x02\x00\x00\x00\x03\x00\x00\x00\x44\x18\x00\x00\x00\x00\x00\x00\x00" + test.types +
			string([]byte{byte(len(test.record)), 1}) + test.record + "\x24"
		all, err := rowtest.Dosages(OpenDosages(writeFiles(t, files)))
		if err == nil || len(all) != 0 || !strings.Contains(err.Error(), "x.pgen, variant 1 (byte 24): "+test.want+"; copy the file again") {
			t.Errorf("%s: %d rows, %v", name, len(all), err)
		}
	}
}

// TestNames reads files of variants and samples in all their forms.
func TestNames(t *testing.T) {
	variants := func(first, second genomics.Variant) []rowtest.Row {
		return []rowtest.Row{{Variant: first, Genotypes: "012"}, {Variant: second, Genotypes: "012"}}
	}
	a, b := genomics.Variant{Chrom: "1", Pos: 5, ID: "a", Ref: "A", Alt: "C"}, genomics.Variant{Chrom: "X", Pos: 6, ID: ".", Ref: "N", Alt: "CT"}
	for name, files := range map[string]map[string]string{
		"VCF":    {".pvar": "##meta\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tID\n1\t5\ta\tA\tC\t.\t.\t.\tGT\t0/1\nX\t6\t.\t.\tCT\t.\t.\t.\tGT\t./.\n"},
		"order":  {".pvar": "#CHROM ALT REF  INFO\tID POS\r\n1 C A x a 5\r\nX CT 0 y . 6\r\n"},
		"six":    {".pvar": "1 a 0.5 5 C A\nX . 0 6 CT 0\n"},
		"five":   {".pvar": "1 a 5 C A\nX . 6 CT 0"},
		"bim":    {".bim": "1 a 0.5 5 C A\nX . 0 6 CT 0\n"},
		"first":  {".pvar": "1 a 5 C A\nX . 6 CT 0", ".bim": "none", ".pvar.zst": "none"},
		"fam":    {".pvar": "1 a 5 C A\nX . 6 CT 0", ".fam": "f i1 0 0 1 -9\nf i2 0 0 0 -9 more\nf i3 0 0 2 1\n"},
		"five p": {".pvar": "1 a 5 C A\nX . 6 CT 0", ".psam": "f i1 0 0 1\nf i2 0 0 0\nf i3 0 0 2\n"},
		"header": {".pvar": "1 a 5 C A\nX . 6 CT 0", ".psam": "#more\n#FID\tIID\tSID\nf\ti1\t1\nf\ti2\t1\ng\ti3\t2\n"},
	} {
		if files[".psam"] == "" && files[".fam"] == "" {
			files[".psam"] = small()[".psam"]
		}
		files[".pgen"] = small()[".pgen"]
		prefix := writeFiles(t, files)
		r, err := Open(prefix + ".pgen")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff([]string{"i1", "i2", "i3"}, r.Samples()); diff != "" {
			t.Error(name, diff)
		}
		got, err := rowtest.Calls(r, nil)
		if diff := cmp.Diff(variants(a, b), got); diff != "" || err != nil {
			t.Error(name, err, diff)
		}
	}
	files := small()
	files[".pvar"] = "#CHROM POS ID REF ALT\n1 -5 a A C\n1 6 b A 0\n"
	r, err := Open(writeFiles(t, files))
	if err != nil {
		t.Fatal(err)
	}
	got, err := rowtest.Calls(r, nil)
	if diff := cmp.Diff(map[string]int{negativePos: 1, genomics.NoAlt: 1}, r.Skipped()); len(got) > 0 || err != nil || diff != "" {
		t.Error(len(got), err, diff)
	}
}

// TestHugeRecord reads a variant of many alleles whose record is long, of which it takes
// no memory, and another that refers to it. A biallelic variant's is refused.
func TestHugeRecord(t *testing.T) {
	const size = 1 << 26
	files := small()
	files[".pgen"] = "\x6c\x1b\x10\x02\x00\x00\x00\x03\x00\x00\x00\x43\x1d\x00\x00\x00\x00\x00\x00\x00\x28\x00\x00\x00\x04\x01\x00\x00\x00\x24"
	prefix := writeFiles(t, files)
	file, err := os.OpenFile(prefix+".pgen", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.Truncate(0x1d + size + 1); err != nil { // ends in a list of no differences
		t.Fatal(err)
	}
	if _, _, _, err := readBoth(t, prefix); err == nil || err.Error() != "x.pgen: the record of variant 1 has 67108864 bytes, too many for 3 samples; the file is damaged, copy it again" {
		t.Error(err)
	}
	if err := os.WriteFile(prefix+".pvar", []byte("#CHROM POS ID REF ALT\n1 5 a A C,G\n1 6 b A C\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	calls, _, skipped, err := readBoth(t, prefix)
	if err != nil || len(calls) != 1 || calls[0].Genotypes != "012" || skipped[genomics.MultiAllelic] != 1 {
		t.Error(calls, skipped, err)
	}
}

func TestClose(t *testing.T) {
	r, err := Open("testdata/hard")
	if err != nil {
		t.Fatal(err)
	}
	var v genomics.Variant
	row := make(genomics.Row, genomics.RowLen(700))
	if err := r.Next(&v, row); err != nil || v.ID != "v1" {
		t.Error(v, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := r.Next(&v, row); err == nil || err == io.EOF {
		t.Error(err)
	}
}

// FuzzRecord decodes any record. What it makes is within bounds.
func FuzzRecord(f *testing.F) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 4))
		n := 1 + r.IntN(300)
		base := make([]byte, n)
		s := drawSite(r, n, modeVariable, false, base)
		f.Add(s.write(r, base), uint16(s.kind), uint16(n))
	}
	f.Fuzz(func(t *testing.T, data []byte, k, samples uint16) {
		n := int(samples)
		if n == 0 {
			return
		}
		d := decoder{n: n}
		row, base := make(genomics.Row, genomics.RowLen(n)), make(genomics.Row, genomics.RowLen(n))
		doses := make(genomics.DosageRow, n)
		c := &cursor{data}
		if d.genotypes(kind(k&0x1ff), c, row, base) != nil {
			return
		}
		for i := n; i < 4*len(row); i++ {
			if row.At(i) != 0 {
				t.Error("bits after the last sample are set")
			}
		}
		again := *c
		err, err2 := d.rest(kind(k&0x1ff), c, row, doses), d.rest(kind(k&0x1ff), &again, row, nil)
		if err == nil && err2 != nil {
			t.Errorf("with dosages it is read, and without %v", err2)
		}
		for i, dose := range doses {
			if dose > genomics.MaxDosage && dose != genomics.MissingDosage {
				t.Errorf("sample %d has the dosage %d", i, dose)
			}
		}
	})
}

// FuzzFileset reads any data. Every error names a file.
func FuzzFileset(f *testing.F) {
	f.Add([]byte(small()[".pgen"]), small()[".pvar"], small()[".psam"])
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		mode := modes[seed%6] // in one file
		n := 1 + r.IntN(20)
		var sites []site
		var base []byte
		for i := range 3 {
			s := drawSite(r, n, mode, i == 0, base)
			if !s.kind.isDifference() {
				base = s.categories
			}
			sites = append(sites, s)
		}
		out := writeFileset(r, mode, n, sites)
		f.Add(out.files[".pgen"], string(out.files[".pvar"]), string(out.files[".psam"]))
	}
	f.Fuzz(func(t *testing.T, pgen []byte, pvar, psam string) {
		prefix := writeFiles(t, map[string]string{".pgen": string(pgen), ".pvar": pvar, ".psam": psam})
		source, err := Open(prefix)
		if err == nil {
			_, err = rowtest.Calls(source, nil)
		}
		if err != nil && !strings.Contains(err.Error(), "/x.p") {
			t.Error(err)
		}
		dosages, err := OpenDosages(prefix)
		if err == nil {
			_, err = rowtest.Dosages(dosages, nil)
		}
		if err != nil && !strings.Contains(err.Error(), "/x.p") {
			t.Error(err)
		}
	})
}

func TestPipes(t *testing.T) {
	for _, suffix := range []string{".pgen", ".pvar"} {
		prefix := writeFiles(t, small())
		if err := os.Remove(prefix + suffix); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(prefix+suffix, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(prefix); err == nil || err.Error() != prefix+suffix+" is not a regular file; give a file on disk, because it is read more than once" {
			t.Error(err)
		}
	}
}

// TestCut refuses a file wherever it is cut, and one with a byte more.
func TestCut(t *testing.T) {
	for i, mode := range modes {
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(seed, uint64(10+i)))
			var sites []site
			var base []byte
			for k := range 4 {
				s := drawSite(r, 5, mode, k == 0, base)
				if !s.kind.isDifference() {
					base = s.categories
				}
				sites = append(sites, s)
			}
			out := writeFileset(r, mode, 5, sites)
			prefix := out.in(t, t.TempDir())
			for _, suffix := range []string{".pgen", ".pgen.pgi"} {
				data := out.files[suffix]
				if data == nil {
					continue
				}
				for n := range len(data) {
					if err := os.WriteFile(prefix+suffix, data[:n], 0o600); err != nil {
						t.Fatal(err)
					}
					if f, err := Open(prefix); err == nil {
						f.Close()
						t.Errorf("mode %#x: %d of %d bytes of %s are read", mode, n, len(data), suffix)
					}
				}
				if err := os.WriteFile(prefix+suffix, append(data, 0), 0o600); err != nil {
					t.Fatal(err)
				}
				if f, err := Open(prefix); err == nil {
					f.Close()
					t.Errorf("mode %#x: a byte more of %s is read", mode, suffix)
				}
				if err := os.WriteFile(prefix+suffix, data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

package meta

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"genoveil/genomics"
)

const vcfHeader = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"

// records makes a VCF of lines of CHROM POS ID REF ALT INFO.
func records(lines ...string) VCF {
	text := vcfHeader
	for _, line := range lines {
		f := strings.Fields(line)
		text += strings.Join([]string{f[0], f[1], f[2], f[3], f[4], ".", "PASS", f[5]}, "\t") + "\n"
	}
	return VCF{Name: "v", Data: strings.NewReader(text)}
}

var eur = []Frequency{{"EUR", "AF_nfe"}, {"AFR", "AF_afr"}}

func TestMakeList(t *testing.T) {
	sites := records(
		"chr1 100 rs1 A G AC=3;AF_nfe=0.25;AF_afr=0.5",
		"chr1 100 rs1 A T AF_nfe=0.125",
		"chr1 100 rs1b A G AF_nfe=0.125",
		"chr1 200 . a at AF_nfe=.;AF_afr=1",
		"chr1 201 rs2 C G,T AF_nfe=0.1,0.2",
		"chr1 202 rs3 C <DEL> AF_nfe=0.1",
		"chr1 203 rs4 C N AF_nfe=0.1",
		"chr1 204 rs5 C T AF_nfe=1.5",
		"chr1 205 rs6 C T AF_nfe=0.1,0.2",
		"chr1 x rs7 C T AF_nfe=0.1",
		"chr1 206 rs8 C T AF_nfe=0.5",
		"chr1 207 rs9 C T AF_nfe=0.5",
		"chr1 208 rs10 AC A AF_nfe=0.5",
		"chr1 209 rs11 A G AF_nfe=0.5",
		"chr1 210 rs11 A G AF_nfe=0.5",
		"chrX 1 rs12 G C .",
		"chrX 2 rs13 G C .",
		"chrX 3 "+strings.Repeat("x", 1001)+" G C .",
	)
	other := records(
		"1 1100 rs1 G A .", // swapped
		"1 1100 rs1 A T .",
		"1 1200 1:200:A:AT A AT .",
		"1 1206 rs8 A G .", // on the other strand and swapped
		"1 1207 rs9 C G .",
		"1 1208 rs10 A AC .", // another variant
		"1 1209 rs11 A G .",
		"X 5 rs12 G C .",
		"X 6 rs12 C G .",
		"Y 2 rs13 G C .",
	)
	var list bytes.Buffer
	made, err := MakeList(&list, sites, GRCh38, &other, eur)
	if err != nil {
		t.Fatal(err)
	}
	want := `ID CHR POS37 POS38 REF ALT AF_EUR AF_AFR
rs1 1 1100 100 A G 0.25 0.5
rs1 1 1100 100 A T 0.125 .
1:200:A:AT 1 1200 200 A AT . 1
rs8 1 1206 206 C T 0.5 .
rs9 1 . 207 C T 0.5 .
rs10 1 . 208 AC A 0.5 .
rs11 1 1209 209 A G 0.5 .
rs11 1 . 210 A G 0.5 .
rs12 X . 1 G C . .
rs13 X . 2 G C . .
`
	if diff := cmp.Diff(strings.ReplaceAll(want, " ", "\t"), list.String()); diff != "" {
		t.Error(diff)
	}
	counts := &Made{
		Variants: 10, Elsewhere: 5, Nowhere: map[string]int{notOnOther: 3, taken: 1, twiceThere: 1},
		Skipped: map[string]int{secondRecord: 1, genomics.MultiAllelic: 1, genomics.SymbolicAlt: 1, genomics.OddAlleles: 1, oddAF: 2, genomics.OddPlace: 1, longRecord: 1},
	}
	if diff := cmp.Diff(counts, made); diff != "" {
		t.Error(diff)
	}
	if l, err := ReadList("l", &list, "AFR"); err != nil || l.Len() != 10 {
		t.Error(err)
	}

	list.Reset()
	if made, err = MakeList(&list, records("1 5 rs1 A G AF=0.5", "2 5 rs2 A G AF=0.25"), GRCh37, nil, []Frequency{{"ALL", "AF"}}); err != nil {
		t.Fatal(err)
	}
	if want := "ID\tCHR\tPOS37\tPOS38\tREF\tALT\tAF_ALL\nrs1\t1\t5\t.\tA\tG\t0.5\nrs2\t2\t5\t.\tA\tG\t0.25\n"; list.String() != want || len(made.Nowhere) > 0 {
		t.Errorf("%s, %+v", list.String(), made)
	}
}

func TestMakeListRefuses(t *testing.T) {
	good := "1 5 rs1 A G AF_nfe=0.5;AF_afr=0.5"
	for _, test := range []struct {
		sites VCF
		build Build
		keys  []Frequency
		want  string
	}{
		{records(good), 36, eur, "build 36; a list has positions on GRCh37 and GRCh38"},
		{records(good), GRCh37, nil, "no ancestry"},
		{records("1 5 rs1 A G AF_nfe=0.5"), GRCh37, eur, "v: no record has a frequency AF_afr in INFO, for AFR"},
		{records("1 5 rs1 A . AF_nfe=0.5"), GRCh37, eur, "v: no variant for a list"},
		{records(good, "1 4 rs2 A G ."), GRCh37, eur, "v, line 4: position 1:4 after 5; sort the file"},
		{records(good, "2 4 rs2 A G .", "chr1 6 rs3 A G ."), GRCh37, eur, "v, line 5: chromosome chr1 again, with others between; sort"},
		{VCF{"v", strings.NewReader("1\t5\trs1\tA\tG\t.\t.\t.\n")}, GRCh37, eur, "v, line 1: a record without a #CHROM line before it"},
		{VCF{"v", strings.NewReader(vcfHeader + "1\t5\trs1\tA\tG\n")}, GRCh37, eur, "v, line 3: 5 columns; a VCF has at least 8"},
	} {
		if _, err := MakeList(&bytes.Buffer{}, test.sites, test.build, nil, test.keys); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
	other := VCF{"o", strings.NewReader("")}
	if _, err := MakeList(&bytes.Buffer{}, records(good), GRCh37, &other, eur); err == nil || err.Error() != "o: no #CHROM line before the end; is it a VCF file?" {
		t.Error(err)
	}
}

// FuzzMakeList: whatever stands in two VCFs, the list that is made of them can be read.
func FuzzMakeList(f *testing.F) {
	f.Add("1\t5\trs1\tA\tG\t.\t.\tAF=0.5\n1\t5\trs2\tG\tA\t.\t.\tAF=0.5\n", "1\t7\trs1\tT\tC\t.\t.\t.\n1\t7\trs2\tC\tT\t.\t.\t.\n")
	f.Add("X\t5\t.\tA\tAG\t.\t.\tAF=0\n", "23\t7\tX:5:A:AG\tA\tAG\t.\t.\t.\n")
	f.Fuzz(func(t *testing.T, sites, other string) {
		var list bytes.Buffer
		there := VCF{"other", strings.NewReader(vcfHeader + other)}
		made, err := MakeList(&list, VCF{"sites", strings.NewReader(vcfHeader + sites)}, GRCh37, &there, []Frequency{{"ALL", "AF"}})
		if err != nil {
			return
		}
		l, err := ReadList("list", bytes.NewReader(list.Bytes()), "ALL")
		if err != nil {
			t.Fatalf("%v of\n%s", err, list.String())
		}
		if l.Len() != made.Variants {
			t.Fatalf("%d variants, want %d", l.Len(), made.Variants)
		}
	})
}

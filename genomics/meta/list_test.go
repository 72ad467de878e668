package meta

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const listHeader = "ID CHR POS37 POS38 REF ALT AF_EUR AF_AFR\n"

func TestList(t *testing.T) {
	want := []Variant{
		{"rs1", "1", 100, 200, "A", "G", 0.25},
		{"rs2", "1", 0, 201, "AT", "A", math.NaN()},
		{"rs3", "X", 5, 0, "C", "T", 1},
	}
	var table bytes.Buffer
	w, err := NewListWriter(&table, []string{"EUR", "AFR"})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range want {
		if err := w.Write(v, []float64{0.123456789, v.AF}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write(want[0], nil); err == nil {
		t.Error("a variant without frequencies is written")
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := strings.ReplaceAll(listHeader, " ", "\t") + "rs1\t1\t100\t200\tA\tG\t0.123457\t0.25\nrs2\t1\t.\t201\tAT\tA\t0.123457\t.\nrs3\tX\t5\t.\tC\tT\t0.123457\t1\n"; table.String() != want {
		t.Errorf("%q", table.String())
	}
	l, err := ReadList("l", &table, "AFR")
	if err != nil {
		t.Fatal(err)
	}
	var got []Variant
	for i := range l.Len() {
		got = append(got, l.Variant(i))
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Error(diff)
	}
}

func TestListRefuses(t *testing.T) {
	chromosomes := listHeader
	for i := range 300 {
		chromosomes += fmt.Sprintf("v c%d 1 1 A C . .\n", i)
	}
	for _, test := range []struct{ table, want string }{
		{"", "l: empty; a list of variants begins with ID CHR POS37 POS38 REF ALT and AF_ANCESTRY"},
		{"ID CHR POS REF ALT AF_EUR\n", "l, line 1: the columns of a list of variants are"},
		{"ID CHR POS37 POS38 REF ALT AF_EAS\n", "l, line 1: no column AF_EUR"},
		{listHeader, "l: no variants"},
		{listHeader + "rs1 1 1 1 A G 0.5\n", "l, line 2: 7 columns, the header has 8"},
		{listHeader + "rs1 1 0 1 A G 0.5 0.5\n", `l, line 2: the position "0" is not`},
		{listHeader + "rs1 1 1 3000000000 A G 0.5 0.5\n", `l, line 2: the position "3000000000" is not`},
		{listHeader + "rs1 1 1 1 A N 0.5 0.5\n", `l, line 2: REF and ALT are two different sequences of A, C, G and T, not "A" and "N"`},
		{listHeader + "rs1 1 1 1 A A 0.5 0.5\n", `l, line 2: REF and ALT are`},
		{listHeader + "rs1 1 1 1 A G 1.5 0.5\n", `l, line 2: the frequency "1.5" is not`},
		{listHeader + "rs1 1 1 1 A G nan 0.5\n", `l, line 2: the frequency "nan" is not`},
		{listHeader + "rs1 1 1 1 A G 0.5 0.5\nrs2 1 . 2 A G . .\nrs3 1 2 1 A G . .\n", "l: rs3 A>G occurs twice at 1:1 on GRCh38"},
		{listHeader + "rs1 1 1 1 A G 0.5 0.5\nrs2 chr1 1 . A G . .\n", "l: rs2 A>G occurs twice at 1:1 on GRCh37"},
		{chromosomes, "l, line 257: more than 255 chromosomes"},
		{listHeader + strings.Repeat("A", maxListLine+1), "l, line 2: longer than 65536 bytes; is it a list of variants?"},
	} {
		_, err := ReadList("l", strings.NewReader(test.table), "EUR")
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%.60q: %v, want %s…", test.table, err, test.want)
		}
	}
}

func FuzzList(f *testing.F) {
	f.Add(listHeader + "rs1 1 100 200 A G 0.5 0.5\nrs2 X . 3 AT A . 1\n")
	f.Fuzz(func(t *testing.T, table string) {
		l, err := ReadList("l", strings.NewReader(table), "EUR")
		if err != nil {
			return
		}
		for i := range l.Len() {
			v := l.Variant(i)
			if !isBases([]byte(v.Ref)) || !isBases([]byte(v.Alt)) || v.Ref == v.Alt || v.Pos37 < 0 || v.Pos38 < 0 || v.AF < 0 || v.AF > 1 || v.ID == "" {
				t.Fatalf("%+v", v)
			}
		}
	})
}

// TestMemory holds what the package says of its memory.
func TestMemory(t *testing.T) {
	if size := unsafe.Sizeof(Estimate{}); size != 48 {
		t.Errorf("an estimate takes %d bytes", size)
	}
	l := readSmallList(t)
	n := len(l.starts)
	fixed := 4*n + len(l.chrom) + 4*len(l.pos37) + 4*len(l.pos38) + 8*len(l.af)
	if fixed != 21*n {
		t.Errorf("%d bytes of %d variants", fixed, n)
	}
}

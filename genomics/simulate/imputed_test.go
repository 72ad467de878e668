package simulate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"genoveil/genomics"
	"genoveil/genomics/vcf"
)

var _ genomics.DosageSource = (*Imputed)(nil)

// TestImputed compares dosages with their definition, and what goes with them
// with the cohort that was not imputed.
func TestImputed(t *testing.T) {
	o := small
	o.Samples = 2001
	want := readAll(t, newCohort(t, o))
	c := newCohort(t, o)
	m := c.Impute()
	row := make(genomics.DosageRow, o.Samples)
	var v genomics.Variant
	qualities := 0.0
	for _, truth := range want {
		if err := m.NextDosages(&v, row); err != nil {
			t.Fatal(err)
		}
		if v != truth.Variant {
			t.Fatalf("%v, want %v", v, truth.Variant)
		}
		quality := float64(m.quality) / qualityUnit
		qualities += quality
		if quality < 0.29999 || quality > 1 {
			t.Errorf("%s: quality %v", v.ID, quality)
		}
		least, sum, n := 1.0, 0.0, 0.0
		for i, d := range row {
			g := truth.row.At(i)
			if (d == genomics.MissingDosage) != (g == genomics.Missing) {
				t.Fatalf("%s, sample %d: dosage %d of genotype %d", v.ID, i, d, g)
			}
			// Where genotype and mean are well apart the rounded dosage tells the weight.
			if span := float64(g) - 2*truth.truth; g != genomics.Missing && math.Abs(span) > 0.1 {
				weight := (float64(d)/1000 - 2*truth.truth) / span
				if slack := 0.0006 / math.Abs(span); weight < quality-slack || weight > 1+slack {
					t.Fatalf("%s, sample %d: dosage %d of genotype %d has weight %v, quality %v", v.ID, i, d, g, weight, quality)
				}
				least, sum, n = min(least, weight), sum+weight, n+1
			}
		}
		// The mean of n uniform numbers is within 5 standard errors of the middle.
		if width := 1 - quality; n > 0 && math.Abs(sum/n-(1+quality)/2) > 5*width/math.Sqrt(12*n)+0.006 || n > 1000 && least > quality+0.02 {
			t.Errorf("%s: quality %v, but %v weights have mean %v and are at least %v", v.ID, quality, n, sum/n, least)
		}
	}
	if mean := qualities / float64(len(want)); math.Abs(mean-0.65) > 5*0.7/math.Sqrt(12*float64(len(want))) {
		t.Errorf("mean quality %v", mean)
	}
	if err := m.NextDosages(&v, row); err != io.EOF {
		t.Error(err)
	}
	if err := m.NextDosages(&v, row[1:]); err == nil || err == io.EOF {
		t.Error("a row of the wrong length was taken:", err)
	}
	if _, err := m.Traits(); err != nil {
		t.Error(err)
	}
}

// TestBlurTwin compares integer arithmetic with the formula.
func TestBlurTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := rapid.ByteRange(0, 2).Draw(t, "genotype")
		alt := rapid.Uint32Range(1, frequencyUnit-1).Draw(t, "alt")
		weight := rapid.Uint32Range(0, qualityUnit).Draw(t, "weight")
		mean, w := 2*float64(alt)/frequencyUnit, float64(weight)/qualityUnit
		// Every number is a multiple of 2⁻³¹ and exact, so nothing rounds but Floor.
		want := uint16(math.Floor(1000*(mean+w*(float64(g)-mean)) + 0.5))
		if got := blur(g, alt, weight); got != want {
			t.Errorf("%d, want %d", got, want)
		}
	})
}

// The hash is that of the first version.
func TestSameDosagesForEver(t *testing.T) {
	c := newCohort(t, small)
	var text bytes.Buffer
	if err := WriteDosageVCF(&text, c.Impute(), c.Meta()); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text.Bytes())
	if got, want := hex.EncodeToString(sum[:8]), "f4084c9363b14120"; got != want {
		t.Errorf("hash %s, want %s; begins\n%.300s", got, want, text.String())
	}
}

// TestDosageRoundTrip writes dosages and reads them again.
func TestDosageRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.vcf")
	c := newCohort(t, small)
	var text bytes.Buffer
	if err := WriteDosageVCF(&text, c.Impute(), c.Meta()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	want := newCohort(t, small).Impute()
	got, err := vcf.OpenDosages(path, nil, "DS")
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if !slices.Equal(got.Samples(), want.Samples()) {
		t.Errorf("samples %v", got.Samples())
	}
	a, b := make(genomics.DosageRow, small.Samples), make(genomics.DosageRow, small.Samples)
	for n := 0; ; n++ {
		var v, w genomics.Variant
		err := want.NextDosages(&w, b)
		if e := got.NextDosages(&v, a); e != err || v != w || err == nil && !slices.Equal(a, b) {
			t.Fatalf("read %v %v, error %v, want %v %v, error %v", v, a, e, w, b, err)
		}
		if err == io.EOF {
			if n != small.Variants {
				t.Errorf("%d variants", n)
			}
			return
		}
	}
}

// dosageRows is a source of few dosages.
type dosageRows struct {
	shortSource
	rows []genomics.DosageRow
}

func (s *dosageRows) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	if len(s.rows) == 0 {
		return io.EOF
	}
	*v = genomics.Variant{Chrom: "X", Pos: len(s.rows), ID: ".", Ref: "AC", Alt: "A"}
	copy(row, s.rows[0])
	s.rows = s.rows[1:]
	return nil
}

func TestWriteDosageVCFTwin(t *testing.T) {
	dosage := rapid.OneOf(rapid.Uint16Range(0, genomics.MaxDosage), rapid.SampledFrom([]uint16{0, 499, 500, 1499, 1500, 2000, genomics.MissingDosage}))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 6).Draw(t, "samples")
		src := &dosageRows{}
		want := "##fileformat=VCFv4.3\n##a\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n" +
			"##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"ALT dosage\">\n" +
			"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
		for i := range n {
			src.samples = append(src.samples, fmt.Sprintf("s%d", i))
			want += fmt.Sprintf("\ts%d", i)
		}
		want += "\n"
		for pos := rapid.IntRange(0, 3).Draw(t, "variants"); pos > 0; pos-- {
			row := make(genomics.DosageRow, n)
			want += fmt.Sprintf("X\t%d\t.\tAC\tA\t.\t.\t.\tGT:DS", pos)
			for i := range n {
				row[i] = dosage.Draw(t, "dosage")
				switch d := row[i]; {
				case d == genomics.MissingDosage:
					want += "\t./.:."
				case d < 500:
					want += fmt.Sprintf("\t0/0:%.3f", float64(d)/1000)
				case d < 1500:
					want += fmt.Sprintf("\t0/1:%.3f", float64(d)/1000)
				default:
					want += fmt.Sprintf("\t1/1:%.3f", float64(d)/1000)
				}
			}
			src.rows = append(src.rows, row)
			want += "\n"
		}
		var got strings.Builder
		if err := WriteDosageVCF(&got, src, []string{"##a"}); err != nil || got.String() != want {
			t.Fatalf("got %q, error %v, want %q", got.String(), err, want)
		}
	})
}

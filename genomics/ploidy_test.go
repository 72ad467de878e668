package genomics_test

import (
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
)

var ploidies = map[string]genomics.Ploidy{
	"1": genomics.Diploid, "chr22": genomics.Diploid, "PAR1": genomics.Diploid, "25": genomics.Diploid, "XY": genomics.Diploid, "0": genomics.Diploid, "GL000192.1": genomics.Diploid,
	"X": genomics.XLinked, "chrX": genomics.XLinked, "23": genomics.XLinked, "Y": genomics.YLinked, "24": genomics.YLinked,
	"MT": genomics.Mitochondrial, "chrM": genomics.Mitochondrial, "26": genomics.Mitochondrial,
}

func TestPloidyOf(t *testing.T) {
	for name, want := range ploidies {
		if got := genomics.PloidyOf(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func drawSexes(t *rapid.T, n int) []genomics.Sex {
	sexes := make([]genomics.Sex, n)
	for i := range sexes {
		sexes[i] = genomics.Sex(rapid.IntRange(0, 2).Draw(t, "sex"))
	}
	return sexes
}

// TestHaploidCalls compares masks, the alleles counted and the bounds with going through the
// samples one by one.
func TestHaploidCalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 150).Draw(t, "samples")
		sexes, row := drawSexes(t, n), drawRow(t, n)
		chromosome := rapid.SampledFrom([]string{"1", "X", "Y", "MT"}).Draw(t, "chromosome")
		ploidy := genomics.PloidyOf(chromosome)
		want := make(genomics.Row, len(row))
		ref, alt, called, considered, hets := 0, 0, 0, 0, 0
		for i := range n {
			g, copies := row.At(i), ploidy.Copies(sexes[i])
			one := copies == 1
			if g == genomics.Het && one {
				g = genomics.Missing
				hets++
			}
			want.Set(i, g)
			if copies == 0 {
				continue
			}
			considered++
			if g != genomics.Missing {
				called++
				alt += int(g) * copies / 2
				ref += int(2-g) * copies / 2
			}
		}
		src := &rows{samples: make([]string, n), variants: []genomics.Variant{{Chrom: chromosome, Pos: 7, ID: "v"}}, rows: []genomics.Row{row}}
		for i := range n {
			src.samples[i] = string(rune('A' + i))
		}
		maf := rapid.SampledFrom([]int{0, 1, 5}).Draw(t, "tenths of --maf")
		geno := rapid.SampledFrom([]int{0, 3, 10}).Draw(t, "tenths of --geno")
		out, err := genomics.Filter{MaxMissing: float64(geno) / 10, MinMAF: float64(maf) / 10, Sexes: sexes}.Apply(src)
		if err != nil {
			t.Fatal(err)
		}
		got := make(genomics.Row, len(row))
		var v genomics.Variant
		kept := out.Next(&v, got) == nil
		wantKept := 10*(considered-called) <= geno*considered && (called == 0 || 10*min(ref, alt) >= maf*(ref+alt))
		if kept != wantKept {
			t.Fatalf("%s: kept %v; %d of %d called, alleles %d and %d, --maf 0.%d, --geno %d tenths", chromosome, kept, called, considered, ref, alt, maf, geno)
		}
		notes := out.(interface {
			HaploidNotes(genomics.Ploidy) *genomics.HaploidNotes
		}).HaploidNotes(ploidy)
		if ploidy == genomics.Diploid && notes != nil || ploidy != genomics.Diploid && (notes.Variants != 1 || notes.Hets != hets || hets > 0 && notes.First.ID != "v") {
			t.Fatalf("%s: %+v, %d heterozygous", chromosome, notes, hets)
		}
		if !kept {
			return
		}
		if string(got) != string(want) {
			t.Fatalf("%s: % x, want % x", chromosome, got, want)
		}
		males := genomics.NewMask(n, func(i int) bool { return sexes[i] == genomics.Male })
		gotRef, gotAlt := ploidy.Alleles(got.Count(n), males.Count(got))
		if gotRef != ref || gotAlt != alt {
			t.Fatalf("%s: alleles %d and %d, want %d and %d", chromosome, gotRef, gotAlt, ref, alt)
		}
		dosages := make(genomics.DosageRow, n)
		for i := range dosages {
			if dosages[i] = 1000 * uint16(got.At(i)); got.At(i) == genomics.Missing {
				dosages[i] = genomics.MissingDosage
			}
		}
		if a, all := ploidy.DosageAlleles(dosages.Count(), dosages.CountOf(males)); a != float64(alt) || all != float64(ref+alt) {
			t.Fatalf("%s: %g of %g alleles by dosages, %d of %d by calls", chromosome, a, all, alt, ref+alt)
		}
	})
}

// TestChromosomesOfX: where the pseudo-autosomal regions are split off, --chr names them apart
// from X, as in PLINK 2.00a3.5: no range of numbers has them.
func TestChromosomesOfX(t *testing.T) {
	par, err := chrom.PARof("b38")
	if err != nil {
		t.Fatal(err)
	}
	for chromosomes, want := range map[string]string{
		"X": "x", "1-26": "x y", "PAR1": "p", "X,par2": "x q", "PAR1,23,PAR2": "p x q", "XY,Y": "y",
	} {
		selected, err := chrom.Select(strings.Split(chromosomes, ","))
		if err != nil {
			t.Fatal(err)
		}
		src := &rows{samples: []string{"a"}}
		for _, v := range []genomics.Variant{{Chrom: "chrX", Pos: 2781479, ID: "p"}, {Chrom: "chrX", Pos: 2781480, ID: "x"}, {Chrom: "23", Pos: 155701383, ID: "q"}, {Chrom: "Y", Pos: 9, ID: "y"}} {
			src.variants, src.rows = append(src.variants, v), append(src.rows, genomics.Row{0})
		}
		filtered, err := genomics.Filter{MaxMissing: 1, Chrom: selected, PAR: &par}.Apply(src)
		if err != nil {
			t.Fatal(err)
		}
		var left []string
		var v genomics.Variant
		for row := (genomics.Row{0}); filtered.Next(&v, row) == nil; {
			left = append(left, v.ID)
		}
		if got := strings.Join(left, " "); got != want {
			t.Errorf("--chr %s leaves %s, want %s", chromosomes, got, want)
		}
	}
}

// dosages is a source of one variant.
type dosages struct {
	rows
	row genomics.DosageRow
}

func (s *dosages) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	if s.next == 1 {
		return io.EOF
	}
	s.next++
	*v = s.variants[0]
	copy(row, s.row)
	return nil
}

// TestDosageFilterOfCopies: --maf and --geno count the copies that samples have, one by one.
func TestDosageFilterOfCopies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "samples")
		sexes := drawSexes(t, n)
		chromosome := rapid.SampledFrom([]string{"1", "X", "Y", "MT"}).Draw(t, "chromosome")
		ploidy := genomics.PloidyOf(chromosome)
		src := &dosages{rows: rows{samples: make([]string, n), variants: []genomics.Variant{{Chrom: chromosome, Pos: 7, ID: "v"}}}, row: make(genomics.DosageRow, n)}
		alt, alleles, called, considered := 0, 0, 0, 0 // alt in thousandths, doubled
		for i := range n {
			src.samples[i] = string(rune('A' + i))
			src.row[i] = uint16(rapid.IntRange(0, 2000).Draw(t, "dosage"))
			if rapid.IntRange(0, 5).Draw(t, "missing") == 0 {
				src.row[i] = genomics.MissingDosage
			}
			copies := ploidy.Copies(sexes[i])
			if copies == 0 {
				continue
			}
			considered++
			if src.row[i] != genomics.MissingDosage {
				called++
				alleles += copies
				alt += copies * int(src.row[i])
			}
		}
		maf, geno := rapid.IntRange(0, 5).Draw(t, "tenths of --maf"), rapid.IntRange(0, 10).Draw(t, "tenths of --geno")
		out, err := genomics.Filter{MaxMissing: float64(geno) / 10, MinMAF: float64(maf) / 10, Sexes: sexes}.ApplyDosages(src)
		if err != nil {
			t.Fatal(err)
		}
		var v genomics.Variant
		kept := out.NextDosages(&v, make(genomics.DosageRow, n)) == nil
		minor := min(alt, 2000*alleles-alt) // of 2000 an allele
		if want := 10*(considered-called) <= geno*considered && (called == 0 || 10*minor >= maf*2000*alleles); kept != want {
			t.Fatalf("%s: kept %v; %d of %d called, %d of %d alleles in parts of 2000, --maf 0.%d, --geno %d tenths", chromosome, kept, called, considered, alt, 2000*alleles, maf, geno)
		}
	})
}

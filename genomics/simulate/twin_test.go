package simulate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"genoveil/genomics"
)

func TestBernoulli(t *testing.T) {
	random := newStream(1, 0)
	const words = 4000
	for _, p := range []uint32{0, 1, 1 << 20, 1 << 28, 1 << 31, 0xc0000000, 0xfffffff0, 123456789, math.MaxUint32} {
		ones, inLane, pairs := 0, [64]int{}, 0
		for range words {
			w := random.bernoulli(p)
			ones += bits.OnesCount64(w)
			pairs += bits.OnesCount64(w & bits.RotateLeft64(w, 1) & 0x5555555555555555)
			for i := range inLane {
				inLane[i] += int(w >> i & 1)
			}
		}
		x := float64(p) / (1 << 32)
		checkBinomial(t, fmt.Sprintf("ones at %d", p), ones, 64*words, x)
		checkBinomial(t, fmt.Sprintf("pairs of ones at %d", p), pairs, 32*words, x*x)
		for i, n := range inLane {
			checkBinomial(t, fmt.Sprintf("lane %d at %d", i, p), n, words, x)
		}
	}
}

func TestNormal(t *testing.T) {
	random := newStream(1, 0)
	const n = 100000
	below := map[float64]int{-2: 0, -1: 0, 0: 0, 1: 0, 2: 0}
	for range n {
		x := random.normal()
		for limit := range below {
			if x < limit {
				below[limit]++
			}
		}
	}
	for limit, k := range below {
		// The sum of twelve uniforms is within 0.003 of the normal distribution.
		want := math.Erfc(-limit/math.Sqrt2) / 2
		if got := float64(k) / n; math.Abs(got-want) > 0.003+5*math.Sqrt(0.25/n) {
			t.Errorf("%.4f below %v, want %.4f", got, limit, want)
		}
	}
}

// The fast filling of a row equals going round the circle step by step.
func TestGenotypesTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 23).Draw(t, "samples")
		at := &site{alt: rapid.Uint32Range(1, frequencyUnit-1).Draw(t, "alt")}
		h := &haplotypes{random: newStream(rapid.Uint64().Draw(t, "seed"), 0), point: make([]uint16, 2*n)}
		for i := range h.point {
			h.point[i] = rapid.Uint16().Draw(t, "point")
		}
		row := make(genomics.Row, genomics.RowLen(n))
		for i := range row {
			row[i] = 0xff // left from the variant before
		}
		twin := newStream(0, 0)
		*twin.ChaCha8 = *h.random.ChaCha8
		at.broken = 0 // no random number is used
		arc := int(twin.Uint64() % frequencyUnit)
		h.advance(at, row)
		for i := range 4 * len(row) {
			want := genomics.HomRef
			for k := 2 * i; k < 2*i+2 && i < n; k++ {
				if (int(h.point[k])+arc)%frequencyUnit < int(at.alt) {
					want++
				}
			}
			if got := row.At(i); got != want {
				t.Fatalf("sample %d: %d, want %d", i, got, want)
			}
		}
	})
}

// shortSource yields a few given variants.
type shortSource struct {
	samples []string
	rows    []genomics.Row
	end     error
}

func (s *shortSource) Samples() []string       { return s.samples }
func (s *shortSource) Skipped() map[string]int { return nil }
func (s *shortSource) Close() error            { return nil }

func (s *shortSource) Next(v *genomics.Variant, row genomics.Row) error {
	if len(s.rows) == 0 {
		return s.end
	}
	*v = genomics.Variant{Chrom: "X", Pos: len(s.rows), ID: ".", Ref: "AC", Alt: "A"}
	copy(row, s.rows[0])
	s.rows = s.rows[1:]
	return nil
}

func TestWriteVCFTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 13).Draw(t, "samples")
		src := &shortSource{end: io.EOF}
		want := "##fileformat=VCFv4.3\n##a\n##b\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n" +
			"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
		for i := range n {
			src.samples = append(src.samples, fmt.Sprintf("s%d", i))
			want += fmt.Sprintf("\ts%d", i)
		}
		want += "\n"
		for pos := rapid.IntRange(0, 4).Draw(t, "variants"); pos > 0; pos-- {
			row := make(genomics.Row, genomics.RowLen(n))
			want += fmt.Sprintf("X\t%d\t.\tAC\tA\t.\t.\t.\tGT", pos)
			for i := range n {
				g := rapid.SampledFrom([]genomics.Genotype{0, 1, 2, 3}).Draw(t, "genotype")
				row.Set(i, g)
				want += "\t" + []string{"0/0", "0/1", "1/1", "./."}[g]
			}
			src.rows = append(src.rows, row)
			want += "\n"
		}
		var got strings.Builder
		if err := WriteVCF(&got, src, []string{"##a", "##b"}); err != nil || got.String() != want {
			t.Fatalf("got %q, error %v, want %q", got.String(), err, want)
		}
	})
}

// fullDisk fails after so many bytes.
type fullDisk int

var errFull = errors.New("disk full")

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > int(*d) {
		return int(*d), errFull
	}
	*d -= fullDisk(len(p))
	return len(p), nil
}

func TestWriteErrors(t *testing.T) {
	source := errors.New("damaged")
	if err := WriteVCF(io.Discard, &shortSource{end: source}, nil); err != source {
		t.Errorf("error %v of the source", err)
	}
	c := newCohort(t, small)
	disk := fullDisk(20000)
	if err := WriteVCF(&disk, c, nil); err != errFull {
		t.Errorf("VCF on a full disk: %v", err)
	}
	readAll(t, c)
	traits, err := c.Traits()
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(io.Writer) error{
		"phenotypes": traits.WritePhenotypes, "covariates": traits.WriteCovariates, "causal": traits.WriteCausal,
	} {
		var disk fullDisk
		if err := write(&disk); err != errFull {
			t.Errorf("%s on a full disk: %v", name, err)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	const samples = 20000
	c, err := New(Options{Samples: samples, Variants: maxVariants, Missing: 0.005, CaseFraction: 0.5})
	if err != nil {
		b.Fatal(err)
	}
	row := make(genomics.Row, genomics.RowLen(samples))
	var v genomics.Variant
	b.SetBytes(4 * samples) // as VCF text
	for b.Loop() {
		if err := c.Next(&v, row); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteVCF(b *testing.B) {
	src := &shortSource{samples: make([]string, 20000), end: io.EOF}
	row := bytes.Repeat([]byte{0x1b}, 5000)
	b.SetBytes(100 * 80000)
	for b.Loop() {
		src.rows = src.rows[:0]
		for range 100 {
			src.rows = append(src.rows, row)
		}
		if err := WriteVCF(io.Discard, src, nil); err != nil {
			b.Fatal(err)
		}
	}
}

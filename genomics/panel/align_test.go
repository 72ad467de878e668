package panel

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"genoveil/genomics"
)

// memory is a source of genotypes in memory, calls or dosages.
type memory struct {
	samples  int
	variants []genomics.Variant
	rows     [][]genomics.Genotype
	at       int
	fail     error // after the last variant
	closed   bool
}

func (m *memory) Samples() []string       { return make([]string, m.samples) }
func (m *memory) Skipped() map[string]int { return map[string]int{"by the source": 1} }
func (m *memory) Close() error            { m.closed = true; return nil }

func (m *memory) next(v *genomics.Variant, set func(i int, g genomics.Genotype)) error {
	if m.at == len(m.variants) {
		if m.fail != nil {
			return m.fail
		}
		return io.EOF
	}
	*v = m.variants[m.at]
	for i, g := range m.rows[m.at] {
		set(i, g)
	}
	m.at++
	return nil
}

func (m *memory) Next(v *genomics.Variant, row genomics.Row) error { return m.next(v, row.Set) }

func (m *memory) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	return m.next(v, func(i int, g genomics.Genotype) { row[i] = dosage(g) })
}

func dosage(g genomics.Genotype) uint16 {
	if g == genomics.Missing {
		return genomics.MissingDosage
	}
	return 1000 * uint16(g)
}

// read reads everything, as calls and as dosages, which must be the same.
func read(t *testing.T, list *List, src *memory) (variants []genomics.Variant, rows [][]genomics.Genotype, skipped map[string]int, notes Notes, err error) {
	t.Helper()
	calls, err := list.Align(src)
	if err != nil {
		return nil, nil, nil, notes, err
	}
	other := *src
	dosages, err := list.AlignDosages(&other)
	if err != nil {
		t.Fatal(err)
	}
	row, dosageRow := make(genomics.Row, genomics.RowLen(src.samples)), make(genomics.DosageRow, src.samples)
	for {
		var v, w genomics.Variant
		err := calls.Next(&v, row)
		errDosages := dosages.NextDosages(&w, dosageRow)
		if fmt.Sprint(err) != fmt.Sprint(errDosages) || v != w {
			t.Fatalf("calls: %v, %v; dosages: %v, %v", v, err, w, errDosages)
		}
		if err != nil {
			if !maps.Equal(calls.Skipped(), dosages.Skipped()) || calls.Notes() != dosages.Notes() {
				t.Fatalf("%v, %v; %v, %v", calls.Skipped(), calls.Notes(), dosages.Skipped(), dosages.Notes())
			}
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return variants, rows, calls.Skipped(), calls.Notes(), err
		}
		var genotypes []genomics.Genotype
		for i := range src.samples {
			genotypes = append(genotypes, row.At(i))
			if dosageRow[i] != dosage(row.At(i)) {
				t.Fatalf("%v, sample %d: call %d, dosage %d", v, i, row.At(i), dosageRow[i])
			}
		}
		if unused := row[len(row)-1] >> (2 * ((src.samples-1)%4 + 1)); src.samples%4 > 0 && unused != 0 {
			t.Fatalf("%v: unused bits %b", v, unused)
		}
		variants, rows = append(variants, v), append(rows, genotypes)
	}
}

func TestAlign(t *testing.T) {
	src := &memory{samples: 3, variants: []genomics.Variant{
		{Chrom: "1", Pos: 7, Ref: "A", Alt: "G"}, // not listed
		{Chrom: "chr2", Pos: 99, Ref: "A", Alt: "G"},
		{Chrom: "chr2", Pos: 100, Ref: "t", Alt: "a"}, // second of the list, exchanged or on the other strand
		{Chrom: "chr2", Pos: 100, Ref: "A", Alt: "C"}, // other alleles
		{Chrom: "chr2", Pos: 100, Ref: "A", Alt: "G"},
		{Chrom: "chr2", Pos: 300, Ref: "C", Alt: "G"},   // other alleles
		{Chrom: "chr2", Pos: 300, Ref: "cat", Alt: "c"}, // turned
		{Chrom: "23", Pos: 60, Ref: "G", Alt: "A"},
	}, rows: [][]genomics.Genotype{{0, 0, 0}, {0, 0, 0}, {0, 1, 3}, {0, 0, 0}, {2, 1, 0}, {0, 0, 0}, {0, 1, 3}, {0, 0, 0}}}
	variants, rows, skipped, notes, err := read(t, &List{Variants: listed, Lines: []int{1, 2, 3, 4}}, src)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(listed, variants); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]genomics.Genotype{{2, 1, 0}, {3, 3, 3}, {2, 1, 3}, {3, 3, 3}}, rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"by the source": 1, notListed: 3, otherAlleles: 2, palindromic: 1}, skipped); diff != "" {
		t.Error(diff)
	}
	if want := (Notes{Found: 2, Turned: 1, Absent: 2}); notes != want {
		t.Errorf("%+v, want %+v", notes, want)
	}
}

// TestAlignEqualsSearch compares with a search through the whole source for every
// variant of the list.
func TestAlignEqualsSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	alleles := []string{"A", "C", "G"}
	draw := func(n int) []genomics.Variant {
		var all []genomics.Variant
		for range n {
			v := genomics.Variant{Chrom: []string{"1", "2", "X"}[r.IntN(3)], Pos: 1 + r.IntN(15), Ref: alleles[r.IntN(3)], Alt: alleles[r.IntN(3)]}
			if v.Ref != v.Alt && !slices.Contains(all, v) {
				all = append(all, v)
			}
		}
		slices.SortStableFunc(all, func(a, b genomics.Variant) int {
			if a.Chrom != b.Chrom {
				return strings.Compare(a.Chrom, b.Chrom)
			}
			return a.Pos - b.Pos
		})
		return all
	}
	for range 300 {
		list := &List{Path: "l", Variants: draw(r.IntN(40) + 1)}
		if list.Variants == nil {
			continue
		}
		list.Lines = make([]int, len(list.Variants))
		src := &memory{samples: 1 + r.IntN(6), variants: draw(r.IntN(60))}
		for range src.variants {
			row := make([]genomics.Genotype, src.samples)
			for i := range row {
				row[i] = genomics.Genotype(r.IntN(4))
			}
			src.rows = append(src.rows, row)
		}
		taken := make([]bool, len(src.variants))
		var want [][]genomics.Genotype
		for _, v := range list.Variants {
			row := slices.Repeat([]genomics.Genotype{genomics.Missing}, src.samples)
			if j := slices.Index(src.variants, v); j >= 0 && !taken[j] {
				taken[j] = true
				copy(row, src.rows[j])
			} else if j := slices.Index(src.variants, genomics.Variant{Chrom: v.Chrom, Pos: v.Pos, Ref: v.Alt, Alt: v.Ref}); j >= 0 && !taken[j] && v.Ref+v.Alt != "CG" && v.Ref+v.Alt != "GC" {
				taken[j] = true
				for i, g := range src.rows[j] {
					if row[i] = g; g != genomics.Missing {
						row[i] = 2 - g
					}
				}
			}
			want = append(want, row)
		}
		variants, rows, skipped, notes, err := read(t, list, src)
		if notes.Found == 0 && errors.Is(err, ErrNoneFound) {
			err = nil
		}
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(list.Variants, variants) + cmp.Diff(want, rows); diff != "" {
			t.Fatal(diff)
		}
		if skipped[notListed]+skipped[otherAlleles]+skipped[palindromic]+notes.Found != len(src.variants) || notes.Found+notes.Absent != len(list.Variants) {
			t.Fatalf("%v, %+v: not all of %d and %d", skipped, notes, len(src.variants), len(list.Variants))
		}
	}
}

// TestAlignPalindromes: A/T and C/G variants are taken as they stand, and never turned.
func TestAlignPalindromes(t *testing.T) {
	for _, c := range []struct {
		ref, alt string
		unclear  bool
	}{{"A", "T", true}, {"T", "A", true}, {"C", "G", true}, {"g", "c", true}, {"AC", "GT", true}, {"A", "C", false}, {"AC", "TG", false}, {"A", "AT", false}} {
		other := genomics.Variant{Chrom: "1", Pos: 9, Ref: "A", Alt: "G"}
		list := &List{Variants: []genomics.Variant{{Chrom: "1", Pos: 5, Ref: c.ref, Alt: c.alt}, other}, Lines: []int{1, 2}}
		source := func(ref, alt string) *memory {
			return &memory{samples: 2, variants: []genomics.Variant{{Chrom: "1", Pos: 5, Ref: ref, Alt: alt}, other}, rows: [][]genomics.Genotype{{0, 1}, {0, 0}}}
		}
		_, same, _, _, err := read(t, list, source(c.ref, c.alt))
		if diff := cmp.Diff([][]genomics.Genotype{{0, 1}, {0, 0}}, same); err != nil || diff != "" {
			t.Error(c, err, diff)
		}
		want, left := [][]genomics.Genotype{{2, 1}, {0, 0}}, 0
		if c.unclear {
			want, left = [][]genomics.Genotype{{3, 3}, {0, 0}}, 1
		}
		_, turned, skipped, _, err := read(t, list, source(c.alt, c.ref))
		if diff := cmp.Diff(want, turned); err != nil || diff != "" || skipped[palindromic] != left {
			t.Error(c, err, diff, skipped)
		}
	}
}

func TestAlignRefuses(t *testing.T) {
	v := func(chrom string, pos int) genomics.Variant {
		return genomics.Variant{Chrom: chrom, Pos: pos, ID: ".", Ref: "A", Alt: "G"}
	}
	broken := errors.New("broken")
	for _, test := range []struct {
		name      string
		list, src []genomics.Variant
		fail      error
		want      string
	}{
		{"list unsorted", []genomics.Variant{v("1", 5), v("1", 4)}, nil, nil, "l, line 2: position 4 after 5; sort the list"},
		{"a variant twice", []genomics.Variant{v("1", 5), v("1", 6), v("chr1", 6)}, nil, nil, "l, line 3: chr1:6 A G is in line 2 already; remove one"},
		{"list in pieces", []genomics.Variant{v("1", 5), v("2", 4), v("chr1", 6)}, nil, nil, "l, line 3: chromosome chr1 again, after others; sort the list"},
		{"source unsorted", []genomics.Variant{v("1", 9)}, []genomics.Variant{v("1", 5), v("1", 4)}, nil, "1:4 of the genotypes comes after 1:5, and l has them the other way round; sort both the same way"},
		{"chromosomes in other order", []genomics.Variant{v("1", 9), v("2", 9)}, []genomics.Variant{v("2", 5), v("1", 5)}, nil, "1:5 of the genotypes comes after 2:5, and l has them the other way round; sort both the same way"},
		{"source unsorted behind the list", []genomics.Variant{v("1", 1)}, []genomics.Variant{v("1", 5), v("1", 4)}, nil, "1:4 of the genotypes comes after 1:5, and l has them the other way round; sort both the same way"},
		{"source broken behind the list", []genomics.Variant{v("1", 1)}, []genomics.Variant{v("1", 1), v("1", 4)}, broken, "broken"},
		{"nothing of the list", []genomics.Variant{v("1", 1), v("2", 1)}, []genomics.Variant{v("3", 7), v("1", 4)}, nil, "the genotypes do not fit the list: none of the 2 variants of l is among them; the list has 1:1 A G, and the genotypes have 3:7 A G; are both of the same genome build, and on the same strand?"},
		{"no genotypes", []genomics.Variant{v("1", 1)}, nil, nil, "the genotypes do not fit the list: none of the 1 variants of l is among them; the list has 1:1 A G, and the genotypes have none at all; are both of the same genome build, and on the same strand?"},
	} {
		src := &memory{samples: 1, variants: test.src, rows: slices.Repeat([][]genomics.Genotype{{0}}, len(test.src)), fail: test.fail}
		_, _, _, _, err := read(t, &List{Path: "l", Variants: test.list, Lines: []int{1, 2, 3}}, src)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
}

package panel

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
)

// Reasons for passing over variants, as Skipped reports them.
const (
	notListed    = "not in the list"
	otherAlleles = "alleles different from the list's"
	palindromic  = "A/T or C/G variants with REF and ALT in the other order: order or strand cannot be told"
)

// An aligner walks over a list and a source at once. R is what a variant's
// genotypes are: a genomics.Row or a genomics.DosageRow.
type aligner[R ~[]E, E any] struct {
	list *List
	at   int               // next variant of the list
	rank map[chrom.Key]int // of the list's chromosomes

	read    func(v *genomics.Variant, row R) error
	turn    func(row R) // exchanges REF and ALT
	missing func(row R) // makes all genotypes missing
	size    int         // of a row

	site    []record[R]      // records of the source at one position
	next    record[R]        // the record after them
	ended   error            // io.EOF after the source's last record
	first   genomics.Variant // of the source
	skipped map[string]int
	notes   Notes
}

// Notes say how a list and the genotypes fitted.
type Notes struct {
	Found  int // variants of the list that the genotypes have
	Turned int // among them, with REF and ALT exchanged
	Absent int // variants of the list that they lack: all calls missing
}

type record[R any] struct {
	variant genomics.Variant
	row     R
	rank    int // of its chromosome
	taken   bool
	unclear bool // the list has it with REF and ALT exchanged, or on the other strand
}

// order checks that the list can be walked along with a source: chromosomes in
// blocks, positions ascending, each variant once. It ranks the chromosomes.
func (l *List) order() (map[chrom.Key]int, error) {
	rank := map[chrom.Key]int{}
	seen := map[genomics.Variant]int{}
	for i, v := range l.Variants {
		key := chrom.Parse(v.Chrom)
		alike := genomics.Variant{Chrom: string(key), Pos: v.Pos, Ref: v.Ref, Alt: v.Alt}
		if first, ok := seen[alike]; ok {
			return nil, fmt.Errorf("%s, line %d: %s:%d %s %s is in line %d already; remove one", l.Path, l.Lines[i], v.Chrom, v.Pos, v.Ref, v.Alt, first)
		}
		seen[alike] = l.Lines[i]
		r, known := rank[key]
		if !known {
			rank[key] = len(rank)
			continue
		}
		if r != len(rank)-1 {
			return nil, fmt.Errorf("%s, line %d: chromosome %s again, after others; sort the list", l.Path, l.Lines[i], v.Chrom)
		}
		if v.Pos < l.Variants[i-1].Pos {
			return nil, fmt.Errorf("%s, line %d: position %d after %d; sort the list", l.Path, l.Lines[i], v.Pos, l.Variants[i-1].Pos)
		}
	}
	return rank, nil
}

// align returns the next variant of the list with its genotypes.
func (a *aligner[R, E]) align(v *genomics.Variant, row R) error {
	if a.at == len(a.list.Variants) {
		return a.drain()
	}
	*v = a.list.Variants[a.at]
	a.at++
	rank := a.rank[chrom.Parse(v.Chrom)]
	if err := a.seek(rank, v.Pos); err != nil {
		return err
	}
	for _, turned := range []bool{false, true} {
		for i := range a.site {
			r := &a.site[i]
			inVCF := r.variant.InVCF()
			ref, alt := inVCF.Ref, inVCF.Alt
			if turned {
				ref, alt = alt, ref
			}
			if r.taken || !strings.EqualFold(ref, v.Ref) || !strings.EqualFold(alt, v.Alt) {
				continue
			}
			if turned && palindrome(ref, alt) {
				r.unclear = true
				continue
			}
			r.taken = true
			copy(row, r.row)
			a.notes.Found++
			if turned {
				a.turn(row)
				a.notes.Turned++
			}
			return nil
		}
	}
	a.missing(row)
	a.notes.Absent++
	return nil
}

var complements = strings.NewReplacer("A", "T", "T", "A", "C", "G", "G", "C")

// palindrome says whether two alleles are each other's complement, as A and T are: on the
// other strand they stand in the other order.
func palindrome(ref, alt string) bool {
	bases := []byte(complements.Replace(strings.ToUpper(alt)))
	slices.Reverse(bases)
	return strings.EqualFold(ref, string(bases))
}

// seek makes site the source's records at a position of the list.
func (a *aligner[R, E]) seek(rank, pos int) error {
	if len(a.site) > 0 && a.site[0].rank == rank && a.site[0].variant.Pos == pos {
		return nil
	}
	a.leave()
	for {
		if a.next.row == nil && a.ended == nil {
			if err := a.advance(); err != nil {
				return err
			}
		}
		r := &a.next
		if a.ended != nil || r.rank > rank || r.rank == rank && r.variant.Pos > pos {
			return nil
		}
		if r.rank == rank && r.variant.Pos == pos {
			a.site = append(a.site, *r)
		} else {
			a.skipped[notListed]++
		}
		r.row = nil
	}
}

// leave counts the records of a site that nobody wanted.
func (a *aligner[R, E]) leave() {
	for _, r := range a.site {
		switch {
		case r.taken:
		case r.unclear:
			a.skipped[palindromic]++
		default:
			a.skipped[otherAlleles]++
		}
	}
	a.site = a.site[:0]
}

// advance reads the next record on a chromosome of the list.
func (a *aligner[R, E]) advance() error {
	before := a.next
	for {
		r := record[R]{row: make(R, a.size)}
		err := a.read(&r.variant, r.row)
		if errors.Is(err, io.EOF) {
			a.ended = err
			return nil
		}
		if err != nil {
			return err
		}
		if a.first.Chrom == "" {
			a.first = r.variant
		}
		var listed bool
		if r.rank, listed = a.rank[chrom.Parse(r.variant.Chrom)]; !listed {
			a.skipped[notListed]++
			continue
		}
		if b := before.variant; b.Chrom != "" && (r.rank < before.rank || r.rank == before.rank && r.variant.Pos < b.Pos) {
			return fmt.Errorf("%s:%d of the genotypes comes after %s:%d, and %s has them the other way round; sort both the same way",
				r.variant.Chrom, r.variant.Pos, b.Chrom, b.Pos, a.list.Path)
		}
		a.next = r
		return nil
	}
}

// drain reads the source to its end, so that an error in it is not missed.
func (a *aligner[R, E]) drain() error {
	a.leave()
	for a.ended == nil {
		if a.next.row != nil {
			a.skipped[notListed]++
			a.next.row = nil
		}
		if err := a.advance(); err != nil {
			return err
		}
	}
	if errors.Is(a.ended, io.EOF) && a.notes.Found == 0 {
		return a.noneFound()
	}
	return a.ended
}

// ErrNoneFound is the error of genotypes that have nothing of the list.
var ErrNoneFound = errors.New("the genotypes do not fit the list")

func (a *aligner[R, E]) noneFound() error {
	wants := a.list.Variants[0]
	has := "the genotypes have none at all"
	if v := a.first; v.Chrom != "" {
		has = fmt.Sprintf("the genotypes have %s:%d %s %s", v.Chrom, v.Pos, v.Ref, v.Alt)
	}
	return fmt.Errorf("%w: none of the %d variants of %s is among them; the list has %s:%d %s %s, and %s; are both of the same genome build, and on the same strand?",
		ErrNoneFound, len(a.list.Variants), a.list.Path, wants.Chrom, wants.Pos, wants.Ref, wants.Alt, has)
}

func (a *aligner[R, E]) addSkipped(source map[string]int) map[string]int {
	all := maps.Clone(source)
	if all == nil {
		all = map[string]int{}
	}
	for reason, n := range a.skipped {
		all[reason] += n
	}
	return all
}

package ahead

import (
	"slices"

	"genoveil/genomics"
)

// A Piece is a run of a file's variants: raw data that become variants and rows. T is
// what a sample has: genotypes are four to a byte, dosages one to a uint16.
type Piece[T byte | uint16, R any] struct {
	Raw R

	variants []genomics.Variant
	rows     []T // of the variants
	skips    []skip
	end      error         // what follows: nil for the next piece, io.EOF, or why it cannot be read
	done     chan struct{} // sends when the fields above are set
}

// A skip is a variant that was passed over.
type skip struct {
	at int // number of the piece's variants before it
	Skip
}

// Add appends a variant and returns its row, of a width, which is to be filled. It is
// valid until the next call.
func (p *Piece[T, R]) Add(v genomics.Variant, width int) []T {
	n := len(p.rows)
	p.rows = slices.Grow(p.rows, width)[:n+width]
	p.variants = append(p.variants, v)
	return p.rows[n:]
}

// Drop takes back the variant added last, whose row has a width.
func (p *Piece[T, R]) Drop(width int) {
	p.rows = p.rows[:len(p.rows)-width]
	p.variants = p.variants[:len(p.variants)-1]
}

// A Skip is why a variant is passed over. The detail says, of a variant that no program
// should write, where it is and what it looks like. Else it is empty.
type Skip struct{ Reason, Detail string }

// None reports whether the variant is not passed over.
func (s Skip) None() bool { return s.Reason == "" }

// Skip counts a variant that is passed over.
func (p *Piece[T, R]) Skip(s Skip) {
	p.skips = append(p.skips, skip{len(p.variants), s})
}

func (p *Piece[T, R]) reset() {
	p.variants, p.rows, p.skips, p.end = p.variants[:0], p.rows[:0], p.skips[:0], nil
}

package genomics

import (
	"fmt"

	"genoveil/genomics/chrom"
)

// An order finds files that overlap or are not in order. A chromosome may be in several
// files that follow each other.
type order struct {
	file   string             // of the variant met last, "" before the first of a file
	chrom  string             // of the variant met last
	pos    int                // of the variant met last
	in     map[chrom.Key]bool // chromosomes of this file, false for those of files before alone
	breaks Note
}

func newOrder() order {
	return order{in: map[chrom.Key]bool{}, breaks: Note{
		Text: "places where files overlap or are not in order; variants may be twice in the cohort", Warning: true,
	}}
}

// met takes the next variant.
func (o *order) met(v *Variant, file string) {
	if o.file == "" {
		for key := range o.in {
			o.in[key] = false
		}
	}
	if o.file == "" || v.Chrom != o.chrom {
		key := chrom.Parse(v.Chrom)
		here, before := o.in[key]
		if before && !here && (key != chrom.Parse(o.chrom) || v.Pos < o.pos) {
			if o.breaks.Count++; o.breaks.Count == 1 {
				o.breaks.First = fmt.Sprintf("%s: %s:%d comes after %s:%d", file, v.Chrom, v.Pos, o.chrom, o.pos)
			}
		}
		o.in[key] = true
	}
	o.file, o.chrom, o.pos = file, v.Chrom, v.Pos
}

func (o *order) notes() []Note {
	if o.breaks.Count == 0 {
		return nil
	}
	return []Note{o.breaks}
}

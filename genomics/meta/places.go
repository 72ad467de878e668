package meta

import (
	"errors"
	"io"
)

// places has the positions of records of a VCF by what they have in common on both builds.
// A position below 0 is none.
type places map[string]int32

const (
	severalPlaces = -1
	takenPlace    = -2
)

// readPlaces reads a VCF to its end.
func readPlaces(vcf *VCF) (places, error) {
	p := places{}
	r := newSiteReader(*vcf, nil, map[string]int{})
	var v Variant
	for {
		err := r.next(&v, nil)
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return nil, err
		}
		key := v.onBothBuilds()
		if _, ok := p[key]; ok {
			p[key] = severalPlaces
		} else {
			p[key] = int32(r.pos)
		}
	}
}

// take returns the position of a variant, which is no other's then, or why it has none.
func (p places) take(v *Variant) (pos int, reason string) {
	key := v.onBothBuilds()
	switch at, ok := p[key]; {
	case !ok:
		return 0, notOnOther
	case at == severalPlaces:
		return 0, twiceThere
	case at == takenPlace:
		return 0, taken
	default:
		p[key] = takenPlace
		return int(at), ""
	}
}

// onBothBuilds is what a variant has in common with itself on another build.
func (v *Variant) onBothBuilds() string {
	return string(v.Chrom) + "\t" + v.ID + "\t" + eitherWay(v.Ref, v.Alt)
}

// eitherWay is the same for two single bases in either order and on either strand. Of
// insertions and deletions the order counts: A>AT and AT>A may be two variants of a place.
func eitherWay(ref, alt string) string {
	if len(ref) != 1 || len(alt) != 1 {
		return ref + ">" + alt
	}
	c, d := onOtherStrand(ref), onOtherStrand(alt)
	return min(ref+">"+alt, alt+">"+ref, c+">"+d, d+">"+c)
}

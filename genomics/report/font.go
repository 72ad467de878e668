package report

import (
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Heights of Liberation Sans, in parts of the size: how far text reaches above
// and below its base line, and half the height of digits.
const (
	ascent  = 0.905
	descent = 0.212
	middle  = 0.345

	lineHeight = ascent + descent
)

// sans is Liberation Sans, which has the widths of Arial and Helvetica.
var sans = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(liberationsansregular.TTF)
	if err != nil {
		panic(err) // the font is part of the program
	}
	return f
})

// textWidth returns the width of text in the given size.
func textWidth(s string, size float64) float64 {
	width := 0.0
	var b sfnt.Buffer
	for _, r := range s {
		_, w := glyph(&b, r)
		width += w
	}
	return width * size
}

// glyph returns the glyph of a character and its width in parts of the size. A
// character that the font lacks is a box, and taken to be as wide as it is high
// elsewhere, as Chinese is.
func glyph(b *sfnt.Buffer, r rune) (sfnt.GlyphIndex, float64) {
	f := sans()
	index, err := f.GlyphIndex(b, r)
	if err != nil || index == 0 {
		return 0, 1
	}
	em := fixed.Int26_6(f.UnitsPerEm())
	width, err := f.GlyphAdvance(b, index, em, font.HintingNone)
	if err != nil {
		return 0, 1
	}
	return index, float64(width) / float64(em)
}

// glyphs returns the outlines of text that starts at the origin.
func glyphs(s string, size float64) polygons {
	const steps = 6 // by which a curve is drawn
	var (
		all polygons
		b   sfnt.Buffer
		x   float64
	)
	f := sans()
	em := fixed.Int26_6(f.UnitsPerEm())
	for _, r := range s {
		index, width := glyph(&b, r)
		segments, err := f.LoadGlyph(&b, index, em, nil)
		if err != nil {
			segments = nil
		}
		at := func(p fixed.Point26_6) point {
			return point{x + float64(p.X)/float64(em)*size, -float64(p.Y) / float64(em) * size}
		}
		for _, segment := range segments {
			if segment.Op == sfnt.SegmentOpMoveTo {
				all = append(all, []point{at(segment.Args[0])})
				continue
			}
			outline := &all[len(all)-1]
			if segment.Op == sfnt.SegmentOpLineTo {
				*outline = append(*outline, at(segment.Args[0]))
				continue
			}
			// The curves of TrueType are all quadratic.
			from, control, to := (*outline)[len(*outline)-1], at(segment.Args[0]), at(segment.Args[1])
			for i := 1; i <= steps; i++ {
				t := float64(i) / steps
				a, b, c := (1-t)*(1-t), 2*t*(1-t), t*t
				*outline = append(*outline, point{a*from.x + b*control.x + c*to.x, a*from.y + b*control.y + c*to.y})
			}
		}
		x += width * size
	}
	return all
}

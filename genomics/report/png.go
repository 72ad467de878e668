package report

import (
	"image"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/vector"
)

// pngDPI makes a figure that is 960 pixels wide on a page twice as wide as
// that, for screens with small pixels and for print.
const pngDPI = 192

const pixels = pngDPI / 72.0 // of a point

// WritePNG writes the figure as a PNG image at 192 dots per inch.
func (f Figure) WritePNG(w io.Writer) error {
	picture := image.NewRGBA(image.Rect(0, 0, int(math.Round(f.width*pixels)), int(math.Round(f.height*pixels))))
	for _, s := range f.shapes {
		f.fill(picture, s)
	}
	return png.Encode(w, picture)
}

// pixel returns where a point is in the image, from the upper left corner.
func (f Figure) pixel(p point) point { return point{p.x * pixels, (f.height - p.y) * pixels} }

// fill fills a shape. Only the pixels between its outermost points are touched.
func (f Figure) fill(picture *image.RGBA, s colouredShape) {
	outlines := s.polygons()
	lowest, highest := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, outline := range outlines {
		for _, p := range outline {
			p = f.pixel(p)
			lowest = point{min(lowest.x, p.x), min(lowest.y, p.y)}
			highest = point{max(highest.x, p.x), max(highest.y, p.y)}
		}
	}
	if !(lowest.x < highest.x) {
		return
	}
	bounds := image.Rect(int(math.Floor(lowest.x)), int(math.Floor(lowest.y)), int(math.Ceil(highest.x)), int(math.Ceil(highest.y)))
	bounds = bounds.Intersect(picture.Bounds())
	pen := vector.NewRasterizer(bounds.Dx(), bounds.Dy())
	for _, outline := range outlines {
		for i, p := range outline {
			p = f.pixel(p)
			x, y := float32(p.x-float64(bounds.Min.X)), float32(p.y-float64(bounds.Min.Y))
			if i == 0 {
				pen.MoveTo(x, y)
			} else {
				pen.LineTo(x, y)
			}
		}
		pen.ClosePath()
	}
	pen.Draw(picture, bounds, image.NewUniform(s.colour.rgb), image.Point{})
}

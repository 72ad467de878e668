package report

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// dots are the dots of one colour on a canvas: exact ones, and thinned ones.
type dots struct {
	cells *raster
	exact []vg.Point
}

// draw fills the dots as one path, in which a vertical run of cells is a bar
// with round ends.
func (d *dots) draw(c draw.Canvas, colour color.Color) {
	var path vg.Path
	d.cells.runs(func(low, high vg.Point) { addBar(&path, low, high) })
	for _, p := range d.exact {
		addBar(&path, p, p)
	}
	if len(path) == 0 {
		return
	}
	c.SetColor(colour)
	c.Fill(path)
}

// addBar adds the outline of a bar with round ends, which is a circle where the
// ends are the same. All bars turn the same way, so that the overlap of two is
// filled by both SVG's and the PNG renderer's winding rule.
func addBar(path *vg.Path, low, high vg.Point) {
	path.Move(vg.Point{X: low.X - dotRadius, Y: low.Y})
	path.Arc(low, dotRadius, math.Pi, math.Pi)
	path.Arc(high, dotRadius, 0, math.Pi)
	path.Close()
}

// exactLevel returns the −log10 p from which on results are drawn exactly:
// the suggestive line, or what at most exactDots results reach.
func (s *Scan) exactLevel() float32 {
	ranks := s.ranks()
	if len(ranks) <= exactDots {
		return suggestive
	}
	return max(suggestive, math.Nextafter32(ranks[len(ranks)-exactDots-1], float32(math.Inf(1))))
}

func newDots(c draw.Canvas) *dots { return &dots{cells: newRaster(c.Rectangle)} }

// centres returns the centres of the marked cells that have no marked one above
// them, which are all where dots were marked at one height.
func (d *dots) centres() []vg.Point {
	var centres []vg.Point
	d.cells.runs(func(_, high vg.Point) { centres = append(centres, high) })
	return centres
}

// drawTriangles draws the centres as triangles that point upwards.
func (d *dots) drawTriangles(c draw.Canvas, colour color.Color) {
	const half = 2 * dotRadius
	var path vg.Path
	for _, at := range d.centres() {
		path.Move(vg.Point{X: at.X - half, Y: at.Y - half})
		path.Line(vg.Point{X: at.X + half, Y: at.Y - half})
		path.Line(vg.Point{X: at.X, Y: at.Y + half})
		path.Close()
	}
	if len(path) > 0 {
		c.SetColor(colour)
		c.Fill(path)
	}
}

package report

import "math"

// dots are the dots of one colour inside the axes: exact ones, and thinned ones.
type dots struct {
	cells *raster
	exact []point
}

func newDots(f *Figure) *dots { return &dots{cells: newRaster(f.area)} }

// draw draws the dots as one shape, in which a vertical run of cells is a bar.
func (d *dots) draw(f *Figure, c colour) {
	var all bars
	d.cells.runs(func(low, high point) { all = append(all, [2]point{low, high}) })
	for _, p := range d.exact {
		all = append(all, [2]point{p, p})
	}
	if len(all) > 0 {
		f.add(c, all)
	}
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

// centres returns the centres of the marked cells that have no marked one above
// them, which are all where dots were marked at one height.
func (d *dots) centres() []point {
	var centres []point
	d.cells.runs(func(_, high point) { centres = append(centres, high) })
	return centres
}

// drawTriangles draws the centres as triangles that point upwards.
func (d *dots) drawTriangles(f *Figure, c colour) {
	const half = 2 * dotRadius
	var all polygons
	for _, at := range d.centres() {
		all = append(all, []point{{at.x - half, at.y - half}, {at.x + half, at.y - half}, {at.x, at.y + half}})
	}
	if len(all) > 0 {
		f.add(c, all)
	}
}

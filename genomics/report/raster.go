package report

import (
	"math"
	"math/bits"
)

const (
	dotRadius = 1.15 // points

	// cellSize is the side of a raster cell, one CSS pixel. A dot moves by at
	// most half a cell each way when it is drawn at the centre of its cell,
	// which is less than its radius.
	cellSize = 0.75

	// exactDots is how many of the strongest results are drawn at their exact
	// place. Beyond them a study with so many hits is rastered too, or its SVG
	// would grow by 20 bytes a hit.
	exactDots = 10_000
)

// A raster marks the cells of an area in which there is at least one dot. It
// replaces any number of dots by no more than there are pixels.
type raster struct {
	origin point
	cols   int
	rows   int
	stride int // words of a column
	words  []uint64
}

// newRaster covers the rectangle, borders included.
func newRaster(area rectangle) *raster {
	r := &raster{
		origin: area.min,
		cols:   int((area.max.x-area.min.x)/cellSize) + 1,
		rows:   int((area.max.y-area.min.y)/cellSize) + 1,
	}
	r.stride = (r.rows + 63) / 64
	r.words = make([]uint64, r.cols*r.stride)
	return r
}

// mark marks the cell of a dot. One outside the raster is moved to its border.
func (r *raster) mark(p point) {
	col := min(max(int((p.x-r.origin.x)/cellSize), 0), r.cols-1)
	row := min(max(int((p.y-r.origin.y)/cellSize), 0), r.rows-1)
	r.words[col*r.stride+row/64] |= 1 << (row % 64)
}

// runs yields the vertical runs of marked cells by the centres of their lowest
// and highest cell, column by column from the left and upwards.
func (r *raster) runs(yield func(low, high point)) {
	for col := range r.cols {
		column := r.words[col*r.stride : (col+1)*r.stride]
		for row := next(column, 0, 0); row < r.rows; {
			end := min(next(column, row, math.MaxUint64), r.rows)
			yield(r.centre(col, row), r.centre(col, end-1))
			row = next(column, end, 0)
		}
	}
}

// next returns the first row from start on whose bit differs from those of
// same, which is all zeros or all ones, or a number past the last row.
func next(column []uint64, start int, same uint64) int {
	for i := start / 64; i < len(column); i++ {
		word := column[i] ^ same
		if i == start/64 {
			word &= math.MaxUint64 << (start % 64)
		}
		if word != 0 {
			return i*64 + bits.TrailingZeros64(word)
		}
	}
	return len(column) * 64
}

func (r *raster) centre(col, row int) point {
	return point{r.origin.x + (float64(col)+0.5)*cellSize, r.origin.y + (float64(row)+0.5)*cellSize}
}

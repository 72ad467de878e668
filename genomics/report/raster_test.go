package report

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// runsOneByOne finds the runs by looking at each cell.
func runsOneByOne(r *raster) [][2]point {
	var runs [][2]point
	marked := func(col, row int) bool {
		return row >= 0 && row < r.rows && r.words[col*r.stride+row/64]>>(row%64)&1 == 1
	}
	for col := range r.cols {
		for row := range r.rows {
			if marked(col, row) && !marked(col, row-1) {
				runs = append(runs, [2]point{r.centre(col, row)})
			}
			if marked(col, row) && !marked(col, row+1) {
				runs[len(runs)-1][1] = r.centre(col, row)
			}
		}
	}
	return runs
}

func TestRasterRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		height := rapid.Float64Range(0, 150).Draw(t, "height")
		r := newRaster(rectangle{point{3, 7}, point{6, 7 + height}})
		for _, u := range rapid.SliceOfN(rapid.Float64Range(-0.1, 1.1), 0, 300).Draw(t, "dots") {
			r.mark(point{3 + 3*(u*7-float64(int(u*7))), 7 + height*u})
		}
		var got [][2]point
		r.runs(func(low, high point) { got = append(got, [2]point{low, high}) })
		if want := runsOneByOne(r); !slices.Equal(got, want) {
			t.Fatalf("runs %v\nwant %v", got, want)
		}
	})
}

func TestLabelsKeepApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		area := rectangle{point{0, 0}, point{200, 200}}
		l := labeller{figure: &Figure{width: 200, height: 200, area: area}}
		coordinate := rapid.Float64Range(0, 200)
		for range 40 {
			at := point{coordinate.Draw(t, "x"), coordinate.Draw(t, "y")}
			l.dots = append(l.dots, at)
			l.add(at, "rs123456")
		}
		for i, a := range l.taken {
			if a.min.y < area.min.y || a.max.y > area.max.y || a.min.x < area.min.x-3 || a.max.x > area.max.x+3 {
				t.Fatalf("label at %v leaves the area", a)
			}
			for _, b := range l.taken[:i] {
				if overlap(rectangle{point{a.min.x + 3, a.min.y}, point{a.max.x - 3, a.max.y}}, b) {
					t.Fatalf("labels at %v and %v overlap", a, b)
				}
			}
		}
		if len(l.taken) == 0 {
			t.Fatal("no label found a place in an empty area")
		}
	})
}

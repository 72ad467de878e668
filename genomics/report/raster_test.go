package report

import (
	"slices"
	"testing"

	"gonum.org/v1/plot/vg"
	"pgregory.net/rapid"
)

// runsOneByOne finds the runs by looking at each cell.
func runsOneByOne(r *raster) [][2]vg.Point {
	var runs [][2]vg.Point
	marked := func(col, row int) bool {
		return row >= 0 && row < r.rows && r.words[col*r.stride+row/64]>>(row%64)&1 == 1
	}
	for col := range r.cols {
		for row := range r.rows {
			if marked(col, row) && !marked(col, row-1) {
				runs = append(runs, [2]vg.Point{r.centre(col, row)})
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
		height := vg.Length(rapid.Float64Range(0, 150).Draw(t, "height"))
		r := newRaster(vg.Rectangle{Min: vg.Point{X: 3, Y: 7}, Max: vg.Point{X: 6, Y: 7 + height}})
		for _, u := range rapid.SliceOfN(rapid.Float64Range(-0.1, 1.1), 0, 300).Draw(t, "dots") {
			r.mark(vg.Point{X: 3 + 3*vg.Length(u*7-float64(int(u*7))), Y: 7 + height*vg.Length(u)})
		}
		var got [][2]vg.Point
		r.runs(func(low, high vg.Point) { got = append(got, [2]vg.Point{low, high}) })
		if want := runsOneByOne(r); !slices.Equal(got, want) {
			t.Fatalf("runs %v\nwant %v", got, want)
		}
	})
}

func TestLabelsKeepApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPlot("")
		canvas := testCanvas()
		l := labeller{canvas: canvas, style: note(p, ink, 0, 0)}
		coordinate := rapid.Float64Range(0, 200)
		for range 40 {
			at := vg.Point{X: vg.Length(coordinate.Draw(t, "x")), Y: vg.Length(coordinate.Draw(t, "y"))}
			l.dots = append(l.dots, at)
			l.add(at, "rs123456")
		}
		for i, a := range l.taken {
			if a.Min.Y < canvas.Min.Y || a.Max.Y > canvas.Max.Y || a.Min.X < canvas.Min.X-3 || a.Max.X > canvas.Max.X+3 {
				t.Fatalf("label at %v leaves the canvas", a)
			}
			for _, b := range l.taken[:i] {
				if overlap(vg.Rectangle{Min: a.Min.Add(vg.Point{X: 3}), Max: a.Max.Sub(vg.Point{X: 3})}, b) {
					t.Fatalf("labels at %v and %v overlap", a, b)
				}
			}
		}
		if len(l.taken) == 0 {
			t.Fatal("no label found a place on an empty canvas")
		}
	})
}

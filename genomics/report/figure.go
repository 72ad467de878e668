package report

import (
	"bytes"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The colours of the figures. The page replaces them by its own (see
// themeColours), so each has one meaning only.
var (
	paper    = color.NRGBA{R: 255, G: 255, B: 255, A: 255}
	ink      = color.NRGBA{R: 34, G: 34, B: 34, A: 255}
	muted    = color.NRGBA{R: 119, G: 119, B: 119, A: 255}
	band     = color.NRGBA{R: 221, G: 227, B: 234, A: 255}
	oddDots  = color.NRGBA{R: 31, G: 78, B: 121, A: 255}
	evenDots = color.NRGBA{R: 111, G: 157, B: 199, A: 255}
	hitDots  = color.NRGBA{R: 197, G: 66, B: 43, A: 255}
)

// pngDPI makes a figure that is 960 pixels wide on a page twice as wide as
// that, for screens with small pixels and for print.
const pngDPI = 192

// margin is left free around a figure, in points.
const margin = vg.Length(6)

// A Figure is a finished plot.
type Figure struct {
	plot          *plot.Plot
	width, height vg.Length
}

// WritePNG writes the figure as a PNG image at 192 dots per inch.
func (f Figure) WritePNG(w io.Writer) error {
	canvas := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(f.width, f.height), vgimg.UseDPI(pngDPI))}
	f.draw(draw.New(canvas))
	_, err := canvas.WriteTo(w)
	return err
}

// WriteSVG writes the figure as an SVG file. Its text is text, in Liberation
// Sans where that is installed and in a font of the same widths elsewhere.
func (f Figure) WriteSVG(w io.Writer) error {
	canvas := vgsvg.New(f.width, f.height)
	f.draw(draw.New(canvas))
	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return err
	}
	_, err := w.Write(bytes.ReplaceAll(svg.Bytes(),
		[]byte("font-family:Liberation Sans"),
		[]byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif")))
	return err
}

// draw draws the figure with a margin, because the last tick's label and round
// ends of dots reach over the axes.
func (f Figure) draw(c draw.Canvas) {
	c.SetColor(paper)
	c.Fill(c.Path())
	f.plot.Draw(draw.Crop(c, margin, -margin, margin, -margin))
}

// newPlot returns an empty plot in the style of this package.
func newPlot(xLabel string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.X.Label.Text, p.Y.Label.Text = xLabel, "−log10 p"
	p.X.Label.Padding, p.Y.Label.Padding = 2, 4
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color = muted
		axis.Tick.Color = muted
		axis.Padding = 0
		axis.Tick.Length = 3
		axis.Label.TextStyle.Font = sans(9)
		axis.Label.TextStyle.Color = ink
		axis.Tick.Label.Font = sans(8)
		axis.Tick.Label.Color = ink
	}
	return p
}

func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// note returns the style of text inside a plot.
func note(p *plot.Plot, colour color.Color, x text.XAlignment, y text.YAlignment) text.Style {
	return text.Style{Color: colour, Font: sans(8), XAlign: x, YAlign: y, Handler: p.TextHandler}
}

// plotFunc is a plot.Plotter that is only a function.
type plotFunc func(draw.Canvas, *plot.Plot)

func (f plotFunc) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }

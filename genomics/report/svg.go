package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
)

// WriteSVG writes the figure as an SVG file. Its text is text, in Liberation
// Sans where that is installed and in a font of the same widths elsewhere.
func (f Figure) WriteSVG(w io.Writer) error {
	file := f.svg(func(c colour) string { return fmt.Sprintf("#%02X%02X%02X", c.rgb.R, c.rgb.G, c.rgb.B) })
	_, err := fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n%s", file)
	return err
}

// inline returns the figure as an element of an HTML page. Its colours are the
// page's variables, so that one drawing serves the light and the dark page.
func (f Figure) inline() template.HTML {
	return template.HTML(f.svg(func(c colour) string { return "var(--" + c.name + ")" }))
}

func (f Figure) svg(paint func(colour) string) []byte {
	s := &svg{height: f.height}
	fmt.Fprintf(s, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%spt\" height=\"%spt\" viewBox=\"0 0 %s %s\""+
		" font-family=\"Liberation Sans,Arial,Helvetica,sans-serif\">\n", short(f.width), short(f.height), short(f.width), short(f.height))
	for _, shape := range f.shapes {
		s.paint = paint(shape.colour)
		shape.svg(s)
	}
	s.WriteString("</svg>\n")
	return s.Bytes()
}

// svg is an SVG element that is being written.
type svg struct {
	bytes.Buffer
	height float64
	paint  string // the colour of what comes next
}

// place writes a point as SVG has it, from the upper left corner.
func (s *svg) place(p point) { s.WriteString(short(p.x) + "," + short(s.height-p.y)) }

// short prints a length with at most two decimals.
func short(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }

func (p polygons) svg(s *svg) {
	s.WriteString(`<path d="`)
	for _, outline := range p {
		for i, at := range outline {
			s.WriteString([]string{"M", "L"}[min(i, 1)])
			s.place(at)
		}
		s.WriteString("Z")
	}
	fmt.Fprintf(s, "\" style=\"fill:%s\"/>\n", s.paint)
}

func (l line) svg(s *svg) {
	s.WriteString(`<path d="M`)
	s.place(l.from)
	s.WriteString("L")
	s.place(l.to)
	fmt.Fprintf(s, "\" style=\"fill:none;stroke:%s;stroke-width:%s", s.paint, short(l.width))
	if l.dashed {
		fmt.Fprintf(s, ";stroke-dasharray:%d", dash)
	}
	s.WriteString("\"/>\n")
}

// svg writes a dot as a line of 0.01 points, because some programs draw none
// where the length is 0.
func (b bars) svg(s *svg) {
	s.WriteString(`<path d="`)
	for _, bar := range b {
		s.WriteString("M")
		s.place(bar[0])
		s.WriteString("v" + short(min(bar[0].y-bar[1].y, -0.01)))
	}
	fmt.Fprintf(s, "\" style=\"fill:none;stroke:%s;stroke-width:%s;stroke-linecap:round\"/>\n", s.paint, short(2*dotRadius))
}

func (c caption) svg(s *svg) {
	x, y := short(c.at.x), short(s.height-c.at.y)
	fmt.Fprintf(s, `<text x="%s" y="%s" font-size="%s" text-anchor="%s"`, x, y, short(c.size), c.align)
	if c.upright {
		fmt.Fprintf(s, ` transform="rotate(-90 %s %s)"`, x, y)
	}
	fmt.Fprintf(s, ` style="fill:%s">`, s.paint)
	xml.EscapeText(s, []byte(c.text)) // a buffer takes all
	s.WriteString("</text>\n")
}

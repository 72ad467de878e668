package tasks

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"
)

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// WritePage writes a page about tasks that is complete in itself: what they took in
// all, and each of them.
func WritePage(w io.Writer, title string, records []*Record) error {
	type row struct {
		*Record
		Took, CoreTime, PerGenotype, Memory string
		Share                               float64 // of the longest, in per cent
	}
	view := struct {
		Title                             string
		Wall, CoreHours, PerGenotype, Top string
		Rows                              []row
	}{Title: title}
	var core, longest float64
	var genotypes, memory int64
	var first, last time.Time
	for i, r := range records {
		core, genotypes = core+r.CoreSeconds, genotypes+r.Genotypes
		longest, memory = max(longest, r.Seconds), max(memory, r.PeakMemory)
		end := r.Start.Add(time.Duration(r.Seconds * float64(time.Second)))
		if i == 0 || r.Start.Before(first) {
			first = r.Start
		}
		if i == 0 || end.After(last) {
			last = end
		}
	}
	for _, r := range records {
		view.Rows = append(view.Rows, row{r, seconds(r.Seconds), seconds(r.CoreSeconds), nanoseconds(r.CoreNS()), gigabytes(r.PeakMemory), 100 * r.Seconds / max(longest, 1e-9)})
	}
	all := Record{CoreSeconds: core, Genotypes: genotypes}
	view.Wall, view.CoreHours, view.PerGenotype, view.Top = seconds(last.Sub(first).Seconds()), fmt.Sprintf("%.3g", core/3600), nanoseconds(all.CoreNS()), gigabytes(memory)
	return pageTemplate.Execute(w, view)
}

func seconds(s float64) string {
	if s < 60 {
		return fmt.Sprintf("%.1f s", s)
	}
	return time.Duration(s * float64(time.Second)).Round(time.Second).String()
}

func nanoseconds(ns float64) string {
	if ns == 0 {
		return "–"
	}
	if ns >= 1000 {
		return fmt.Sprintf("%.0f ns", ns)
	}
	return fmt.Sprintf("%.3g ns", ns)
}

func gigabytes(n int64) string { return fmt.Sprintf("%.3g GB", float64(n)*1e-9) }

//go:build cuda

package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"genoveil/gpu"
)

// A result is everything that was measured on one card.
type result struct {
	Device          gpu.Info `json:"device"`
	Date            string   `json:"date"`
	Quick           bool     `json:"quick,omitempty"`            // tiny sizes
	CopyBytes       float64  `json:"copy_bytes_per_second"`      // read and written
	Multiplications float64  `json:"multiplications_per_second"` // 32 by 32 bits, added to 64
	Upload          float64  `json:"upload_bytes_per_second"`    // from page-locked memory
	Rows            []row    `json:"rows"`
}

// A row is one measurement.
type row struct {
	Name            string  `json:"name"`
	Size            string  `json:"size"`
	Count           float64 `json:"count"` // of units a call
	Unit            string  `json:"unit"`
	Bytes           float64 `json:"bytes,omitempty"`           // that a call cannot but move
	Multiplications float64 `json:"multiplications,omitempty"` // that it cannot but do; one of which only a half is kept counts half
	Seconds         float64 `json:"seconds"`
	Rate            float64 `json:"units_per_second"`
	MemoryFloor     float64 `json:"share_of_memory_floor,omitempty"`
	IntegerFloor    float64 `json:"share_of_integer_floor,omitempty"`
	TransferFloor   float64 `json:"share_of_transfer_floor,omitempty"`
	Target          *target `json:"target,omitempty"`
	Met             *bool   `json:"met,omitempty"`
}

// A target is what a row should reach.
type target struct {
	Memory  float64 `json:"share_of_memory_floor,omitempty"`
	Integer float64 `json:"share_of_integer_floor,omitempty"`
	Rate    float64 `json:"units_per_second,omitempty"`
}

func (t *target) String() string {
	var parts []string
	if t != nil && t.Memory > 0 {
		parts = append(parts, fmt.Sprintf("≥ %.0f %% of memory", 100*t.Memory))
	}
	if t != nil && t.Integer > 0 {
		parts = append(parts, fmt.Sprintf("≥ %.0f %% of integer", 100*t.Integer))
	}
	if t != nil && t.Rate > 0 {
		parts = append(parts, "≥ "+short(t.Rate)+"/s")
	}
	return strings.Join(parts, ", ")
}

// add holds a measurement against the floors and its target, unless sizes are tiny.
func (r *result) add(work row, seconds float64) {
	work.Seconds, work.Rate = seconds, work.Count/seconds
	if r.Quick {
		r.Rows = append(r.Rows, work)
		return
	}
	if r.CopyBytes > 0 {
		work.MemoryFloor = work.Bytes / r.CopyBytes / seconds
	}
	if r.Multiplications > 0 {
		work.IntegerFloor = work.Multiplications / r.Multiplications / seconds
	}
	if t := work.Target; t != nil {
		met := work.MemoryFloor >= t.Memory && work.IntegerFloor >= t.Integer && work.Rate >= t.Rate
		work.Met = &met
	}
	r.Rows = append(r.Rows, work)
}

func (r *result) print(w io.Writer) {
	d := r.Device
	fmt.Fprintf(w, "%s, compute capability %d.%d, %d multiprocessors, %.0f GB; %s\n", d.Name, d.Major, d.Minor, d.Processors, float64(d.Memory)/1e9, r.Date)
	if r.Quick {
		fmt.Fprintln(w, "A quick run: tiny sizes, whose times say nothing.")
	}
	fmt.Fprintf(w, "floors: copy %sB/s, multiplications %s/s, upload %sB/s\n\n", short(r.CopyBytes), short(r.Multiplications), short(r.Upload))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "what\tsize\ttime\trate\tmemory\tinteger\tupload\ttarget\tmet")
	for _, row := range r.Rows {
		met := ""
		if row.Met != nil {
			met = map[bool]string{true: "yes", false: "no"}[*row.Met]
		}
		fmt.Fprintf(t, "%s\t%s\t%ss\t%s/s\t%s\t%s\t%s\t%s\t%s\n", row.Name, row.Size, short(row.Seconds), short(row.Rate)+unit(row.Unit),
			share(row.MemoryFloor), share(row.IntegerFloor), share(row.TransferFloor), row.Target, met)
	}
	t.Flush()
}

// unit is a unit after a prefix of short.
func unit(name string) string {
	if len(name) == 1 {
		return name
	}
	return " " + name
}

// share is a share of a floor in per cent, or a dash where there is none.
func share(x float64) string {
	if x == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*x)
}

// short writes a number with three digits and an SI prefix.
func short(x float64) string {
	const prefixes = "nµm kMGTP"
	at, p := 3, []rune(prefixes)
	for x >= 999.5 && at < len(p)-1 {
		x, at = x/1000, at+1
	}
	for x > 0 && x < 0.9995 && at > 0 {
		x, at = x*1000, at-1
	}
	if at == 3 {
		return fmt.Sprintf("%.3g", x)
	}
	return fmt.Sprintf("%.3g %c", x, p[at])
}

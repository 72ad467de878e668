package main

import (
	"encoding/json"
	"os"

	"genoveil/benchmarks/internal/process"
)

// A result is everything that is reported.
type result struct {
	Machine machine   `json:"machine"`
	Options options   `json:"options"`
	Steps   []figures `json:"steps"`
	Ratios  []ratio   `json:"ratios"`

	// Identical says that the χ² table equalled PLINK 1.9's in every repetition;
	// it is false where PLINK 1.9 is not installed.
	Identical bool `json:"identical_to_plink1"`
}

// figures are the medians of a step. Those that a step does not have are 0.
type figures struct {
	Name    string `json:"name"`
	Threads int    `json:"threads,omitempty"`

	AllIn float64 `json:"core_ns_per_genotype,omitempty"`
	Slope float64 `json:"core_ns_per_genotype_slope,omitempty"`

	// A product is a genotype in one plane, and in an evaluation with one column.
	Products float64 `json:"products_per_genotype,omitempty"`
	Product  float64 `json:"core_ns_per_product_slope,omitempty"`

	Fixed    float64 `json:"fixed_core_s,omitempty"` // of the process, whatever the number of variants
	Columns  int     `json:"columns,omitempty"`
	Expanded float64 `json:"fixed_core_us_per_sample_and_column,omitempty"`

	Wall  float64 `json:"wall_s,omitempty"`
	Cores float64 `json:"cores_busy,omitempty"`
	Peak  float64 `json:"peak_bytes,omitempty"`
	Bytes float64 `json:"bytes_per_genotype,omitempty"`

	WholeRuns []process.Usage `json:"runs,omitempty"`
	HalfRuns  []process.Usage `json:"runs_on_half_the_variants,omitempty"`
}

// A ratio compares two steps, ours/theirs or few threads/many.
type ratio struct {
	Name  string  `json:"name"`
	AllIn float64 `json:"ratio"`
	Slope float64 `json:"ratio_of_slopes,omitempty"`
}

func (s *step) figures(samples int) figures {
	f := figures{Name: s.Name, Threads: s.Threads, Products: s.Products, Columns: s.Columns, WholeRuns: s.Whole, HalfRuns: s.Half}
	if len(s.Whole) == 0 {
		return f
	}
	f.AllIn, f.Wall, f.Cores, f.Peak = s.allIn(), s.wall(), s.cores(), s.peak()
	f.Bytes = float64(s.Bytes) / float64(s.Genotypes)
	if len(s.Half) == 0 {
		return f
	}
	f.Slope, f.Fixed = process.Median(s.slopes()), s.fixed()/1e9
	if s.Products > 0 {
		f.Product = f.Slope / s.Products
	}
	if s.Columns > 0 {
		f.Expanded = s.fixed() / 1e3 / float64(samples*s.Columns)
	}
	return f
}

// result computes medians and ratios.
func (b *bench) result() (*result, error) {
	m, err := b.machine()
	if err != nil {
		return nil, err
	}
	r := &result{Machine: m, Options: b.options, Identical: b.plink1.path != ""}
	for _, s := range b.steps {
		r.Steps = append(r.Steps, s.figures(b.Samples))
	}
	for _, pair := range [][2]string{{chi2Run, plinkAssoc}, {logisticRun, plinkGLM}} {
		ours, theirs := b.step(pair[0], b.Threads), b.step(pair[1], b.Threads)
		if len(theirs.Whole) == 0 {
			continue
		}
		r.Ratios = append(r.Ratios, ratio{
			Name:  "core time, " + pair[0] + " / " + pair[1],
			AllIn: process.Median(process.Quotients(each(ours.Whole, cpu), each(theirs.Whole, cpu))),
			Slope: process.Median(process.Quotients(ours.slopes(), theirs.slopes())),
		})
	}
	for _, name := range []string{encryptBED, chi2Run, logisticRun} {
		for _, threads := range b.threads()[1:] {
			few, many := b.step(name, b.Threads), b.step(name, threads)
			r.Ratios = append(r.Ratios, ratio{
				Name:  "wall time, " + name + ", half the threads / all",
				AllIn: process.Median(process.Quotients(each(few.Whole, wall), each(many.Whole, wall))),
			})
		}
	}
	return r, nil
}

func cpu(u process.Usage) float64  { return float64(u.CPU) }
func wall(u process.Usage) float64 { return float64(u.Wall) }

func (r *result) writeJSON(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

package main

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// print writes the result as a table.
func (r *result) print(w io.Writer) error {
	var out bytes.Buffer
	o, m := r.Options, r.Machine
	fmt.Fprintf(&out, "%d samples × %d variants, %d covariates; medians of %d\n", o.Samples, o.Variants, o.Covariates, o.Repeat)
	fmt.Fprintf(&out, "%s, %d cores; genoveil with %s, %s\n\n", m.CPU, m.Cores, m.Vectors, m.Go)

	fmt.Fprintf(&out, "%-26s %7s %8s %8s %8s %8s %7s %6s %6s %9s\n", "", "", "core-ns", "core-ns", "products", "core-ns", "wall", "cores", "peak", "bytes")
	fmt.Fprintf(&out, "%-26s %7s %8s %8s %8s %8s %7s %6s %6s %9s\n", "step", "threads", "all in", "slope", "", "product", "s", "busy", "MB", "genotype")
	for _, f := range r.Steps {
		threads := ""
		if f.Threads > 0 {
			threads = strconv.Itoa(f.Threads)
		}
		if f.Wall == 0 {
			fmt.Fprintf(&out, "%-26s %7s not installed\n", f.Name, threads)
			continue
		}
		fmt.Fprintf(&out, "%-26s %7s %8.2f %8s %8s %8s %7.2f %6.2f %6.0f %9s\n", f.Name, threads, f.AllIn,
			figure(2, f.Slope), figure(1, f.Products), figure(3, f.Product), f.Wall, f.Cores, f.Peak/1e6, figure(3, f.Bytes))
	}
	out.WriteString(`
Core-ns a genotype (sample × variant): all in, the process divided by the genotypes; slope, of the
second half of the variants. Product: the slope for one plane, and in run for one plane and column.

`)
	for _, f := range r.Steps {
		if f.Expanded > 0 {
			fmt.Fprintf(&out, "%s: %.2f core-s whatever the variants, %.0f core-µs a sample and column (%d columns)\n", f.Name, f.Fixed, f.Expanded, f.Columns)
		}
	}
	out.WriteByte('\n')
	for _, x := range r.Ratios {
		fmt.Fprintf(&out, "%-70s %6.2f", x.Name, x.AllIn)
		if x.Slope != 0 {
			fmt.Fprintf(&out, "   slopes %6.2f", x.Slope)
		}
		out.WriteByte('\n')
	}
	if r.Identical {
		out.WriteString("The decrypted χ² table equals PLINK 1.9's, byte for byte.\n")
	} else {
		out.WriteString("PLINK 1.9 is not installed: the χ² table was not compared with its.\n")
	}
	_, err := w.Write(out.Bytes())
	return err
}

// figure formats a figure, or nothing where there is none.
func figure(decimals int, x float64) string {
	if x == 0 {
		return ""
	}
	return strconv.FormatFloat(x, 'f', decimals, 64)
}

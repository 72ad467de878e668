package main

import (
	"fmt"

	"genoveil/benchmarks/internal/process"
)

// print writes medians a genotype, and ratios.
func (b *bench) print(samples int, threads []int, repeat int) {
	fmt.Printf("%d samples × %d variants; medians of %d; ns a genotype\n", samples, b.formats[0].rows.Variants, repeat)
	for _, n := range threads {
		fmt.Printf("\n%-27s %8s  %24s  %24s\n", fmt.Sprintf("threads: %d", n), "bytes", "core-ns", "wall-ns")
		fmt.Printf("%-27s %8s  %8s %8s %6s  %8s %8s %6s\n", "format", "genotype", "genoveil", "PLINK 2", "ratio", "genoveil", "PLINK 2", "ratio")
		for _, f := range b.formats {
			fmt.Printf("%-27s %8.3f", f.name, float64(f.bytes)/b.genotypes)
			for _, of := range []func(process.Usage) float64{
				func(u process.Usage) float64 { return float64(u.CPU) },
				func(u process.Usage) float64 { return float64(u.Wall) },
			} {
				ours, theirs := b.each(f.ours[n], of), b.each(f.theirs[n], of)
				fmt.Printf("  %8.2f %8.2f %6.2f", process.Median(ours), process.Median(theirs), process.Median(process.Quotients(ours, theirs)))
			}
			fmt.Println()
		}
	}
	fmt.Println("\nThe rows are the same in all formats; dosages of 8 bits are within 1/255 on average.")
}

func (b *bench) each(runs []process.Usage, of func(process.Usage) float64) []float64 {
	var all []float64
	for _, u := range runs {
		all = append(all, of(u)/b.genotypes)
	}
	return all
}

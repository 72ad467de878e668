package main

import "genoveil/benchmarks/internal/process"

// A step is one command, and what it took in each repetition: on all variants
// and, where fixed cost is to be told from the cost of a genotype, on the first
// half of them.
type step struct {
	Name    string
	Threads int

	Genotypes int64   // samples × all variants
	Products  float64 // a genotype: planes, or pairs of plane and column; 0 where there are none
	Columns   int     // that are expanded; 0 where none are
	Bytes     int64   // written for all variants

	Whole, Half []process.Usage
}

// allIn is the core-ns a genotype of the whole process.
func (s *step) allIn() float64 {
	return process.Median(each(s.Whole, func(u process.Usage) float64 { return float64(u.CPU) / float64(s.Genotypes) }))
}

// slopes are the core-ns of one more genotype, in each repetition.
func (s *step) slopes() []float64 {
	slopes := make([]float64, len(s.Half))
	for i, half := range s.Half {
		slopes[i] = float64(s.Whole[i].CPU-half.CPU) / (float64(s.Genotypes) / 2)
	}
	return slopes
}

// fixed is the core-ns that do not depend on the number of variants.
func (s *step) fixed() float64 {
	fixed := make([]float64, len(s.Half))
	for i, half := range s.Half {
		fixed[i] = float64(2*half.CPU - s.Whole[i].CPU)
	}
	return process.Median(fixed)
}

func (s *step) wall() float64 {
	return process.Median(each(s.Whole, func(u process.Usage) float64 { return u.Wall.Seconds() }))
}

// cores is how many processors were busy on average.
func (s *step) cores() float64 {
	return process.Median(each(s.Whole, func(u process.Usage) float64 { return float64(u.CPU) / float64(u.Wall) }))
}

func (s *step) peak() float64 {
	return process.Median(each(s.Whole, func(u process.Usage) float64 { return float64(u.Peak) }))
}

func each(runs []process.Usage, of func(process.Usage) float64) []float64 {
	values := make([]float64, len(runs))
	for i, u := range runs {
		values[i] = of(u)
	}
	return values
}

package meta

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// CardTable is a table of cards as text, with a heading, one column for each name and a
// first column that says what the others are. Reasons for which rows were left out are its
// last rows.
func CardTable(names []string, cards []Card) [][]string {
	table := [][]string{append([]string{""}, names...)}
	add := func(what string, value func(c *Card) string) {
		row := []string{what}
		for i := range cards {
			row = append(row, value(&cards[i]))
		}
		table = append(table, row)
	}
	count := func(what string, n func(c *Card) int) {
		add(what, func(c *Card) string { return strconv.Itoa(n(c)) })
	}
	number := func(what string, x func(c *Card) float64) {
		add(what, func(c *Card) string { return string(appendNumber(nil, x(c), 'g', 4)) })
	}
	add("Program", func(c *Card) string { return c.Program })
	add("Build", func(c *Card) string { return c.Build.String() })
	count("N", func(c *Card) int { return c.N })
	count("N, median", func(c *Card) int { return c.MedianN })
	count("Cases", func(c *Card) int { return c.Cases })
	for b := range frequencyBins {
		number("λ, MAF "+binName(b), func(c *Card) float64 { return c.Lambda[b] })
	}
	number("P–Z slope", func(c *Card) float64 { return c.PZ })
	number("SE–N", func(c *Card) float64 { return c.SEN })
	number("SE–N, expected", func(c *Card) float64 { return c.SENExpected })
	number("SE on X ÷ on autosomes", func(c *Card) float64 { return c.XRatio })
	for i, q := range infoQuantiles {
		number(fmt.Sprintf("INFO, %g %%", 100*q), func(c *Card) float64 { return c.Info[i] })
	}
	number("AF, correlation with the list", func(c *Card) float64 { return c.AFCorrelation })
	for i := range (Card{}).AFDifference {
		if slices.ContainsFunc(cards, func(c Card) bool { return c.AFDifference[i] > 0 }) {
			what := fmt.Sprintf("AF %.2f to %.2f from the list's", float64(i)*afStep, float64(i+1)*afStep)
			number(what, func(c *Card) float64 { return c.AFDifference[i] })
		}
	}
	count("Rows", func(c *Card) int { return c.Rows })
	count("Rows found", func(c *Card) int { return c.Found })
	count("Swapped", func(c *Card) int { return c.Swapped })
	count("On the other strand", func(c *Card) int { return c.Complemented })
	count("Strand by frequency", func(c *Card) int { return c.ByFrequency })
	reasons := map[string]bool{}
	for i := range cards {
		for reason := range cards[i].Skipped {
			reasons[reason] = true
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		count("Left out: "+reason, func(c *Card) int { return c.Skipped[reason] })
	}
	return table
}

// binName says which frequencies are in a bin.
func binName(b int) string {
	switch {
	case b == 0:
		return fmt.Sprintf("below %g", frequencyBins[0])
	case b == len(frequencyBins)-1:
		return fmt.Sprintf("from %g", frequencyBins[b-1])
	}
	return fmt.Sprintf("%g to %g", frequencyBins[b-1], frequencyBins[b])
}

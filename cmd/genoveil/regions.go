package main

import "strings"

// splitRegions cuts lists of regions at their commas, but not at those in numbers such as
// 1:1,000-2,000, which have three digits behind them and a position before.
func splitRegions(lists []string) (regions []string) {
	for _, list := range lists {
		var last string
		for i, piece := range strings.Split(list, ",") {
			switch {
			case i == 0:
				last = piece
			case inNumber(last, piece):
				last += "," + piece
			default:
				regions = append(regions, last)
				last = piece
			}
		}
		regions = append(regions, last)
	}
	return regions
}

// inNumber reports whether a comma between two texts is one in a position.
func inNumber(before, after string) bool {
	digits := func(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789")) }
	n := digits(after)
	return n == 3 && (len(after) == n || after[n] == '-') && strings.Contains(before, ":") && digits(before[len(before)-1:]) == 1
}

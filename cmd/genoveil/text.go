package main

import (
	"fmt"
	"strings"
)

// count writes a number of things: "1 block", "2 blocks".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// humanBytes writes a size as people read it.
func humanBytes[T int64 | float64](n T) string {
	units := strings.Fields("B KB MB GB TB PB")
	x, u := float64(n), 0
	for x >= 1000 && u < len(units)-1 {
		x, u = x/1000, u+1
	}
	return fmt.Sprintf("%.3g %s", x, units[u])
}

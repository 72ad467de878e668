package chrom

import (
	"cmp"
	"strings"
)

// Natural compares names such that numbers inside them count by value. It is 0 also for
// names that differ in leading zeros only.
func Natural(a, b string) int {
	for a != "" && b != "" {
		var partA, partB string
		partA, a = cutPart(a)
		partB, b = cutPart(b)
		if c := compareParts(partA, partB); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// cutPart cuts the longest run of digits, or of other bytes, off the front of s.
func cutPart(s string) (part, rest string) {
	n := 1
	for n < len(s) && isDigit(s[n]) == isDigit(s[0]) {
		n++
	}
	return s[:n], s[n:]
}

// compareParts compares digits by value, and puts them before other text.
func compareParts(a, b string) int {
	digitsA, digitsB := isDigit(a[0]), isDigit(b[0])
	switch {
	case digitsA && digitsB:
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	case digitsA:
		return -1
	case digitsB:
		return 1
	}
	return cmp.Compare(a, b)
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

package main

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

var bytesPattern = regexp.MustCompile(`^([0-9]+)\s*([kKmMgGtT]?)[bB]?$`)

// parseBytes reads sizes such as 500M, 2GB or 1000000.
func parseBytes(text string) (int64, error) {
	m := bytesPattern.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q is not a size such as 500MB or 2GB", text)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	factor := map[string]int64{"": 1, "k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "g": 1e9, "G": 1e9, "t": 1e12, "T": 1e12}[m[2]]
	if err != nil || n > math.MaxInt64/factor {
		return 0, fmt.Errorf("%q is too large", text)
	}
	return n * factor, nil
}

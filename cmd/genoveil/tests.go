package main

import (
	"fmt"
	"slices"
	"strings"

	"genoveil/genomics/test"
)

// testNames lists the tests that have something, or all.
func testNames(have func(*test.Test) bool) []string {
	var names []string
	for _, t := range test.All {
		if have == nil || have(t) {
			names = append(names, t.Name)
		}
	}
	return names
}

func takesModels(t *test.Test) bool     { return t.Models }
func takesCovariates(t *test.Test) bool { return t.Covariates }

// withOption is the tests whose tables take a flag, as text has them.
func withOption(flag string) string {
	return listed(testNames(func(t *test.Test) bool { return slices.Contains(t.Options, flag) }), "and")
}

// listed joins words as text has them: "a, b or c".
func listed(words []string, or string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " " + or + " " + words[last]
}

// describeTests is a list of the tests for the help, with what say says of each.
func describeTests(say func(*test.Test) string) string {
	var list strings.Builder
	for _, t := range test.All {
		fmt.Fprintf(&list, "  %-9s %s\n", t.Name, strings.ReplaceAll(say(t), "\n", "\n            "))
	}
	return list.String()
}

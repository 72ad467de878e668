package main

import (
	"slices"
	"testing"
)

func TestSplitRegions(t *testing.T) {
	for _, c := range []struct{ given, want []string }{
		{nil, nil},
		{[]string{"1,2", "X"}, []string{"1", "2", "X"}},
		{[]string{"1:100-200,2:5-6"}, []string{"1:100-200", "2:5-6"}},
		{[]string{"1:1,000-2,000"}, []string{"1:1,000-2,000"}},
		{[]string{"1:1,000,000-2,000,000,2:-3,000,X:7,001-,22"}, []string{"1:1,000,000-2,000,000", "2:-3,000", "X:7,001-", "22"}},
		{[]string{"1:5-,123"}, []string{"1:5-", "123"}},
		{[]string{"1:5-6,123:4-5"}, []string{"1:5-6", "123:4-5"}},
		{[]string{"1:5-6,", ""}, []string{"1:5-6", "", ""}},
		{[]string{":,000", ",000"}, []string{":", "000", "", "000"}},
	} {
		if got := splitRegions(c.given); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.given, got, c.want)
		}
	}
}

package chrom

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func TestSelect(t *testing.T) {
	all := []string{"0", "1", "chr2", "3", "5", "22", "23", "chrY", "XY", "M", "PAR1", "27", "HLA-A", "1-", "Un_1", "5"}
	for _, test := range []struct{ chr, want, absent string }{
		{"1-3,22", "1 chr2 3 22", ""},
		{"1, 2", "1 chr2", ""},
		{"X,1", "1 23", ""},
		{"CHR1", "1", ""},
		{"chr1-chr3", "1 chr2 3", ""},
		{"chr1-3", "1 chr2 3", ""},
		{"1-22", "1 chr2 3 5 22 5", ""},
		{"1-22,X", "1 chr2 3 5 22 23 5", ""},
		{"X-MT", "23 chrY XY M", ""},
		{"0-1", "0 1", ""},
		{"26", "M", ""},
		{"PAR1,hla-A,HLA-A", "PAR1 HLA-A", "hla-A"},
		{"1-", "1-", ""},
		{"3,99,6-8, 1", "1 3", "99, 6-8"},
		{"chrUn_1", "Un_1", ""},
	} {
		s, err := Select(strings.Split(test.chr, ","))
		if err != nil {
			t.Errorf("%s: %v", test.chr, err)
			continue
		}
		var got []string
		for _, name := range all {
			has := s.Has(name)
			if again := s.Has(name); again != has {
				t.Errorf("%s: %s at one time, and not at another", test.chr, name)
			}
			if has {
				got = append(got, name)
			}
		}
		if text := strings.Join(got, " "); text != test.want || s.Absent() != test.absent {
			t.Errorf("%s: %s without %s, want %s without %s", test.chr, text, s.Absent(), test.want, test.absent)
		}
		if text := strings.ReplaceAll(test.chr, ", ", ","); strings.ReplaceAll(s.String(), ", ", ",") != text {
			t.Errorf("%s is written as %s", test.chr, s)
		}
		if s.Met() != "0, 1, chr2, 3, 5, 22, 23, chrY, XY, M, PAR1, 1-, 27, HLA-A, Un_1" {
			t.Error(s.Met())
		}
	}
}

func TestSelectRefuses(t *testing.T) {
	for _, test := range []struct{ chr, want string }{
		{"", "a chromosome's name is empty"},
		{"1,,2", "a chromosome's name is empty"},
		{"22-1", "the range 22-1 does not go from a lower number to a higher one"},
		{"2-2", "the range 2-2 does not go from a lower number to a higher one"},
		{"1-38", "the range 1-38 goes beyond 26"},
	} {
		if _, err := Select(strings.Split(test.chr, ",")); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s…", test.chr, err, test.want)
		}
	}
}

// TestCheck demands an error where nothing is selected, and only there.
func TestCheck(t *testing.T) {
	for _, test := range []struct{ chr, names, want string }{
		{"99", "chr2 chr10 23 chr10", "--chr 99: the input has no variant there; it has variants on chr2, chr10, 23"},
		{"X,3-9", "chr10 chr2", "--chr X, 3-9: the input has no variant there; it has variants on chr2, chr10"},
		{"X,3-9", "chr10 chr2 23", "<nil>"},
		{"X", "", "<nil>"},
	} {
		s, err := Select(strings.Split(test.chr, ","))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields(test.names) {
			s.Has(name)
		}
		if got := fmt.Sprint(s.Check()); got != test.want {
			t.Errorf("--chr %s of %s: %s, want %s", test.chr, test.names, got, test.want)
		}
	}
}

// TestMetAreFew names some of thousands of contigs.
func TestMetAreFew(t *testing.T) {
	s, err := Select([]string{"1"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3000 {
		s.Has("scaffold_" + strconv.Itoa(3000-i))
	}
	if got := s.Met(); !strings.HasPrefix(got, "scaffold_1, scaffold_2, ") || !strings.HasSuffix(got, " and 2970 more") {
		t.Error(got)
	}
}

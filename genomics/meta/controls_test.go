package meta

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestControls(t *testing.T) {
	got, err := ReadControls("c", strings.NewReader("# known loci\nrs1\n  rs2\tcontrol # FTO\n\nrs3 null\n#rs4\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Controls{Known: []string{"rs1", "rs2"}, Null: []string{"rs3"}}, got); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct{ text, want string }{
		{"# none\n", "c: no IDs"},
		{"rs1\nrs2 known\n", "c, line 2: a line has an ID and, if anything else, control or null"},
		{"rs1 null 3\n", "c, line 1: a line has an ID"},
		{"rs1 null\nrs1\n", "c, line 2: rs1 is there twice"},
		{strings.Repeat("A", maxListLine+1), "c, line 1: longer than"},
	} {
		if _, err := ReadControls("c", strings.NewReader(test.text)); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

func TestFind(t *testing.T) {
	l := readSmallList(t)
	got, err := l.Find([]string{"x", "snp", "indel"})
	if diff := cmp.Diff([]int32{11, 0, 6}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, test := range []struct {
		ids  []string
		want string
	}{
		{[]string{"snp", "rs9", "", "two"}, "l: no variant has the ID rs9, "},
		{[]string{"two", "snp", "strands"}, "l: several variants have the ID two, strands"},
		{[]string{"a", "b", "c", "d", "e", "f", "g"}, "l: no variant has the ID a, b, c, d, e and 2 more"},
	} {
		if got, err := l.Find(test.ids); got != nil || err == nil || err.Error() != test.want {
			t.Errorf("%v, %v, want %s", got, err, test.want)
		}
	}
}

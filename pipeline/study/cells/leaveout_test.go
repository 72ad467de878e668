package cells

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestLeaveOut(t *testing.T) {
	for _, test := range []struct {
		before, next []Total
		least        int
		want         string
		ok           bool
	}{
		{nil, nil, 3, "", true},
		{nil, of("ABC"), 3, "", true},
		{nil, of("AB"), 3, "", false},
		{of("ABC"), of("ABCD"), 3, "D", true},
		{of("ABC"), of("ABCDE"), 3, "A", true}, // A keeps D and E company
		{of("ABCDEFG"), of("ABCDEF"), 3, "AB", true},
		{nil, of("ABCDEF", "ABCDEFG", "ABCDEFGH"), 3, "GH", true},

		{of("plain:ABCD"), of("gc:ABCD"), 3, "", true},
		{of("plain:ABC"), of("gc:ABC"), 3, "", false},
		{nil, of("plain:ABCDEF", "gc:ABCDEF", "gc:ABCDEFG"), 3, "G", true},
		{of("plain:ABC"), of("gc:ABCDEFG", "gc:DEFG"), 3, "ABC", true},
		{of("gc:ABC"), of("gc:ABCDEFG", "gc:DEFG"), 3, "", true},
	} {
		sites, ok := LeaveOut(test.before, test.next, test.least)
		if got := strings.Join(sites, ""); got != test.want || ok != test.ok {
			t.Errorf("%v, then %v: %q, %v", test.before, test.next, got, ok)
		}
	}
	if sites, ok := LeaveOut(nil, of("ABC"), 3); sites != nil || !ok {
		t.Errorf("%#v", sites)
	}
}

func TestLeaveOutTwin(t *testing.T) {
	leaveOutTwin(t, rand.New(rand.NewPCG(9, 10)), 100)
}

func TestLeaveOutTwinOfNames(t *testing.T) {
	leaveOutTwin(t, rand.New(rand.NewPCG(15, 16)), 600, "plain", "gc")
}

func leaveOutTwin(t *testing.T, random *rand.Rand, cases int, names ...string) {
	answers := map[string]int{}
	for range cases {
		n := 4 + random.IntN(3)
		all := randomTotals(random, n, 1+random.IntN(4), 1+random.IntN(2), names...)
		k := random.IntN(len(all))
		least := 2 + random.IntN(2)
		sites := sitesOf(nil, all[k:])
		if len(sites) == 0 {
			continue
		}
		want, wantOK := slowLeaveOut(all[:k], all[k:], least, sites)
		got, ok := LeaveOut(all[:k], all[k:], least)
		if ok != wantOK || ok && (len(got) != want || len(slowExposed(all[:k], without(all[k:], got), least)) > 0) {
			t.Fatalf("%v, then %v, with %d: %q, %v; want %d, %v", all[:k], all[k:], least, got, ok, want, wantOK)
		}
		answers[fmt.Sprint(len(got), ok)]++
	}
	for _, answer := range []string{"0 true", "1 true", "2 true", "0 false"} {
		if answers[answer] < 5 {
			t.Errorf("%s only %d times", answer, answers[answer])
		}
	}
}

func total(units []Unit) []Total { return []Total{{Units: units}} }

// TestLeaveOutOfMany is beyond the number of sets that are tried.
func TestLeaveOutOfMany(t *testing.T) {
	all := consortium(64, 1, 0)[0].Units
	var want []string
	for _, u := range all[60:] {
		want = append(want, u.Site)
	}
	got, ok := LeaveOut(total(all[:60]), total(all), 8)
	if fmt.Sprint(got) != fmt.Sprint(want) || !ok {
		t.Errorf("%q, %v, want %q", got, ok, want)
	}
	// Who is exposed cannot be left out.
	if got, ok := LeaveOut(total(all), total(all[:63]), 5); fmt.Sprint(got) != "[s000 s001 s002 s003]" || !ok {
		t.Errorf("%q, %v", got, ok)
	}
	if got, ok := LeaveOut(nil, total(all), 65); got != nil || ok {
		t.Errorf("%q, %v", got, ok)
	}
}

func BenchmarkLeaveOut(b *testing.B) {
	all := consortium(64, 40, 5)
	for _, n := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("fewer=%d", n), func(b *testing.B) {
			for b.Loop() {
				LeaveOut(all, total(all[0].Units[n:]), 5)
			}
		})
	}
	b.Run("names=3", func(b *testing.B) {
		all := consortium(64, 12, 5, "plain", "gc", "z")
		for b.Loop() {
			LeaveOut(all, []Total{{all[0].Units[1:], "gc"}}, 3)
		}
	})
}

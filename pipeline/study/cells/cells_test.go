package cells

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// of makes rosters of sites with one unit each, a letter for each site.
func of(rosters ...string) []Roster {
	var all []Roster
	for _, sites := range rosters {
		var roster Roster
		for _, site := range sites {
			roster = append(roster, Unit{Site: string(site)})
		}
		all = append(all, roster)
	}
	return all
}

// show prints sets of sites.
func show(sets [][]string) string {
	var text []string
	for _, set := range sets {
		text = append(text, strings.Join(set, ""))
	}
	return strings.Join(text, " ")
}

func TestExposed(t *testing.T) {
	fano := []string{"ABC", "ADE", "AFG", "BDF", "BEG", "CDG", "CEF"}
	for _, test := range []struct {
		name         string
		before, next []Roster
		least        int
		want         string
	}{
		{"nothing", nil, nil, 3, ""},
		{"nothing new", of("AB"), nil, 3, ""},
		{"an empty roster", nil, []Roster{{}}, 3, ""},
		{"least of 1", nil, of("A"), 1, ""},
		{"a small roster", nil, of("AB"), 3, "AB"},
		{"a roster of just enough", nil, of("ABC"), 3, ""},
		{"a unit twice", nil, of("AABBB"), 3, "AB"},
		{"one more site", of("ABC"), of("ABCD"), 3, "D"},
		{"one more site, at once", nil, of("ABC", "ABCD"), 3, "D"},
		{"two more sites", of("ABC"), of("ABCDE"), 3, "DE"},
		{"three more sites", of("ABC"), of("ABCDEF"), 3, ""},
		{"three more sites, four needed", of("ABCD"), of("ABCDEFG"), 4, "EFG"},
		{"the same again", of("ABC", "ABC"), of("CBA", "ABC"), 3, ""},
		{"leave-one-out", of("ABCDE"), of("BCDE", "ACDE", "ABDE", "ABCE", "ABCD"), 3, "A B C D E"},
		{"leave-one-out without the total", nil, of("BCDE", "ACDE", "ABDE", "ABCE"), 2, ""},
		{"leave-one-out, by pairs", nil, of("BCDE", "ACDE", "ABDE", "ABCE"), 3, "AB AC AD AE BC BD BE CD CE DE"},
		{"all lines of a Fano plane", nil, of(fano...), 3, "A B C D E F G"},
		{"the last line", of(fano[:6]...), of(fano[6]), 2, "A B C D E F G"},
		{"swapped", of("ABCD"), of("ABCE"), 3, "DE"},
		{"factors other than 1 and -1", of("ABX", "ACX", "BCX"), of("ABCY"), 3, "AY BY CY XY"},
		// The sum of the first three, less GHI, is twice ABCDEF.
		{"with four earlier ones", of("ABCDG", "ABEFH", "CDEFI", "GHI"), of("ABCDEFX"), 2, "X"},
		{"with three earlier ones", of("ABCDG", "ABEFH", "CDEFI"), of("ABCDEFX"), 2, ""},
		{"without the third", of("ABCDG", "ABEFH", "GHI"), of("ABCDEFX"), 2, ""},
		{"known before", of("ABC", "ABCD"), of("ABCD", "ABCEFG"), 3, ""},
		{"known before, and more", of("ABC", "ABCD"), of("ABCDE"), 3, "E"},
		{"two known together, then each", of("ABC", "ABCDE"), of("ABCD"), 3, "D E"},
		{"each of two known, and together", of("ABC", "ABCD", "ABCE"), of("ABCDE"), 3, ""},
		{"each of two known, and one more", of("A", "B"), of("ABC"), 4, "C"},
		{"a pair known, and one more of a triple", of("AB"), of("ABC", "CDE"), 4, "C DE"},
	} {
		if got := show(Exposed(test.before, test.next, test.least)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if got := show(slowExposed(test.before, test.next, test.least)); got != test.want {
			t.Errorf("%s: the definition says %q, want %q", test.name, got, test.want)
		}
		if got, _ := exposes(test.before, test.next, test.least); got != (test.want != "") {
			t.Errorf("%s: exposes %v", test.name, got)
		}
	}

	// Pairs of lines pass, as every roster and every difference does.
	for i := range fano {
		for k := range i {
			if got := Exposed(of(fano[i]), of(fano[k]), 3); got != nil {
				t.Errorf("%s and %s: %q", fano[i], fano[k], got)
			}
		}
	}
}

// A batch has sites of one ancestry each, and a total for each of two traits, with genomic
// control and without, of each ancestry and of all, for each sex and for both.
func batch(sites map[string]int) []Roster {
	var rosters []Roster
	for range 2 * 2 {
		for _, ancestries := range [][]string{{"AFR"}, {"EAS"}, {"EUR"}, {"AFR", "EAS", "EUR"}} {
			for _, sexes := range [][]string{{"female"}, {"male"}, {"female", "male"}} {
				var roster Roster
				for _, ancestry := range ancestries {
					for i := range sites[ancestry] {
						for _, sex := range sexes {
							roster = append(roster, Unit{fmt.Sprintf("%s%d", ancestry, i+1), "biobank", ancestry, sex})
						}
					}
				}
				rosters = append(rosters, roster)
			}
		}
	}
	return rosters
}

func TestBatch(t *testing.T) {
	if got := Exposed(nil, batch(map[string]int{"EUR": 6, "AFR": 3, "EAS": 3}), 3); got != nil {
		t.Errorf("%q", got)
	}
	small := batch(map[string]int{"EUR": 8, "AFR": 2, "EAS": 2})
	want := [][]string{{"AFR1", "AFR2"}, {"EAS1", "EAS2"}}
	if diff := cmp.Diff(want, Exposed(nil, small, 3)); diff != "" {
		t.Error(diff)
	}
	// What was allowed once is not asked for again.
	if got := Exposed(small[:12], small, 3); got != nil {
		t.Errorf("%q", got)
	}
	if got, ok := LeaveOut(nil, small, 3); !cmp.Equal(got, []string{"AFR1", "AFR2", "EAS1", "EAS2"}) || !ok {
		t.Errorf("%q, %v", got, ok)
	}
}

// TestSexes: the table of both sexes is the sum of those of each, unless one lacks a site.
func TestSexes(t *testing.T) {
	table := func(sites string, sexes ...string) Roster {
		var roster Roster
		for _, site := range sites {
			for _, sex := range sexes {
				roster = append(roster, Unit{Site: string(site), Sex: sex})
			}
		}
		return roster
	}
	both, female, male := table("ABCDE", "female", "male"), table("ABCDE", "female"), table("ABCDE", "male")
	if got := Exposed([]Roster{both}, []Roster{female, male}, 3); got != nil {
		t.Errorf("%q", got)
	}
	if got := show(Exposed([]Roster{both, female}, []Roster{table("ABCD", "male")}, 3)); got != "E" {
		t.Errorf("%q", got)
	}
	if got := Exposed([]Roster{both}, []Roster{table("ABCD", "male")}, 3); got != nil {
		t.Errorf("%q", got) // the difference has all women, and the men of E
	}
}

// randomRosters have each of the sites' units with a probability of a half, or in some
// rosters all units of a site together.
func randomRosters(random *rand.Rand, sites, rosters, units int) []Roster {
	var all []Roster
	for range rosters {
		var roster Roster
		together := random.IntN(2) == 0
		for site := range sites {
			whole := random.IntN(2) == 0
			for unit := range units {
				if part := random.IntN(2) == 0; together && whole || !together && part {
					roster = append(roster, Unit{string(rune('A' + site)), fmt.Sprint(unit / 2), "", []string{"female", "male"}[unit%2]})
				}
			}
		}
		all = append(all, roster)
	}
	return all
}

func TestTwin(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	sizes := map[int]int{}
	for range 500 {
		units := 1 + random.IntN(3)
		all := randomRosters(random, 3+random.IntN(5), 1+random.IntN(7), units)
		k := random.IntN(len(all) + 1)
		least := 2 + random.IntN(5)
		want := slowExposed(all[:k], all[k:], least)
		if diff := cmp.Diff(want, Exposed(all[:k], all[k:], least)); diff != "" {
			t.Fatalf("%v, then %v, with %d: %s", all[:k], all[k:], least, diff)
		}
		if got, _ := exposes(all[:k], all[k:], least); got != (len(want) > 0) {
			t.Fatalf("%v, then %v, with %d", all[:k], all[k:], least)
		}
		for _, set := range want {
			sizes[len(set)]++
		}
	}
	for size := 1; size <= 5; size++ {
		if sizes[size] < 20 {
			t.Errorf("%d sets of %d: too few to tell", sizes[size], size)
		}
	}
}

// TestRandomRosters: of twelve sites, random rosters give one away after this many openings
// (fewest, mostly, most), though no two of them tell of fewer than three sites.
func TestRandomRosters(t *testing.T) {
	var openings []int
	random := rand.New(rand.NewPCG(5, 6))
	for len(openings) < 101 {
		var opened []Roster
		for len(opened) == 0 || Exposed(nil, opened, 2) == nil {
			next := randomRosters(random, 12, 1, 1)
			tells := func(earlier Roster) bool { return Exposed([]Roster{earlier}, next, 3) != nil }
			if !tells(nil) && !slices.ContainsFunc(opened, tells) {
				opened = append(opened, next[0])
			}
		}
		openings = append(openings, len(opened))
	}
	slices.Sort(openings)
	if got := [3]int{openings[0], openings[50], openings[100]}; got != [3]int{8, 12, 13} {
		t.Errorf("after %d openings", got)
	}
}

// consortium has a unit of each site; rosters lack a few sites each.
func consortium(sites, rosters, lacking int) []Roster {
	random := rand.New(rand.NewPCG(7, 8))
	var all []Roster
	for range rosters {
		out := random.Perm(sites)[:lacking]
		var roster Roster
		for site := range sites {
			if !slices.Contains(out, site) {
				roster = append(roster, Unit{Site: fmt.Sprintf("s%03d", site)})
			}
		}
		all = append(all, roster)
	}
	return all
}

// TestConsortium: 64 sites and 40 openings tell of no two sites; one more, in which a site
// stands for another, tells of these.
func TestConsortium(t *testing.T) {
	all := consortium(64, 40, 5)
	if got := Exposed(nil, all, 3); got != nil {
		t.Errorf("%q", got)
	}
	swapped := slices.Clone(all[17])
	in := swapped[9].Site
	out := consortium(64, 1, 0)[0][slices.IndexFunc(consortium(64, 1, 0)[0], func(u Unit) bool { return !slices.Contains(all[17], u) })]
	swapped[9] = out
	want := []string{in, out.Site}
	slices.Sort(want)
	if diff := cmp.Diff([][]string{want}, Exposed(all, []Roster{swapped}, 3)); diff != "" {
		t.Error(diff)
	}
}

// TestTooMuch: sixty random rosters of 64 sites leave four checks, so all sets of five sites
// are exposed. These are not told one by one.
func TestTooMuch(t *testing.T) {
	all := consortium(64, 60, 5)
	for _, set := range Exposed(nil, all, 5) {
		if len(set) != 4 {
			t.Errorf("%q", set)
		}
	}
	var sites []string
	for _, u := range consortium(64, 1, 0)[0] {
		sites = append(sites, u.Site)
	}
	if diff := cmp.Diff([][]string{sites}, Exposed(nil, all, 6)); diff != "" {
		t.Error(diff)
	}
	if got, _ := exposes(nil, all, 6); !got {
		t.Error("not exposed")
	}
}

func BenchmarkExposed(b *testing.B) {
	for _, size := range []struct{ sites, rosters, least int }{
		{64, 40, 3}, {64, 40, 6}, {64, 60, 6}, {128, 40, 3}, {128, 100, 5}, {128, 200, 3},
	} {
		b.Run(fmt.Sprintf("sites=%d/rosters=%d/least=%d", size.sites, size.rosters, size.least), func(b *testing.B) {
			all := consortium(size.sites, size.rosters, 5)
			for b.Loop() {
				Exposed(nil, all, size.least)
			}
		})
	}
}

package cells

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// of makes totals of sites with one unit each, a letter for each site, after the name of
// factors and a colon, if there is one.
func of(totals ...string) []Total {
	var all []Total
	for _, text := range totals {
		var total Total
		factors, sites, ok := strings.Cut(text, ":")
		if !ok {
			factors, sites = "", text
		}
		total.Factors = factors
		for _, site := range sites {
			total.Units = append(total.Units, Unit{Site: string(site)})
		}
		all = append(all, total)
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
		before, next []Total
		least        int
		want         string
	}{
		{"nothing", nil, nil, 3, ""},
		{"nothing new", of("AB"), nil, 3, ""},
		{"an empty roster", nil, of(""), 3, ""},
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

		{"three sites with genomic control and without", nil, of("plain:ABC", "gc:ABC"), 3, "AB AC BC"},
		{"one after the other", of("plain:ABC"), of("gc:ABC"), 3, "AB AC BC"},
		{"four sites", nil, of("plain:ABCD", "gc:ABCD"), 3, ""},
		{"four sites, four needed", nil, of("plain:ABCD", "gc:ABCD"), 4, "ABC ABD ACD BCD"},
		{"four sites, a third way", nil, of("plain:ABCD", "gc:ABCD", "z:ABCD"), 3, "AB AC AD BC BD CD"},
		{"four sites, all ways", nil, of("plain:ABCD", "gc:ABCD", "z:ABCD", "w:ABCD"), 3, "A B C D"},
		{"four sites, one way too many", nil, of("plain:ABC", "gc:ABC", "z:ABC", "w:ABC"), 3, "A B C"},
		{"eight sites", nil, of("plain:ABCDEFGH", "gc:ABCDEFGH"), 3, ""},
		{"eight sites, seven needed", nil, of("plain:ABCDEFGH", "gc:ABCDEFGH"), 7, ""},
		{"the same way twice", nil, of("gc:ABC", "gc:CAB"), 3, ""},
		{"the same way again", of("plain:ABCD", "gc:ABCD"), of("gc:ABCD"), 3, ""},
		{"one way only, and nothing in another", nil, of("gc:ABC", "plain:"), 3, ""},
		{"disjoint rosters", nil, of("plain:ABC", "gc:DEF"), 3, ""},
		{"rosters with one site in common", nil, of("plain:ABC", "gc:CDE"), 4, "ABC CDE"},
		{"one more site, another way", of("plain:ABC"), of("gc:ABCD"), 3, ""},
		{"one more site, both ways", of("plain:ABCD"), of("gc:ABCDE", "plain:ABCDE"), 3, "E"},
		{"two more sites, another way", of("plain:ABC", "gc:ABCDE"), of("plain:ABCDE"), 3, "DE"},
		{"a difference with genomic control", of("plain:DEF"), of("gc:ABCDEF", "gc:ABC"), 3, "DE DF EF"},
		{"a difference each way", nil, of("plain:ABCDEFG", "plain:ABCD", "gc:ABCDEFG", "gc:ABCD"), 3, "EF EG FG"},
		{"known before", of("plain:ABC", "gc:ABC"), of("gc:ABCDEF"), 3, ""},
		{"known before, and who is new", of("plain:ABC", "gc:ABC"), of("z:ABC"), 3, "A B C"},
		{"leave-one-out, each another way", nil, of("a:BCDE", "b:ACDE", "c:ABDE", "d:ABCE"), 3, "AB AC AD AE BC BD BE CD CE DE"},
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

// A batch has sites of one ancestry each, and a total for each name of factors, of each
// ancestry and of all, for each sex and for both.
func batch(sites map[string]int, factors ...string) []Total {
	var totals []Total
	for _, name := range factors {
		for _, ancestries := range [][]string{{"AFR"}, {"EAS"}, {"EUR"}, {"AFR", "EAS", "EUR"}} {
			for _, sexes := range [][]string{{"female"}, {"male"}, {"female", "male"}} {
				total := Total{Factors: name}
				for _, ancestry := range ancestries {
					for i := range sites[ancestry] {
						for _, sex := range sexes {
							total.Units = append(total.Units, Unit{fmt.Sprintf("%s%d", ancestry, i+1), ancestry, sex})
						}
					}
				}
				totals = append(totals, total)
			}
		}
	}
	return totals
}

func TestBatch(t *testing.T) {
	if got := Exposed(nil, batch(map[string]int{"EUR": 6, "AFR": 3, "EAS": 3}, "", "", "", ""), 3); got != nil {
		t.Errorf("%q", got)
	}
	small := batch(map[string]int{"EUR": 8, "AFR": 2, "EAS": 2}, "", "", "", "")
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

// TestBatchOfNames: of each trait, asked about in a call of its own, the totals with genomic
// control and those without expose two of three sites of an ancestry, and nobody of six.
func TestBatchOfNames(t *testing.T) {
	sites := map[string]int{"EUR": 6, "AFR": 3, "EAS": 3}
	var want [][]string
	for _, ancestry := range []string{"AFR", "EAS"} {
		for _, pair := range []string{"12", "13", "23"} {
			want = append(want, []string{ancestry + pair[:1], ancestry + pair[1:]})
		}
	}
	for range 2 { // traits
		all := batch(sites, "plain", "gc")
		if diff := cmp.Diff(want, Exposed(nil, all, 3)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, slowExposed(nil, all, 3)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, Exposed(all[:12], all[12:], 3)); diff != "" {
			t.Error(diff)
		}
		if got := Exposed(all, all, 3); got != nil {
			t.Errorf("%q", got)
		}
		if got := Exposed(nil, batch(sites, "gc"), 3); got != nil {
			t.Errorf("%q", got)
		}
	}
	if got := Exposed(nil, batch(map[string]int{"EUR": 6, "AFR": 4, "EAS": 4}, "plain", "gc"), 3); got != nil {
		t.Errorf("%q", got)
	}
}

// TestSexes: the table of both sexes is the sum of those of each, unless one lacks a site.
func TestSexes(t *testing.T) {
	table := func(factors, sites string, sexes ...string) Total {
		total := Total{Factors: factors}
		for _, site := range sites {
			for _, sex := range sexes {
				total.Units = append(total.Units, Unit{Site: string(site), Sex: sex})
			}
		}
		return total
	}
	both, female, male := table("", "ABCDE", "female", "male"), table("", "ABCDE", "female"), table("", "ABCDE", "male")
	if got := Exposed([]Total{both}, []Total{female, male}, 3); got != nil {
		t.Errorf("%q", got)
	}
	if got := show(Exposed([]Total{both, female}, []Total{table("", "ABCD", "male")}, 3)); got != "E" {
		t.Errorf("%q", got)
	}
	if got := Exposed([]Total{both}, []Total{table("", "ABCD", "male")}, 3); got != nil {
		t.Errorf("%q", got) // the difference has all women, and the men of E
	}

	// With genomic control for women only, the men of all sites are in whatever has both.
	both, female, male = table("", "ABC", "female", "male"), table("gc", "ABC", "female"), table("gc", "ABC", "male")
	if got := Exposed([]Total{both}, []Total{female}, 3); got != nil {
		t.Errorf("%q", got)
	}
	if got := show(Exposed([]Total{both, female}, []Total{male}, 3)); got != "AB AC BC" {
		t.Errorf("%q", got)
	}
	// The factor of a site is the same for women and men.
	if got := show(Exposed([]Total{both}, []Total{table("gc", "ABC", "male", "female")}, 3)); got != "AB AC BC" {
		t.Errorf("%q", got)
	}
}

// randomTotals have each of the sites' units with a probability of a half, or in some totals
// all units of a site together. Each has one of the names, and some have the units of the
// total before.
func randomTotals(random *rand.Rand, sites, totals, units int, names ...string) []Total {
	var all []Total
	for i := range totals {
		var total Total
		together := random.IntN(2) == 0
		for site := range sites {
			whole := random.IntN(2) == 0
			for unit := range units {
				if part := random.IntN(2) == 0; together && whole || !together && part {
					total.Units = append(total.Units, Unit{string(rune('A' + site)), fmt.Sprint(unit / 2), []string{"female", "male"}[unit%2]})
				}
			}
		}
		if len(names) > 0 {
			total.Factors = names[random.IntN(len(names))]
			if i > 0 && random.IntN(2) == 0 {
				total.Units = all[i-1].Units
			}
		}
		all = append(all, total)
	}
	return all
}

func TestTwin(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	sizes := map[int]int{}
	for range 500 {
		units := 1 + random.IntN(3)
		all := randomTotals(random, 3+random.IntN(5), 1+random.IntN(7), units)
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

// TestTwinOfNames: as TestTwin, with two names or three.
func TestTwinOfNames(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	sizes := map[int]int{}
	generic := 0 // as opposed to one name for all
	for range 600 {
		names := []string{"plain", "gc", "z"}[:2+random.IntN(2)]
		all := randomTotals(random, 3+random.IntN(5), 1+random.IntN(7), 1+random.IntN(3), names...)
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
		one := slices.Clone(all)
		for i := range one {
			one[i].Factors = "plain"
		}
		if !cmp.Equal(want, Exposed(one[:k], one[k:], least)) {
			generic++
		}
	}
	for size := 1; size <= 5; size++ {
		if sizes[size] < 20 {
			t.Errorf("%d sets of %d: too few to tell", sizes[size], size)
		}
	}
	if generic < 100 {
		t.Errorf("names matter in %d cases: too few to tell", generic)
	}
}

// TestRandomRosters: of twelve sites, random rosters give one away after this many openings
// (fewest, mostly, most), though no two of them tell of fewer than three sites.
func TestRandomRosters(t *testing.T) {
	var openings []int
	random := rand.New(rand.NewPCG(5, 6))
	for len(openings) < 101 {
		var opened []Total
		for len(opened) == 0 || Exposed(nil, opened, 2) == nil {
			next := randomTotals(random, 12, 1, 1)
			tells := func(earlier Total) bool { return Exposed([]Total{earlier}, next, 3) != nil }
			if !tells(Total{}) && !slices.ContainsFunc(opened, tells) {
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

// consortium has a unit of each site; rosters lack a few sites each, and have a total for
// each name, if there are names.
func consortium(sites, rosters, lacking int, names ...string) []Total {
	random := rand.New(rand.NewPCG(7, 8))
	var all []Total
	for range rosters {
		out := random.Perm(sites)[:lacking]
		var units []Unit
		for site := range sites {
			if !slices.Contains(out, site) {
				units = append(units, Unit{Site: fmt.Sprintf("s%03d", site)})
			}
		}
		if len(names) == 0 {
			all = append(all, Total{Units: units})
		}
		for _, name := range names {
			all = append(all, Total{units, name})
		}
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
	everybody := consortium(64, 1, 0)[0].Units
	swapped := slices.Clone(all[17].Units)
	in := swapped[9].Site
	out := everybody[slices.IndexFunc(everybody, func(u Unit) bool { return !slices.Contains(swapped, u) })]
	swapped[9] = out
	want := []string{in, out.Site}
	slices.Sort(want)
	if diff := cmp.Diff([][]string{want}, Exposed(all, []Total{{Units: swapped}}, 3)); diff != "" {
		t.Error(diff)
	}

	// So do two of twelve rosters with three names each, which tell of no two sites.
	all = consortium(64, 12, 5, "plain", "gc", "z")
	if got := Exposed(nil, all, 3); got != nil {
		t.Errorf("%q", got)
	}
	swapped = slices.Clone(all[17].Units)
	in = swapped[9].Site
	out = everybody[slices.IndexFunc(everybody, func(u Unit) bool { return !slices.Contains(swapped, u) })]
	swapped[9] = out
	want = []string{in, out.Site}
	slices.Sort(want)
	if diff := cmp.Diff([][]string{want}, Exposed(all, []Total{{swapped, "gc"}}, 5)); diff != "" {
		t.Error(diff)
	}
	if got := Exposed(all, []Total{{swapped, "another"}}, 3); got != nil {
		t.Errorf("%q", got)
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
	for _, u := range consortium(64, 1, 0)[0].Units {
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

func BenchmarkExposedOfNames(b *testing.B) {
	for _, lacking := range []int{0, 5, 32} {
		for _, least := range []int{3, 5} {
			b.Run(fmt.Sprintf("sites=64/rosters=12/names=3/lacking=%d/least=%d", lacking, least), func(b *testing.B) {
				all := consortium(64, 12, lacking, "plain", "gc", "z")
				for b.Loop() {
					Exposed(nil, all, least)
				}
			})
		}
	}
}

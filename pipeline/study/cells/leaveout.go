package cells

import "slices"

// mostTries and mostTrying bound the sets that LeaveOut tries, and their work: some seconds.
// The sets are all those of 12 sites, and all pairs of 90.
const (
	mostTries  = 1 << 12
	mostTrying = 2 * mostWork
)

// LeaveOut returns a smallest set of sites to leave out of the totals of next so that
// nothing is exposed: none, and true, if nothing is. Of several it is the first by name. It
// returns false if there is no such set short of leaving out everything.
//
// It tries all sets of one size after another, as the effect of a set tells nothing of a
// larger one: a site that is left out may expose another, or itself. It does so for 12
// sites, and, where least is 3, for one or two of 64. Beyond, it leaves out whoever is
// exposed until nobody is, and puts back who need not be out. Then the set need not be a
// smallest one, and false says that none was found.
func LeaveOut(before, next []Total, least int) (sites []string, ok bool) {
	t := &trial{before: before, next: next, least: least, sites: sitesOf(nil, next)}
	tries := 0
	for size := 0; size == 0 || size < len(t.sites); size++ {
		if tries += binomial(len(t.sites), size); tries > mostTries {
			return t.leaveOutExposed()
		}
		for set := range subsets(t.sites, size) {
			if t.passes(set) {
				return append(sites, set...), true
			}
			if t.work > mostTrying {
				return t.leaveOutExposed()
			}
		}
	}
	return nil, false
}

// A trial leaves out sites of next.
type trial struct {
	before, next []Total
	least        int
	sites        []string // of next
	work         int
}

// passes says whether nothing is exposed without some sites.
func (t *trial) passes(out []string) bool {
	exposed, work := exposes(t.before, without(t.next, out), t.least)
	t.work += work
	return !exposed
}

// leaveOutExposed is LeaveOut beyond its bounds. It may do as much work again.
func (t *trial) leaveOutExposed() (sites []string, ok bool) {
	t.work = 0
	var out []string
	for !t.passes(out) {
		exposed := slices.Concat(Exposed(t.before, without(t.next, out), t.least)...)
		rest := slices.DeleteFunc(slices.Clone(t.sites), func(site string) bool { return slices.Contains(out, site) })
		more := slices.DeleteFunc(slices.Clone(rest), func(site string) bool { return !slices.Contains(exposed, site) })
		// Where these are out, or not in next, somebody else keeps them company.
		if len(more) == 0 {
			more = rest[:1]
		}
		if len(more) == len(rest) || t.work > mostTrying {
			return nil, false
		}
		out = append(out, more...)
	}
	slices.Sort(out)
	for i := len(out) - 1; i >= 0 && t.work <= mostTrying; i-- {
		if fewer := slices.Delete(slices.Clone(out), i, i+1); t.passes(fewer) {
			out = fewer
		}
	}
	return out, true
}

// exposes says whether Exposed has a set, and what work it was to tell.
func exposes(before, next []Total, least int) (exposed bool, work int) {
	t := newTable(before, next, least)
	if t.cost() > mostSpan {
		return true, mostSpan
	}
	s := newSearch(t, least)
	if s == nil {
		return false, t.cost()
	}
	s.onlyOne = true
	s.run(least)
	return s.over || len(s.found) > 0, t.cost() + s.work
}

// without is totals less the units of sites.
func without(totals []Total, sites []string) []Total {
	var rest []Total
	for _, total := range totals {
		total.Units = slices.DeleteFunc(slices.Clone(total.Units), func(u Unit) bool { return slices.Contains(sites, u.Site) })
		rest = append(rest, total)
	}
	return rest
}

// subsets gives all sets of a size, in the order of names. The slice is used again.
func subsets(names []string, size int) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		set := make([]string, 0, size)
		var choose func(from int) bool
		choose = func(from int) bool {
			if len(set) == size {
				return yield(set)
			}
			for i := from; i <= len(names)-(size-len(set)); i++ {
				set = append(set, names[i])
				if !choose(i + 1) {
					return false
				}
				set = set[:len(set)-1]
			}
			return true
		}
		choose(0)
	}
}

// binomial is the number of sets of k of n, or more than mostTries if it is more.
func binomial(n, k int) int {
	b := 1
	for i := range k {
		if b = b * (n - i) / (i + 1); b > mostTries && i < n/2 {
			return b
		}
	}
	return b
}

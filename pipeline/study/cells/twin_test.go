package cells

import (
	"crypto/sha256"
	"encoding/binary"
	"math/big"
	"slices"
)

// slowFactor is 1 without a name, and otherwise a random integer of 40 bits that follows from
// the name and the site.
func slowFactor(name, site string) int64 {
	if name == "" {
		return 1
	}
	sum := sha256.Sum256([]byte(name + " of " + site))
	return 1 + int64(binary.LittleEndian.Uint64(sum[:])>>24)
}

// slowRank is the rank over the rationals of the totals' vectors, on the units of all sites
// but these.
func slowRank(totals []Total, units []Unit, sites []string) int {
	var rows [][]*big.Rat
	for _, total := range totals {
		var row []*big.Rat
		for _, u := range units {
			x := new(big.Rat)
			if slices.Contains(total.Units, u) && !slices.Contains(sites, u.Site) {
				x.SetInt64(slowFactor(total.Factors, u.Site))
			}
			row = append(row, x)
		}
		rows = append(rows, row)
	}
	rank := 0
	for k := range units {
		i := slices.IndexFunc(rows[rank:], func(row []*big.Rat) bool { return row[k].Sign() != 0 })
		if i < 0 {
			continue
		}
		rows[rank], rows[rank+i] = rows[rank+i], rows[rank]
		for _, row := range rows[rank+1:] {
			factor := new(big.Rat).Quo(row[k], rows[rank][k])
			for c := range row {
				row[c].Sub(row[c], new(big.Rat).Mul(factor, rows[rank][c]))
			}
		}
		rank++
	}
	return rank
}

// slowExposed is Exposed by the definition: exact ranks for all sets.
func slowExposed(before, next []Total, least int) [][]string {
	all := slices.Concat(before, next)
	var units []Unit
	var sites []string
	for _, total := range all {
		for _, u := range total.Units {
			if !slices.Contains(units, u) {
				units = append(units, u)
			}
			if !slices.Contains(sites, u.Site) {
				sites = append(sites, u.Site)
			}
		}
	}
	slices.Sort(sites)
	rankBefore, rankAll := slowRank(before, units, nil), slowRank(all, units, nil)
	var found [][]string
	for size := 1; size < least; size++ {
	sets:
		for set := range subsets(sites, size) {
			for _, smaller := range found {
				if !slices.ContainsFunc(smaller, func(site string) bool { return !slices.Contains(set, site) }) {
					continue sets
				}
			}
			if rankAll-slowRank(all, units, set) > rankBefore-slowRank(before, units, set) {
				found = append(found, slices.Clone(set))
			}
		}
	}
	return found
}

// slowLeaveOut is LeaveOut by the definition, from masks.
func slowLeaveOut(before, next []Total, least int, sites []string) (smallest int, ok bool) {
	smallest = len(sites)
	for mask := range 1<<len(sites) - 1 {
		var set []string
		for i, site := range sites {
			if mask>>i&1 == 1 {
				set = append(set, site)
			}
		}
		if len(set) < smallest && len(slowExposed(before, without(next, set), least)) == 0 {
			smallest, ok = len(set), true
		}
	}
	return smallest, ok
}

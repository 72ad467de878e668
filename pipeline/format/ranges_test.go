package format

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
)

// runs are the ranges of a bitmap, their naive twin.
func runs(has []bool) Ranges {
	var r Ranges
	for i, there := range has {
		switch n := len(r); {
		case !there:
		case n > 0 && r[n-1].To == i:
			r[n-1].To++
		default:
			r = append(r, Part{i, i + 1})
		}
	}
	return r
}

// TestRangesEqualBitmaps compares every operation with one on bitmaps.
func TestRangesEqualBitmaps(t *testing.T) {
	const n = 60
	r := rand.New(rand.NewPCG(1, 1))
	draw := func() []bool {
		has, on := make([]bool, n), false
		for i := range has {
			if r.IntN(6) == 0 {
				on = !on
			}
			has[i] = on
		}
		return has
	}
	for range 3000 {
		maps := make([][]bool, r.IntN(4))
		all := make([]Ranges, len(maps))
		either, twice := make([]bool, n), -1
		for i := range maps {
			maps[i] = draw()
			all[i] = runs(maps[i])
			p := r.IntN(n)
			for k, part := range all[i] {
				if part.From < p && p < part.To { // two parts that touch
					all[i] = slices.Replace(all[i], k, k+1, Part{part.From, p}, Part{p, part.To})
					break
				}
			}
			if !all[i].valid(n) {
				t.Fatalf("%v is not valid", all[i])
			}
			for k, there := range maps[i] {
				either[k] = either[k] || there
			}
		}
		for k := n - 1; k >= 0; k-- {
			owners := 0
			for _, m := range maps {
				if m[k] {
					owners++
				}
			}
			if owners > 1 {
				twice = k
			}
		}
		joined := JoinParts(all...)
		if !slices.Equal(joined, runs(either)) {
			t.Fatalf("%v joined: %v", all, joined)
		}
		a, b, item, found := Overlap(all)
		if found != (twice >= 0) || found && (item != twice || a == b || !maps[a][item] || !maps[b][item]) {
			t.Fatalf("%v: %d and %d have %d (%v), expected %d", all, a, b, item, found, twice)
		}
		maps, all = append(maps, either), append(all, joined)
		for i, one := range all {
			size := 1 + r.IntN(20)
			absent, count, units := make([]bool, n), 0, []int(nil)
			for k, there := range maps[i] {
				absent[k] = !there
				if there {
					count++
					if u := k / size; !slices.Contains(units, u) {
						units = append(units, u)
					}
				}
			}
			if got := one.Missing(n); !slices.Equal(got, runs(absent)) {
				t.Fatalf("%v lacks %v", one, got)
			}
			if one.Count() != count {
				t.Fatalf("%v: %d items", one, one.Count())
			}
			if got := one.units(size); !slices.Equal(got, units) || one.countUnits(size) != len(units) {
				t.Fatalf("%v in units of %d: %v, %d of them", one, size, got, one.countUnits(size))
			}
		}
	}
}

// TestRangesFromFiles: what is out of order, empty or out of bounds is refused, and files
// have what they always had.
func TestRangesFromFiles(t *testing.T) {
	for _, r := range []Ranges{{{-1, 2}}, {{2, 2}}, {{3, 2}}, {{0, 11}}, {{0, 5}, {4, 8}}, {{5, 8}, {0, 3}}} {
		if r.valid(10) {
			t.Errorf("%v is valid", r)
		}
	}
	for want, r := range map[string]Ranges{"null": nil, `[{"from":0,"to":5},{"from":5,"to":10}]`: {{0, 5}, {5, 10}}} {
		if text, err := json.Marshal(r); err != nil || string(text) != want || !r.valid(10) {
			t.Errorf("%s (%v), expected %s", text, err, want)
		}
	}
	for want, r := range map[string]Ranges{"none": nil, "1, 3 to 4": {{0, 1}, {2, 4}}} {
		if r.String() != want {
			t.Errorf("%s, expected %s", r, want)
		}
	}
}

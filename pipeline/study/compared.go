package study

import (
	"fmt"
	"slices"

	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/home"
)

// Of its samples a site may tell apart so few by two analyses of tables, or by all analyses
// of rows.
const (
	leastSamples = 50
	leastRows    = 100
)

// comparedData says what earlier analyses tell of this site's data together with this one,
// beyond what sites' rosters show: where the data are not quite the same. What others have
// cancels in the difference of two results, if theirs are.
func (s *Site) comparedData(w *work, used []home.Used) ([]string, error) {
	ledger, err := s.home.Ledger()
	if err != nil {
		return nil, err
	}
	var lines []string
	say := func(format string, args ...any) {
		if line := "EXPOSED: " + fmt.Sprintf(format, args...); len(lines) < 10 && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	for i := range used {
		now := &used[i]
		rows := [][]byte{now.Rows}
		for _, e := range ledger {
			if e.Event != home.Approved || e.Analysis == w.D || closed(ledger, e.Analysis) {
				continue
			}
			for _, then := range e.Used {
				overlap := slices.ContainsFunc(then.Units, func(u charter.Unit) bool { return slices.Contains(now.Units, u) })
				differ := max(then.Samples-now.Samples, now.Samples-then.Samples)
				if then.File == now.File && (then.Label != now.Label || !slices.Equal(then.Units, now.Units)) {
					say("the same file was %s of other samples or another trait in the analysis %s, and is %s now. The rules count it as other data", then.Label, e.Name, now.Label)
				}
				if overlap && differ > 0 && differ < leastSamples {
					say("the analysis %s was of %d samples of this site, and this one is of %d. Counts of the two may tell something about the %d that differ. Use the same samples, or consent", e.Name, then.Samples, now.Samples, differ)
				} else if overlap && e.Numbers == w.Analysis.Numbers() && then.Label == now.Label && (then.File != now.File || then.As != now.As) {
					say("the analysis %s was of the same trait and of other data of this site, or of another list or other filters. What differs between the two results may be this site's alone", e.Name)
				}
				if then.File == now.File && then.Rows != nil && now.Rows != nil {
					rows = append(rows, then.Rows)
				}
			}
		}
		if n := smallestPart(rows); n > 0 && n < leastRows {
			say("this analysis and earlier ones use rows of the same file, but not the same rows. They cut the file into parts, of which one has %d rows; totals of all may tell something about these. Leave the rows that lack a value in any column out of the file, or consent", n)
		}
	}
	return lines, nil
}

// smallestPart is the number of rows in the smallest of the parts into which sets cut all
// rows: those of a part are in the same sets. Rows in no set do not count. It is 0 where the
// sets are the same.
func smallestPart(sets [][]byte) int {
	parts := map[string]int{}
	longest := 0
	for _, set := range sets {
		longest = max(longest, len(set))
	}
	in := make([]byte, len(sets))
	for line := range 8 * longest {
		some := false
		for i, set := range sets {
			in[i] = 0
			if line/8 < len(set) {
				in[i] = set[line/8] >> (line % 8) & 1
			}
			some = some || in[i] == 1
		}
		if some {
			parts[string(in)]++
		}
	}
	if len(parts) < 2 {
		return 0 // nothing is cut
	}
	least := 0
	for _, n := range parts {
		if least == 0 || n < least {
			least = n
		}
	}
	return least
}

package report

import (
	"fmt"
	"slices"
)

// A stretch is the part of a chromosome that a file has results of.
type stretch struct {
	file     string
	from, to uint32
}

// checkParts refuses a file, just added, whose results lie among those of another: pages of
// two traits, or of one twice, would be one of neither. before are the numbers of results
// that chromosomes had.
func (s *Scan) checkParts(file string, before map[*chromosome]int) error {
	for _, c := range s.chroms {
		added := c.pos[before[c]:]
		if len(added) == 0 {
			continue
		}
		own := stretch{file, slices.Min(added), slices.Max(added)}
		for _, other := range c.stretches {
			if own.from <= other.to && other.from <= own.to {
				return fmt.Errorf("%s and %s both have variants of chromosome %s around position %d; a report is about one result, whose tables may be parts of the genome: give the tables one by one", other.file, file, c.name, max(own.from, other.from))
			}
		}
		c.stretches = append(c.stretches, own)
	}
	return nil
}

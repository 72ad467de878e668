package chrom

import "strconv"

// Spellings are the names that human chromosomes have in the names of files, in order. The
// names of one stand together.
func Spellings() [][]string {
	var all [][]string
	for n := 1; n < numberX; n++ {
		name := strconv.Itoa(n)
		if n < 10 {
			all = append(all, []string{name, "0" + name})
		} else {
			all = append(all, []string{name})
		}
	}
	return append(all, []string{"X", "23", "0X"}, []string{"Y", "24", "0Y"}, []string{"XY", "25"}, []string{"MT", "M", "26", "0M"}, []string{"PAR1"}, []string{"PAR2"})
}

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"genoveil/genomics/chrom"
)

// An atName is a name in which @ stands for a chromosome, as in PLINK and REGENIE, and
// what it stands for.
type atName struct {
	pattern string
	spelled []string // what is in place of @, in the order of chromosomes; nil for a name without @
	absent  []int    // autosomes that there is no file of
}

// expandAt finds the files that a name stands for. parts are the files that a name means:
// there is such a name if there is one of them.
func expandAt(name string, parts func(string) []string) (*atName, error) {
	is := &atName{pattern: name}
	if !strings.Contains(name, "@") || isThere(parts(name)) {
		return is, nil
	}
	for i, spellings := range chrom.Spellings() {
		found := ""
		for _, s := range spellings {
			switch {
			case !isThere(parts(is.with(s))):
			case found != "":
				return nil, fmt.Errorf("%s stands for %s and for %s, and both are of chromosome %s; give the files one by one", name, is.with(found), is.with(s), spellings[0])
			default:
				found = s
			}
		}
		if found != "" {
			is.spelled = append(is.spelled, found)
		} else if i < autosomes {
			is.absent = append(is.absent, i+1)
		}
	}
	if is.spelled == nil {
		return nil, fmt.Errorf("%s: there is no file such as %s; @ stands for 1 to 22, X, Y, XY or MT, so write what else is in the names, such as chr@", name, parts(is.with("1"))[0])
	}
	return is, nil
}

// autosomes is how many come first among chromosomes.
const autosomes = 22

// with is the name with a chromosome in place of @.
func (is *atName) with(chromosome string) string {
	return strings.ReplaceAll(is.pattern, "@", chromosome)
}

// isThere reports whether any of the files is there. One that cannot be looked at is, and
// so is a link to nothing: who opens it says why.
func isThere(paths []string) bool {
	for _, path := range paths {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}

// ranges writes numbers, which are in order, as --chr takes them, such as 1, 3-9.
func ranges(numbers []int) string {
	var all []string
	for i, from := 0, 0; i < len(numbers); i++ {
		switch last := i+1 == len(numbers) || numbers[i+1] != numbers[i]+1; {
		case !last:
			continue
		case from == i:
			all = append(all, fmt.Sprint(numbers[i]))
		default:
			all = append(all, fmt.Sprintf("%d-%d", numbers[from], numbers[i]))
		}
		from = i + 1
	}
	return strings.Join(all, ", ")
}

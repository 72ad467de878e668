package pgen

import (
	"bytes"
	"fmt"
	"io"
	"math"

	"genoveil/genomics/text"
)

const (
	maxLine    = 1 << 24
	kindOfPsam = "a .psam file"
)

// readPsam reads the sample names (IID) of a .psam or .fam file; no more than one more
// than the most.
func readPsam(path string, most int) ([]string, error) {
	lines, err := text.Open(path, maxLine, kindOfPsam)
	if err != nil {
		return nil, err
	}
	defer lines.Close()
	return readNames(lines, most)
}

func readNames(l *text.Lines, maxNames int) ([]string, error) {
	var c columns
	var names []string
	first := map[string]int{} // the line of each
	iid, most := -1, 0
	for len(names) <= maxNames {
		line, err := l.NextRow()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(names) == 0 && bytes.HasPrefix(line, []byte("#")) {
			if iid >= 0 {
				return nil, l.Errorf("a header line after the line with the column names; delete it")
			}
			if iid, most, err = header(l, &c, line); err != nil {
				return nil, err
			}
			continue
		}
		if iid < 0 { // without a header the columns are those of a .fam file
			if l.Number() > 1 {
				return nil, l.Errorf("no #FID or #IID line comes before this line; add one")
			}
			iid, most = 1, min(max(c.cut(line, 6), 5), 6)
		}
		if n := c.cut(line, most); n < most {
			return nil, l.Errorf("%d columns instead of %d", n, most)
		}
		name := string(c.fields[iid])
		if name == "0" {
			return nil, l.Errorf("IID 0 means no sample in PLINK; give the sample another name (plink2 --update-ids)")
		}
		if number, ok := first[name]; ok {
			return nil, l.Errorf("IID %q is in line %d too; samples are known by their IID alone here, so make it unique (plink2 --update-ids)", name, number)
		}
		first[name] = l.Number()
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s has no samples", l.Name())
	}
	return names, nil
}

// header reads a header line. If it has the columns' names it returns the place of IID,
// or else -1, and how many columns there are.
func header(l *text.Lines, c *columns, line []byte) (iid, most int, err error) {
	most = c.cut(line, math.MaxInt)
	switch {
	case string(c.fields[0]) == "#IID":
		return 0, most, nil
	case string(c.fields[0]) != "#FID":
		return -1, 0, nil
	case most < 2 || string(c.fields[1]) != "IID":
		return 0, 0, l.Errorf("column IID does not follow #FID")
	}
	return 1, most, nil
}

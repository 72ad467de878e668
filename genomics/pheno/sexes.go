package pheno

import (
	"fmt"
	"slices"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/text"
)

// ReadSexes reads the sexes of samples, by IID. The file is a table with a column SEX, such
// as a .psam file, a .fam or .sample file, or a table without header as PLINK's
// --update-sex takes it, with the columns IID and SEX, or FID, IID and SEX. A sex is 1, M
// or male, or 2, F or female; 0 and NA are unknown.
func ReadSexes(path string) (map[string]genomics.Sex, error) {
	return readSexes(path, true)
}

// SexesOf reads the sexes in a file of samples that goes with genotypes. As in PLINK, other
// codes are unknown. It returns nil where the file has no column for them.
func SexesOf(path string) (map[string]genomics.Sex, error) {
	return readSexes(path, false)
}

func readSexes(path string, strict bool) (map[string]genomics.Sex, error) {
	l, err := text.Open(path, maxLine, sexesKind)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return parseSexes(l, strict)
}

// sexesKind is what the file is in errors.
const sexesKind = "a table of sexes"

func parseSexes(in *text.Lines, strict bool) (map[string]genomics.Sex, error) {
	l := &lines{Lines: in}
	line, ok := l.header()
	if err := l.failed(); err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%s: %w", l.Name(), ErrNoSamples)
	}
	columns, err := l.sexColumns(line)
	if err != nil {
		return nil, err
	}
	if columns.sex < 0 && strict {
		return nil, l.Errorf("no column is named SEX")
	}
	if columns.sex < 0 {
		return nil, nil
	}
	for range columns.header {
		line, ok = l.next()
	}
	sexes := map[string]genomics.Sex{}
	for ; ok; line, ok = l.next() {
		fields := fieldsOf(line)
		if len(fields) != columns.count {
			return nil, l.Errorf("%d columns instead of %d", len(fields), columns.count)
		}
		sex, known := genomics.ParseSex(fields[columns.sex])
		if !known && strict {
			return nil, l.Errorf("the sex is %.40q; write 1 or M for males, 2 or F for females, and 0 or NA where it is not known", fields[columns.sex])
		}
		id := strings.Clone(fields[columns.iid])
		if _, twice := sexes[id]; twice {
			return nil, l.Errorf("sample %.40q has been in a line before", id)
		}
		sexes[id] = sex
	}
	if err := l.failed(); err != nil {
		return nil, err
	}
	if len(sexes) == 0 {
		return nil, fmt.Errorf("%s: %w", l.Name(), ErrNoSamples)
	}
	return sexes, nil
}

func fieldsOf(line string) []string {
	return strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
}

// sexColumns say where a table has its samples and their sexes.
type sexColumns struct {
	iid, sex int // sex is -1 where no column is named so
	count    int
	header   int // lines before the first sample
}

// sexColumns finds the columns from the table's first line.
func (l *lines) sexColumns(first string) (c sexColumns, err error) {
	fields := fieldsOf(strings.TrimPrefix(first, "#"))
	named := func(name string) int {
		return slices.IndexFunc(fields, func(field string) bool { return strings.EqualFold(field, name) })
	}
	c = sexColumns{sex: named("SEX"), count: len(fields)}
	switch {
	case namesSample(first):
		if c.iid = slices.Index(fields, "IID"); c.iid < 0 || c.iid > 1 {
			return c, l.Errorf("the column after FID must be IID")
		}
		c.header = 1
		return c, nil
	case fields[0] == "ID_1": // of a .sample file, which has a line of types, too
		if c.header = 2; len(fields) > 1 && fields[1] == "ID_2" {
			c.iid = 1
		}
		return c, nil
	}
	place, known := withoutHeader[len(fields)]
	if !known {
		return c, l.Errorf("%d columns; without a header they are IID and SEX, or FID, IID and SEX, or those of a .fam file", len(fields))
	}
	return sexColumns{iid: place[0], sex: place[1], count: len(fields)}, nil
}

// withoutHeader has the places of IID and SEX in tables with so many columns.
var withoutHeader = map[int][2]int{2: {0, 1}, 3: {1, 2}, famColumns: {1, 4}}

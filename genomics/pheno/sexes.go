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

// SexesOf reads the sexes in a .fam, .psam or .sample file that goes with genotypes, whose
// reader checks its form. As in PLINK, other codes are unknown. It returns nil where the
// file has no column for them.
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
	t := &sexTable{lines: lines{Lines: in}, strict: strict}
	found, err := t.findColumns()
	if err != nil || !found {
		return nil, err
	}
	sexes := map[string]genomics.Sex{}
	for {
		line, ok := t.nextSample()
		if !ok {
			break
		}
		if strict && line.text[0] == '#' {
			return nil, t.errorf(line, "line begins with # after the first sample or the header; comments must come before it")
		}
		fields := fieldsOf(line.text)
		if len(fields) < t.count || strict && len(fields) > t.count {
			return nil, t.errorf(line, "%d columns instead of %d", len(fields), t.count)
		}
		sex, known := genomics.ParseSex(fields[t.sex])
		if !known && strict {
			return nil, t.unknownCode(line, fields[t.sex])
		}
		id := strings.Clone(fields[t.iid])
		if _, twice := sexes[id]; twice {
			return nil, t.errorf(line, "sample %.40q has been in a line before", id)
		}
		sexes[id] = sex
	}
	if err := t.failed(); err != nil {
		return nil, err
	}
	if len(sexes) == 0 {
		return nil, fmt.Errorf("%s: %w", t.Name(), ErrNoSamples)
	}
	return sexes, nil
}

// A sexTable is a file of sexes whose columns are known.
type sexTable struct {
	lines
	strict   bool
	header   bool  // names its columns
	read     []row // lines of samples from which it was seen that there is no header
	iid, sex int   // columns
	count    int   // of columns
}

func (t *sexTable) nextSample() (row, bool) {
	if len(t.read) > 0 {
		first := t.read[0]
		t.read = t.read[1:]
		return first, true
	}
	line, ok := t.next()
	return row{line, t.Number()}, ok
}

func (t *sexTable) errorf(at row, format string, args ...any) error {
	return fmt.Errorf("%s, line %d: %w", t.Name(), at.line, fmt.Errorf(format, args...))
}

func (t *sexTable) unknownCode(at row, code string) error {
	hint := ""
	if !t.header && at.line == 1 {
		hint = "; if this line names the columns, the first is to be #IID, or #FID before IID, and one SEX"
	}
	return t.errorf(at, "the sex is %.40q; write 1 or M for males, 2 or F for females, and 0 or NA where it is not known%s", code, hint)
}

func fieldsOf(line string) []string {
	return strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
}

// findColumns finds the columns from the table's first lines. It returns false where
// there is none for the sex, and the table need not have one.
func (t *sexTable) findColumns() (found bool, err error) {
	text, ok := t.lines.header()
	if err := t.failed(); err != nil {
		return false, err
	}
	if !ok {
		return false, fmt.Errorf("%s: %w", t.Name(), ErrNoSamples)
	}
	first := row{text, t.Number()}
	names := fieldsOf(strings.TrimPrefix(text, "#"))
	t.count = len(names)
	if namesSample(text) {
		if t.iid = slices.Index(names, "IID"); t.iid < 0 || t.iid > 1 {
			return false, t.errorf(first, "the column after FID must be IID")
		}
		return t.named(first, names)
	}
	second, ok := t.next()
	if err := t.failed(); err != nil {
		return false, err
	}
	// A .sample file has a line of types, by which its reader knows ID_2.
	if types := fieldsOf(second); ok && names[0] != "0" && areTypes(types) && len(types) == len(names) {
		if len(names) > 1 && types[1] == "0" && !strings.EqualFold(names[1], "missing") {
			t.iid = 1
		}
		return t.named(first, names)
	}
	if t.read = []row{first}; ok {
		t.read = append(t.read, row{second, t.Number()})
	}
	switch {
	case t.count == famColumns || t.count == famColumns-1 || t.count > famColumns && !t.strict:
		t.iid, t.sex, t.count = 1, 4, min(t.count, famColumns)
	case !t.strict:
		return false, nil
	case t.count == 2 || t.count == 3:
		t.iid, t.sex = t.count-2, t.count-1
	default:
		return false, t.errorf(first, "columns: %d; without a header they are IID and SEX, or FID, IID and SEX, or those of a .fam file", t.count)
	}
	return true, nil
}

// named finds the column that is named SEX.
func (t *sexTable) named(header row, names []string) (found bool, err error) {
	t.header, t.sex = true, -1
	for i, name := range names {
		if !strings.EqualFold(name, "SEX") {
			continue
		}
		if t.sex >= 0 && t.strict {
			return false, t.errorf(header, "two columns are named SEX")
		}
		t.sex = i
	}
	if t.sex < 0 && t.strict {
		return false, t.errorf(header, "no column is named SEX")
	}
	return t.sex >= 0, nil
}

// areTypes says whether these are the types of a .sample file's columns.
func areTypes(fields []string) bool {
	return len(fields) > 0 && fields[0] == "0" && !slices.ContainsFunc(fields, func(f string) bool {
		return !slices.Contains([]string{"0", "C", "D", "P", "B"}, strings.ToUpper(f))
	})
}

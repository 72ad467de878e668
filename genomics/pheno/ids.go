package pheno

import (
	"errors"
	"fmt"

	"genoveil/genomics/text"
)

// ReadIDs reads a list of samples, as PLINK 2's --keep and --remove take it, and
// returns the distinct IIDs in the order of the file.
//
// With a header as a [Table] has it the IIDs are in the column that is named so.
// Without one, the only field of a line is the IID, and of two or more fields
// the first is the FID and the second the IID. Families and further fields do
// not count. Lines that begin with # before the first sample are comments. It is
// an error when the file names no sample.
func ReadIDs(path string) ([]string, error) {
	l, err := text.Open(path, maxLine, idsKind)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return parseIDs(l)
}

// ErrNoSamples is the error of a list without any.
var ErrNoSamples = errors.New("the file names no samples")

// idsKind is what the file is in errors.
const idsKind = "a list of samples"

func parseIDs(in *text.Lines) ([]string, error) {
	l := &lines{Lines: in}
	file := l.Name()
	line, ok := l.header()
	hasHeader := ok && namesSample(line)
	headerHasFID := false
	if hasHeader {
		first, rest := cutField(line)
		headerHasFID = first == "FID" || first == "#FID"
		if second, _ := cutField(rest); headerHasFID && second != "IID" {
			return nil, l.Errorf("the column after FID must be IID")
		}
		line, ok = l.next()
	}
	var ids []string
	seen := map[string]bool{}
	for ; ok; line, ok = l.next() {
		if line[0] == '#' {
			return nil, l.Errorf("line begins with # after the first sample or the header; comments must come before it")
		}
		id, rest := cutField(line)
		if second, _ := cutField(rest); headerHasFID || !hasHeader && second != "" {
			id = second
		}
		if id == "" {
			return nil, l.Errorf("no IID; the header promises FID and IID")
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	if err := l.failed(); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%s: %w", file, ErrNoSamples)
	}
	return ids, nil
}

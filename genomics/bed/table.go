package bed

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"

	"genoveil/genomics"
	"genoveil/genomics/text"
)

// A table reads the lines of a .bim or .fam file, which have six columns.
type table struct{ *text.Lines }

const (
	columns = 6
	maxLine = 1 << 24 // alleles may be long
)

func newTable(name string, r io.Reader) table {
	return table{text.NewLines(name, r, maxLine, "a file of PLINK 1")}
}

// next returns the columns of the next line or io.EOF. They are valid until the next call.
func (t table) next() (fields [columns][]byte, err error) {
	line, err := t.NextRow()
	if err != nil {
		return fields, err
	}
	n := 0
	for field := range bytes.FieldsSeq(line) {
		if n < columns {
			fields[n] = field
		}
		n++
	}
	if n != columns {
		return fields, t.Errorf("%d columns instead of %d", n, columns)
	}
	return fields, nil
}

// nextVariant reads a line of a .bim file: chromosome, name, centimorgans,
// position, A1, A2.
func (t table) nextVariant() (genomics.Variant, error) {
	fields, err := t.next()
	if err != nil {
		return genomics.Variant{}, err
	}
	pos, err := strconv.Atoi(string(fields[3]))
	if err != nil || pos > math.MaxInt32 {
		return genomics.Variant{}, t.Errorf("position %.20q is not a whole number up to %d", fields[3], math.MaxInt32)
	}
	return genomics.Variant{Chrom: string(fields[0]), Pos: pos, ID: string(fields[1]), Ref: known(fields[5]), Alt: known(fields[4])}, nil
}

// known returns an allele. PLINK takes a dot for an unknown one, too.
func known(allele []byte) string {
	if string(allele) == "." {
		return genomics.UnknownAllele
	}
	return string(allele)
}

// countVariants reads a .bim file to its end.
func countVariants(name string, bim io.Reader) (int, error) {
	t := newTable(name, bim)
	for n := 0; ; n++ {
		_, err := t.nextVariant()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// readFam reads the sample and family names of a .fam file.
func readFam(name string, fam io.Reader) (iids, fids []string, err error) {
	t := newTable(name, fam)
	line := map[string]int{}
	for {
		fields, err := t.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		fid, iid := string(fields[0]), string(fields[1])
		if first, ok := line[iid]; ok {
			return nil, nil, t.Errorf("IID %q is in line %d too; samples are known by their IID alone here, so make it unique (plink --update-ids)", iid, first)
		}
		line[iid] = t.Number()
		fids, iids = append(fids, fid), append(iids, iid)
	}
	if len(iids) == 0 {
		return nil, nil, fmt.Errorf("%s has no samples", name)
	}
	return iids, fids, nil
}

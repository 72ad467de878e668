// Package rowtest reads sources of genotypes and dosages as a whole, for tests of their
// readers.
package rowtest

import (
	"fmt"
	"io"
	"strings"

	"genoveil/genomics"
)

// A Row is one variant with its genotypes spelled out, or its dosages, or both.
type Row struct {
	genomics.Variant
	Genotypes string // one of "012." per sample
	Dosages   genomics.DosageRow
}

// Calls returns the variants that a source yields, and closes it. Its arguments are what
// the function that opens the source returns.
func Calls(src genomics.Source, err error) ([]Row, error) {
	if err != nil {
		return nil, err
	}
	var all []Row
	n := len(src.Samples())
	row := make(genomics.Row, genomics.RowLen(n))
	for {
		var v genomics.Variant
		if err = src.Next(&v, row); err != nil {
			break
		}
		var genotypes strings.Builder
		for i := range 4 * len(row) {
			if i < n {
				genotypes.WriteByte("012."[row.At(i)])
			} else if row.At(i) != 0 {
				return all, fmt.Errorf("bits after the last sample are set")
			}
		}
		all = append(all, Row{Variant: v, Genotypes: genotypes.String()})
	}
	if again := src.Next(new(genomics.Variant), row); again != err {
		return all, fmt.Errorf("error %v and then %v", err, again)
	}
	return all, end(src, err)
}

// Dosages returns the variants that a source yields, and closes it, as Calls does.
func Dosages(src genomics.DosageSource, err error) ([]Row, error) {
	if err != nil {
		return nil, err
	}
	var all []Row
	n := len(src.Samples())
	for {
		r := Row{Dosages: make(genomics.DosageRow, n)}
		if err = src.NextDosages(&r.Variant, r.Dosages); err != nil {
			break
		}
		all = append(all, r)
	}
	if again := src.NextDosages(new(genomics.Variant), make(genomics.DosageRow, n)); again != err {
		return all, fmt.Errorf("error %v and then %v", err, again)
	}
	return all, end(src, err)
}

// end closes a source after an error that ended the reading.
func end(src io.Closer, err error) error {
	if err == io.EOF {
		err = nil
	}
	if e := src.Close(); err == nil {
		err = e
	}
	return err
}

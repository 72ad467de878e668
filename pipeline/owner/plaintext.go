package owner

import (
	"errors"
	"io"

	"genoveil/genomics"
	"genoveil/genomics/assoc"
	"genoveil/genomics/pheno"
)

// PlaintextChi2 writes the .assoc table of unencrypted genotypes: what the whole
// encrypted way round has to equal, byte for byte. status is in the order of the
// source's samples.
func PlaintextChi2(w io.Writer, src genomics.Source, status []pheno.Status) error {
	samples := len(src.Samples())
	row := make(genomics.Row, genomics.RowLen(samples))
	var variants []genomics.Variant
	var whole []genomics.Counts
	var tables []assoc.Table
	width := 0
	for {
		var v genomics.Variant
		err := src.Next(&v, row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		var t assoc.Table
		for i, s := range status {
			switch s {
			case pheno.Case:
				t.Cases[row.At(i)]++
			case pheno.Control:
				t.Controls[row.At(i)]++
			}
		}
		variants = append(variants, v)
		whole = append(whole, row.Count(samples))
		tables = append(tables, t)
		width = assoc.IDWidth(width, v.ID)
	}
	table, err := assoc.NewAssocWriter(w, width, 0)
	if err != nil {
		return err
	}
	for j, v := range variants {
		if err := table.Write(v, whole[j], tables[j].Alleles()); err != nil {
			return err
		}
	}
	return table.Flush()
}

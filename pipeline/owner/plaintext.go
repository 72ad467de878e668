package owner

import (
	"errors"
	"io"

	"genoveil/genomics"
	"genoveil/genomics/assoc"
	"genoveil/genomics/pheno"
)

// PlaintextChi2 writes the .assoc table of unencrypted genotypes: what the whole
// encrypted way round has to equal, byte for byte. status, and sexes unless they are nil,
// are in the order of the source's samples.
func PlaintextChi2(w io.Writer, src genomics.Source, status []pheno.Status, sexes []genomics.Sex) error {
	samples := len(src.Samples())
	if sexes == nil {
		sexes = make([]genomics.Sex, samples)
	}
	row := make(genomics.Row, genomics.RowLen(samples))
	var variants []genomics.Variant
	var whole []assoc.Alleles
	var tables []assoc.AlleleTable
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
		var t assoc.AlleleTable
		var all assoc.Alleles
		ploidy := genomics.PloidyOf(v.Chrom)
		for i, s := range status {
			g, copies := row.At(i), ploidy.Copies(sexes[i])
			if g == genomics.Missing || g == genomics.Het && copies < 2 {
				continue
			}
			alleles := assoc.Alleles{Ref: copies * int(2-g) / 2, Alt: copies * int(g) / 2}
			all = all.Plus(alleles)
			switch s {
			case pheno.Case:
				t.Cases = t.Cases.Plus(alleles)
			case pheno.Control:
				t.Controls = t.Controls.Plus(alleles)
			}
		}
		variants = append(variants, v)
		whole = append(whole, all)
		tables = append(tables, t)
		width = assoc.IDWidth(width, v.ID)
	}
	table, err := assoc.NewAssocWriter(w, width, 0)
	if err != nil {
		return err
	}
	for j, v := range variants {
		if err := table.Write(v, whole[j], tables[j]); err != nil {
			return err
		}
	}
	return table.Flush()
}

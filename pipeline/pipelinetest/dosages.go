package pipelinetest

import (
	"genoveil/genomics"
)

// Recorded passes dosages on and keeps them.
type Recorded struct {
	genomics.DosageSource
	Rows []genomics.DosageRow
}

func (r *Recorded) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	err := r.DosageSource.NextDosages(v, row)
	if err == nil {
		r.Rows = append(r.Rows, append(genomics.DosageRow(nil), row...))
	}
	return err
}

package panel

import "genoveil/genomics"

// An Aligned source yields exactly the variants of a list, in its order. A variant that
// the source lacks is missing in all samples; where the source has REF and ALT
// exchanged, genotypes are turned round. Strands are not resolved: alleles have to be
// spelled as in the list. A/T and C/G variants in the other order may be exchanged or on
// the other strand, and are not taken. Records of the source that are not in the list are skipped and
// counted. Source and list have their chromosomes in the same order.
type Aligned struct {
	aligner[genomics.Row, byte]
	src genomics.Source
}

// Align aligns calls. Closing the result closes src.
func (l *List) Align(src genomics.Source) (*Aligned, error) {
	rank, err := l.order()
	if err != nil {
		return nil, err
	}
	samples := len(src.Samples())
	return &Aligned{src: src, aligner: aligner[genomics.Row, byte]{
		list: l, rank: rank, read: src.Next, size: genomics.RowLen(samples), skipped: map[string]int{},
		turn: func(row genomics.Row) {
			for i := range samples {
				if g := row.At(i); g != genomics.Missing {
					row.Set(i, genomics.HomAlt-g)
				}
			}
		},
		missing: func(row genomics.Row) {
			for i := range samples {
				row.Set(i, genomics.Missing)
			}
		},
	}}, nil
}

// Samples are those of the source.
func (a *Aligned) Samples() []string { return a.src.Samples() }

// Next returns the next variant of the list.
func (a *Aligned) Next(v *genomics.Variant, row genomics.Row) error { return a.align(v, row) }

// Skipped counts what was passed over, by the source or because the list lacks it.
func (a *Aligned) Skipped() map[string]int { return a.addSkipped(a.src.Skipped()) }

// Notes say how list and source fitted so far.
func (a *Aligned) Notes() Notes { return a.notes }

// Close closes the source.
func (a *Aligned) Close() error { return a.src.Close() }

// AlignedDosages is Aligned for dosages.
type AlignedDosages struct {
	aligner[genomics.DosageRow, uint16]
	src genomics.DosageSource
}

// AlignDosages aligns dosages. Closing the result closes src.
func (l *List) AlignDosages(src genomics.DosageSource) (*AlignedDosages, error) {
	rank, err := l.order()
	if err != nil {
		return nil, err
	}
	return &AlignedDosages{src: src, aligner: aligner[genomics.DosageRow, uint16]{
		list: l, rank: rank, read: src.NextDosages, size: len(src.Samples()), skipped: map[string]int{},
		turn: func(row genomics.DosageRow) {
			for i, d := range row {
				if d != genomics.MissingDosage {
					row[i] = genomics.MaxDosage - d
				}
			}
		},
		missing: func(row genomics.DosageRow) {
			for i := range row {
				row[i] = genomics.MissingDosage
			}
		},
	}}, nil
}

// Samples are those of the source.
func (a *AlignedDosages) Samples() []string { return a.src.Samples() }

// NextDosages returns the next variant of the list.
func (a *AlignedDosages) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	return a.align(v, row)
}

// Skipped counts what was passed over, by the source or because the list lacks it.
func (a *AlignedDosages) Skipped() map[string]int { return a.addSkipped(a.src.Skipped()) }

// Notes say how list and source fitted so far.
func (a *AlignedDosages) Notes() Notes { return a.notes }

// Close closes the source.
func (a *AlignedDosages) Close() error { return a.src.Close() }

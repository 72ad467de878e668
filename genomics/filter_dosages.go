package genomics

import "errors"

// ApplyDosages returns the source with the filter on it, as Apply does. The
// frequency is that of DosageCounts, and a sample's call is missing where its
// dosage is (PLINK 2's --geno with its modifier dosage).
func (f Filter) ApplyDosages(src DosageSource) (DosageSource, error) {
	if f.MinHWE > 0 {
		return nil, errors.New("--hwe: dosages are not tested for equilibrium, calls are")
	}
	chosen, err := f.selectFrom(src.Samples())
	if err != nil {
		return nil, err
	}
	out := &filteredDosages{selection: chosen, src: src}
	if out.kept != nil {
		out.full = make(DosageRow, len(src.Samples()))
	}
	return out, nil
}

// filteredDosages is a DosageSource with a filter on it.
type filteredDosages struct {
	*selection
	src  DosageSource
	full DosageRow // of src, where not all samples are kept
}

func (s *filteredDosages) Close() error { return s.src.Close() }

func (s *filteredDosages) Skipped() map[string]int { return s.addSkipped(s.src.Skipped()) }

func (s *filteredDosages) NextDosages(v *Variant, row DosageRow) error {
	if len(row) != len(s.samples) {
		return errRowLength
	}
	full := row
	if s.kept != nil {
		full = s.full
	}
	for {
		if err := s.src.NextDosages(v, full); err != nil {
			return err
		}
		if s.dropsSite(v) {
			continue
		}
		for i, sample := range s.kept {
			row[i] = full[sample]
		}
		ploidy := s.haploid.ploidy(v)
		if !s.filter.bounded() {
			return nil
		}
		all, males := row.Count(), DosageCounts{}
		if ploidy.BySex() {
			males = row.CountOf(s.haploid.males)
		}
		called, samples := ploidy.Considered(all.Called, males.Called), ploidy.Considered(len(s.samples), s.haploid.maleCount)
		alt, alleles := ploidy.DosageAlleles(all, males)
		minor := min(alt, alleles-alt)
		if !s.dropsMissing(called, samples) && !s.dropsFrequency(called, minor/alleles, minor) {
			return nil
		}
	}
}

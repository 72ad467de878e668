package genomics

// Apply returns the source with the filter on it. The new source counts the
// variants it drops as skipped, and closing it closes src. It is an error if a
// bound is outside its range or if no sample is left.
func (f Filter) Apply(src Source) (Source, error) {
	chosen, err := f.selectFrom(src.Samples())
	if err != nil {
		return nil, err
	}
	out := &filtered{selection: chosen, src: src}
	if out.kept != nil {
		out.full = make(Row, RowLen(len(src.Samples())))
	}
	return out, nil
}

// filtered is a Source with a filter on it.
type filtered struct {
	*selection
	src  Source
	full Row // of src, where not all samples are kept
}

func (s *filtered) Close() error { return s.src.Close() }

func (s *filtered) Skipped() map[string]int { return s.addSkipped(s.src.Skipped()) }

func (s *filtered) Next(v *Variant, row Row) error {
	if len(row) != RowLen(len(s.samples)) {
		return errRowLength
	}
	full := row
	if s.kept != nil {
		full = s.full
	}
	for {
		if err := s.src.Next(v, full); err != nil {
			return err
		}
		if s.dropsSite(v) {
			continue
		}
		if s.kept != nil {
			pick(row, full, s.kept)
		}
		ploidy := s.haploid.dropHets(v, row)
		if !s.filter.bounded() {
			return nil
		}
		all, males, females := row.Count(len(s.samples)), Counts{}, Counts{}
		if ploidy.BySex() {
			males, females = s.haploid.males.Count(row), s.haploid.females.Count(row)
		}
		called, samples := ploidy.Considered(all.Called(), males.Called()), ploidy.Considered(len(s.samples), s.haploid.maleCount)
		ref, alt := ploidy.Alleles(all, males)
		minor := float64(min(ref, alt))
		if !s.dropsMissing(called, samples) && !s.dropsHWE(v, ploidy, all, females, males) && !s.dropsFrequency(called, minor/float64(ref+alt), minor) {
			return nil
		}
	}
}

// pick copies the genotypes of the samples kept from full to row.
func pick(row, full Row, kept []int) {
	out := 0
	for ; len(kept) >= 4; kept = kept[4:] {
		row[out] = full.At(kept[0]) | full.At(kept[1])<<2 | full.At(kept[2])<<4 | full.At(kept[3])<<6
		out++
	}
	if len(kept) > 0 {
		row[out] = 0
		for i, sample := range kept {
			row[out] |= full.At(sample) << (2 * i)
		}
	}
}

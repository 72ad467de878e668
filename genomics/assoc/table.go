package assoc

import "genoveil/genomics"

// MaxSamples is the largest cohort that can be tested. Up to here the numerator
// of the genotypic χ², at most n⁶/108 for n samples, fits 128 bits.
const MaxSamples = 5_000_000

// ErrContradiction reports counts of cases and controls that cannot be those of
// the cohort.
const ErrContradiction = genomics.Contradiction("the counts contradict those of the whole cohort; check that key, sums, query and index belong together")

// Table is the 2 × 3 table of one variant: genotype counts of the analysed
// samples by status. The Missing entries, analysed but not called, play no part
// in any statistic.
//
// The statistics take ALT for the effect allele, A1. Where it is REF, use the
// Swap of the table.
type Table struct {
	Cases, Controls genomics.Counts
}

// A1IsAlt says which allele PLINK calls A1, given the alleles of all loaded samples,
// those without a trait included: ALT unless its frequency exceeds one half.
func A1IsAlt(whole Alleles) bool { return whole.Alt <= whole.Ref }

// Swap returns the table with REF and ALT exchanged.
func (t Table) Swap() Table {
	return Table{Cases: swap(t.Cases), Controls: swap(t.Controls)}
}

// orient names A1 and A2 and returns the table with A1 in the place of ALT.
func (t Table) orient(v genomics.Variant, whole Alleles) (a1, a2 string, oriented Table) {
	if A1IsAlt(whole) {
		return v.Alt, v.Ref, t
	}
	return v.Ref, v.Alt, t.Swap()
}

func swap(c genomics.Counts) genomics.Counts {
	c[genomics.HomRef], c[genomics.HomAlt] = c[genomics.HomAlt], c[genomics.HomRef]
	return c
}

// check refuses counts that cannot be those of a cohort.
func (t Table) check(v genomics.Variant, whole genomics.Counts) error {
	total := 0
	for g := range genomics.Missing {
		cases, controls, all := t.Cases[g], t.Controls[g], whole[g]
		if cases < 0 || controls < 0 || cases > all || controls > all-cases {
			return contradiction(v)
		}
		if all > MaxSamples-total {
			return tooMany(v)
		}
		total += all
	}
	return nil
}

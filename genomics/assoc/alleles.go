package assoc

import (
	"fmt"

	"genoveil/genomics"
)

// Alleles counts the alleles of a group's called samples, one for each of their copies
// of the chromosome.
type Alleles struct{ Ref, Alt int }

// Plus adds the alleles of others.
func (a Alleles) Plus(b Alleles) Alleles { return Alleles{a.Ref + b.Ref, a.Alt + b.Alt} }

// AlleleTable is the 2 × 2 table of one variant: alleles of the analysed samples
// by status. The statistics take ALT for the effect allele, A1. Where it is REF,
// use the Swap of the table.
type AlleleTable struct{ Cases, Controls Alleles }

// AllelesOf counts the alleles of diploid genotypes.
func AllelesOf(c genomics.Counts) Alleles {
	return Alleles{Ref: c[genomics.Het] + 2*c[genomics.HomRef], Alt: c.AltAlleles()}
}

// Alleles counts the alleles of a table of genotypes.
func (t Table) Alleles() AlleleTable { return AlleleTable{AllelesOf(t.Cases), AllelesOf(t.Controls)} }

// Swap returns the table with REF and ALT exchanged.
func (t AlleleTable) Swap() AlleleTable {
	return AlleleTable{Alleles{t.Cases.Alt, t.Cases.Ref}, Alleles{t.Controls.Alt, t.Controls.Ref}}
}

// orient names A1 and A2 and returns the table with A1 in the place of ALT.
func (t AlleleTable) orient(v genomics.Variant, whole Alleles) (a1, a2 string, oriented AlleleTable) {
	if A1IsAlt(whole) {
		return v.Alt, v.Ref, t
	}
	return v.Ref, v.Alt, t.Swap()
}

// check refuses counts that cannot be those of a cohort.
func (t AlleleTable) check(v genomics.Variant, all Alleles) error {
	if all.Ref+all.Alt > 2*MaxSamples {
		return tooMany(v)
	}
	for _, c := range [][3]int{
		{t.Cases.Ref, t.Controls.Ref, all.Ref},
		{t.Cases.Alt, t.Controls.Alt, all.Alt},
	} {
		if cases, controls, all := c[0], c[1], c[2]; cases < 0 || controls < 0 || cases > all || controls > all-cases {
			return contradiction(v)
		}
	}
	return nil
}

func contradiction(v genomics.Variant) error {
	return fmt.Errorf("variant %s at %s:%d: %w", v.ID, v.Chrom, v.Pos, ErrContradiction)
}

func tooMany(v genomics.Variant) error {
	return fmt.Errorf("variant %s at %s:%d: more than %d samples; split the cohort and combine the results by meta-analysis",
		v.ID, v.Chrom, v.Pos, MaxSamples)
}

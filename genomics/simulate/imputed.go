package simulate

import (
	"fmt"

	"genoveil/genomics"
)

// leastQuality is the quality of the worst imputed variant, in parts of 2¹⁶.
const leastQuality = qualityUnit * 3 / 10

const qualityUnit = 1 << 16

// Imputed is a cohort whose genotypes are not known but estimated. It is a
// [genomics.DosageSource]; the traits of the cohort, which depend on the true
// genotypes, follow when all variants have been read.
//
// A variant has a quality, uniform from 0.3 to 1. The dosage of a sample with
// genotype g at a variant of frequency f is 2f + w·(g − 2f), where w is uniform
// from the quality to 1 and drawn for every sample: the worse the imputation,
// the nearer it stays to what is known without any data. A missing call is a
// missing dosage.
type Imputed struct {
	*Cohort
	random  stream
	quality uint32 // of the present variant, in parts of 2¹⁶
	row     genomics.Row
}

// Impute returns the cohort with dosages for genotypes. Reading either reads
// the variants of both.
func (c *Cohort) Impute() *Imputed {
	return &Imputed{
		Cohort: c,
		random: newStream(c.options.Seed, imputationStream),
		row:    make(genomics.Row, genomics.RowLen(c.options.Samples)),
	}
}

// NextDosages simulates the next variant, see [genomics.DosageSource].
func (m *Imputed) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	if len(row) != m.options.Samples {
		return fmt.Errorf("simulate: a row of %d dosages for %d samples", len(row), m.options.Samples)
	}
	if err := m.Next(v, m.row); err != nil {
		return err
	}
	m.quality = leastQuality + uint32(m.random.below(qualityUnit-leastQuality+1))
	var weights uint64 // four of 16 bits
	for i := range row {
		if i%4 == 0 {
			weights = m.random.Uint64()
		}
		row[i] = blur(m.row.At(i), m.at.alt, m.weight(uint16(weights)))
		weights >>= 16
	}
	return nil
}

// weight returns a sample's weight, in parts of 2¹⁶, from a random number.
func (m *Imputed) weight(random uint16) uint32 {
	return m.quality + (qualityUnit-m.quality)*uint32(random)/qualityUnit
}

// blur returns the dosage in thousandths of a sample with genotype g at a
// variant whose ALT has a frequency of alt parts of 2¹⁶.
func blur(g genomics.Genotype, alt, weight uint32) uint16 {
	if g == genomics.Missing {
		return genomics.MissingDosage
	}
	alleles := uint64(weight)*uint64(g)*frequencyUnit + uint64(qualityUnit-weight)*2*uint64(alt) // in parts of 2³²
	return uint16((alleles*1000 + 1<<31) >> 32)
}

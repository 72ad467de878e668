package glm

// missingCorrection is the share of missing genotypes from which on the columns
// that correct for them are worth their cost, one key-switch a sample each.
// Counting a missing call as the mean costs about 0.036 of the missing share in
// 1 − r against dropping the sample (docs/from-sums-to-p-values.md), 1e-4 at this
// limit.
const missingCorrection = 0.0025

// CorrectsMissing says whether models correct for missing genotypes, of which
// there is such a share; otherwise one counts as the mean.
func CorrectsMissing(rate float64) bool { return rate >= missingCorrection }

// Uncorrected is the model without the columns that correct for missing genotypes.
func (m *Model) Uncorrected() *Model {
	short := *m
	short.Columns = nil
	for _, c := range m.Columns {
		if c.Dosage || c.Square {
			short.Columns = append(short.Columns, c)
		}
	}
	return &short
}

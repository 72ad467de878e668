package genomics

import "io"

// A DosageRow holds one variant's ALT dosages of all samples, as imputation
// estimates them: the expected number of ALT alleles in thousandths, 0 to
// MaxDosage, or MissingDosage.
type DosageRow []uint16

const (
	MaxDosage     = 2000   // two ALT alleles
	MissingDosage = 0xFFFF // a sample without a dosage
)

// A DosageSource yields variants with dosages in the order of its file. It is
// to dosages what Source is to genotypes.
type DosageSource interface {
	// Samples returns the sample names, in the order of every DosageRow.
	Samples() []string

	// NextDosages reads the next usable variant into v and its dosages into
	// row, whose length is len(Samples()). It returns io.EOF after the last
	// one. Records that are not biallelic sites are skipped and counted.
	NextDosages(v *Variant, row DosageRow) error

	// Skipped says how many records were passed over so far, by reason.
	Skipped() map[string]int

	io.Closer
}

// DosageCounts are to dosages what Counts are to genotypes. As in PLINK 2, a dosage is not
// missing however far it is from a whole number.
type DosageCounts struct {
	Called  int   // samples with a dosage
	Missing int   // samples without
	Sum     int64 // of the called samples' dosages, in thousandths
}

// Count returns the counts of all samples of the row.
func (r DosageRow) Count() DosageCounts {
	c := DosageCounts{Called: len(r)}
	for _, d := range r {
		if d == MissingDosage {
			c.Missing++
		} else {
			c.Sum += int64(d)
		}
	}
	c.Called -= c.Missing
	return c
}

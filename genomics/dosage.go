package genomics

import "io"

// A DosageRow holds one variant's ALT dosages of all samples in thousandths, 0 to
// 2000, or MissingDosage.
type DosageRow = []uint16

// MissingDosage marks a sample without a dosage.
const MissingDosage = 0xFFFF

// A DosageSource yields variants with dosages in the order of its file. It is to
// dosages what Source is to hard calls.
type DosageSource interface {
	Samples() []string
	NextDosages(v *Variant, row DosageRow) error
	Skipped() map[string]int
	io.Closer
}

package vcf

import (
	"fmt"
	"io"

	"genoveil/genomics"
)

// A DosageReader is a genomics.DosageSource that streams a VCF file of imputed
// genotypes. It reads them as PLINK 2 does with --vcf FILE dosage=FIELD, but in
// thousandths instead of PLINK's steps of 1/16384.
//
// DS is the ALT dosage itself, rounded to a thousandth, a half away from zero.
// It has to be 0 to 2 when rounded. GP are the probabilities of the genotypes
// 0/0, 0/1 and 1/1, each of them 0 to 1 and taken to nine decimals. The dosage
// is P(0/1) + 2·P(1/1), divided by the sum of the three, which has to be 1 but
// for rounding; three zeros are a missing dosage.
//
// A sample without a value, or a record without the field, has the dosage of
// its GT: 0, 1, 2 or missing. PLINK 2 reads them so, too.
//
// A call in GT with one allele is haploid, a lone dot included. Its DS is then
// 0 to 1 and counts twice, and its GP are two. Where a record has no GT all
// samples are taken to be diploid: whether a DS of 0.9 is that of one allele or
// of two cannot be told.
type DosageReader struct {
	*records
	field   string
	without string // reason to skip a record without dosages
}

// OpenDosages opens a VCF file as Open does, to read the dosages that stand in
// a field of FORMAT, DS or GP.
func OpenDosages(path string, regions []string, field string) (*DosageReader, error) {
	if err := checkField(field); err != nil {
		return nil, err
	}
	r, err := openRecords(path, regions)
	if err != nil {
		return nil, err
	}
	return newDosageReader(r, field), nil
}

// NewDosageReader reads a VCF from r; name stands for it in error messages.
func NewDosageReader(r io.Reader, name, field string) (*DosageReader, error) {
	if err := checkField(field); err != nil {
		return nil, err
	}
	records, err := newRecords(r, name)
	if err != nil {
		return nil, err
	}
	return newDosageReader(records, field), nil
}

func checkField(field string) error {
	if field != "DS" && field != "GP" {
		return fmt.Errorf("dosages are read from DS or GP, not from %q", field)
	}
	return nil
}

func newDosageReader(r *records, field string) *DosageReader {
	return &DosageReader{r, field, "neither " + field + " nor GT in FORMAT"}
}

// NextDosages reads the next biallelic record that has dosages or genotypes, as
// genomics.DosageSource says. An error names the file and the line; it ends the
// reading, and every later call returns it again.
func (r *DosageReader) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	for {
		rec, err := r.next()
		if err != nil {
			return err
		}
		gt, err := r.gtPlace(rec)
		if err != nil {
			return err
		}
		columns := dosageColumns{gt != absent, r.field, keyPlace(rec.format, r.field)}
		if !columns.hasGT && columns.place == absent {
			r.skipped[r.without]++
			continue
		}
		if err := r.readSite(rec, v); err != nil {
			return err
		}
		if sample, err := columns.read(rec.calls, row, len(r.samples)); err != nil {
			return r.failSample(sample, err.Error())
		}
		return nil
	}
}

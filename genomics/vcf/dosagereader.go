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
type DosageReader struct{ *records[uint16] }

// OpenDosages opens a VCF file as Open does, to read the dosages that stand in
// a field of FORMAT, DS or GP.
func OpenDosages(path string, regions []string, field string) (*DosageReader, error) {
	if err := checkField(field); err != nil {
		return nil, err
	}
	s, err := open(path, regions)
	if err != nil {
		return nil, err
	}
	return newDosageReader(s, field), nil
}

// NewDosageReader reads a VCF from r; name stands for it in error messages.
func NewDosageReader(r io.Reader, name, field string) (*DosageReader, error) {
	if err := checkField(field); err != nil {
		return nil, err
	}
	s, err := newSource(r, name, pieceSize)
	if err != nil {
		return nil, err
	}
	return newDosageReader(s, field), nil
}

func checkField(field string) error {
	if field != "DS" && field != "GP" {
		return fmt.Errorf("dosages are read from DS or GP, not from %q", field)
	}
	return nil
}

func newDosageReader(s *source, field string) *DosageReader {
	return &DosageReader{newRecords(s, len(s.samples), dosages(s.samples, field))}
}

// NextDosages reads the next biallelic record that has dosages or genotypes, as
// genomics.DosageSource says. An error names the file and the line; it ends the
// reading, and every later call returns it again.
func (r *DosageReader) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	return r.next(v, row)
}

// dosages reads rows of dosages.
func dosages(samples []string, field string) rowReader[uint16] {
	without := "neither " + field + " nor GT in FORMAT"
	return func(rec record, row []uint16) (skip string, err error) {
		gt, err := rec.gtPlace()
		if err != nil {
			return "", err
		}
		columns := dosageColumns{gt != absent, field, keyPlace(rec.format, field)}
		if !columns.hasGT && columns.place == absent {
			return without, nil
		}
		if err := rec.checkAlleles(); err != nil {
			return "", err
		}
		if sample, err := columns.read(rec.calls, row, len(samples)); err != nil {
			return "", sampleError(samples, sample, err)
		}
		return "", nil
	}
}

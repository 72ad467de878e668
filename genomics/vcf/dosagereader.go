package vcf

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
)

// DosageFields are the fields of FORMAT that dosages are read from.
var DosageFields = []string{"DS", "GP", "HDS"}

// A DosageReader is a genomics.DosageSource that streams a VCF file of imputed
// genotypes. It reads them as PLINK 2 does with --vcf FILE dosage=FIELD, but in
// thousandths instead of PLINK's steps of 1/16384.
//
// DS is the ALT dosage itself, rounded to a thousandth, a half away from zero.
// It has to be 0 to 2 when rounded. HDS are the ALT dosages of the two haplotypes, 0
// to 1 each, whose sum is the dosage; a sample without them has its DS. GP are the
// probabilities of the genotypes 0/0, 0/1 and 1/1, each of them 0 to 1 and taken to
// nine decimals. The dosage is P(0/1) + 2·P(1/1), divided by the sum of the three,
// which has to be 1 but for rounding; three zeros are a missing dosage.
//
// A sample without a value, or a record without the field, has the dosage of
// its GT: 0, 1, 2 or missing. PLINK 2 reads them so, too. They are counted, see Notes. A
// file of which no record has the field is an error: at its first record, if the header
// does not name the field, and else after the first thousand.
//
// A call in GT with one allele is haploid, a lone dot included. Its DS is then
// 0 to 1 and counts twice, and its GP are two. Where a record has no GT all
// samples are taken to be diploid. On X, Y and MT it cannot be told whether a DS of 0.9 is
// that of one allele or of two: records with DS and no GT are passed over there, which
// PLINK 2 refuses. A lone HDS is that of a haploid call.
type DosageReader struct {
	*records[uint16]
	field string
}

// OpenDosages opens a VCF file as Open does, to read the dosages that stand in
// a field of FORMAT, one of DosageFields.
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
	if !slices.Contains(DosageFields, field) {
		return fmt.Errorf("dosages are read from %s, not from %q", strings.Join(DosageFields, ", "), field)
	}
	return nil
}

// patience is how many records may come before the first that has the field.
const patience = 1000

func newDosageReader(s *source, field string) *DosageReader {
	r := &DosageReader{newRecords[uint16](s, len(s.samples)), field}
	without := 0 // records without the field
	first := ""  // what the first of them has instead
	noField := noField(field)
	r.judge = func(m *remark) error {
		none := r.read == without // of the records so far has the field
		switch {
		case m == nil && none && r.read > 0:
			return fmt.Errorf("%s: no record has %s; leave --dosage-field out to read calls (GT)", r.name, field)
		case m == nil || m.reason != noField:
			return nil
		case none && !r.formats[field]:
			return fmt.Errorf("neither the header nor FORMAT has %s (%s)", field, m.detail)
		case without == 0:
			first = m.detail
		case none && without == patience:
			return fmt.Errorf("the header names %s, but none of the %d variants so far has it (%s); leave --dosage-field out to read calls (GT)", field, patience, first)
		}
		without++
		return nil
	}
	r.HalfCalls(HalfError)
	return r
}

// HalfCalls says what calls with one missing allele are, where a sample's dosage is that
// of its call. It is to be called before NextDosages.
func (r *DosageReader) HalfCalls(half HalfCalls) {
	r.parser.read = dosages(r.samples, r.field, half)
}

// NextDosages reads the next biallelic record that has dosages or genotypes, as
// genomics.DosageSource says. An error names the file and the line; it ends the
// reading, and every later call returns it again.
func (r *DosageReader) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	return r.next(v, row)
}

// Notes of dosages.
func noField(field string) string {
	return "variants without " + field + ", whose calls (GT) were read instead"
}
func noValue(field string) string {
	return "samples' values without " + field + ", whose calls (GT) were read instead"
}

// noScale is why a record is passed over.
const noScale = "DS without GT on X, Y or MT, where it may be from 0 to 1 or from 0 to 2"

// isHaploid reports whether a chromosome is one of which some people have one copy, or all.
func isHaploid(name []byte) bool {
	key := chrom.Parse(string(name))
	return key == chrom.X || key == chrom.Y || key == chrom.MT
}

// oddDosage is why a record is passed over.
func oddDosage(field string) string { return "a value that is no " + field }

// dosages reads rows of dosages.
func dosages(samples []string, field string, half HalfCalls) rowReader[uint16] {
	without := "neither " + field + " nor GT in FORMAT"
	asHalf, noField, noValue := halfReason(half), noField(field), noValue(field)
	return func(rec record, row []uint16, n *notes) (oddity, error) {
		gt, odd := rec.gtPlace()
		if !odd.none() {
			return odd, nil
		}
		c := dosageColumns{hasGT: gt != absent, field: field, place: keyPlace(rec.format, field), ds: absent, half: half}
		if field == "HDS" {
			c.ds = keyPlace(rec.format, "DS")
		}
		has := c.place != absent || c.ds != absent
		if !c.hasGT && !has {
			return oddity{without, withoutGT(rec.format)}, nil
		}
		if !c.hasGT && isHaploid(rec.chrom) {
			if c.ds = absent; field == "DS" || field == "HDS" && c.place == absent {
				return oddity{noScale, fmt.Sprintf("%s:%d", shorten(rec.chrom), rec.pos)}, nil
			}
		}
		if odd := rec.checkAlleles(); !odd.none() {
			return odd, nil
		}
		if !has {
			n.add(noField, func() string { return withoutGT(rec.format) })
		}
		sample, call, err := c.read(rec.calls, row, len(samples), func(kind callKind, sample int, column []byte) {
			if kind != usual {
				n.addCall(kind, asHalf, samples, sample, column)
			} else if has {
				n.add(noValue, func() string { return sampleError(samples, sample, fmt.Errorf("%q", shorten(column))).Error() })
			}
		})
		if err != nil {
			return oddity{oddDosage(field), sampleError(samples, sample, err).Error()}, nil
		}
		return badCall(call.kind, samples, sample, call.column)
	}
}

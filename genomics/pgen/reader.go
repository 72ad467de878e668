// Package pgen reads genotypes and dosages from PLINK 2 filesets (.pgen, .pvar and
// .psam), in all storage modes and kinds of records of the PLINK 2 File Format
// Specification (draft of 2024, github.com/chrchang/plink-ng, pgen_spec).
//
// Only variants with one ALT allele are read; the others are passed over, and no more is
// read of them than what biallelic variants refer to. Phase is ignored. Calls and
// dosages of X, Y and MT are as they are stored: a haploid call counts as homozygous.
// REF is the file's, also where it is marked as provisional. An unknown REF, . or 0
// in the file, becomes N, as PLINK 2 writes it to VCF.
package pgen

import "genoveil/genomics"

// A Reader is a genomics.Source that streams the calls of a fileset. It reads ahead on
// all cores.
type Reader struct{ *fileset[byte] }

// Open opens a fileset, given its prefix or the path of its .pgen file. Beside that are
// .pvar, .pvar.zst, .pvar.gz or .bim, and .psam or .fam: of each, the first that there is
// is read. The file of variants is read once as a whole to find errors, and the others of
// another size, before any work is done.
func Open(prefixOrPgenPath string) (*Reader, error) {
	f, err := open[byte](prefixOrPgenPath)
	if err != nil {
		return nil, err
	}
	width := genomics.RowLen(len(f.samples))
	f.start(width, width, func(d *decoder, k kind, c *cursor, calls genomics.Row, row []byte) error {
		copy(row, calls)
		return d.rest(k, c, calls, nil)
	})
	return &Reader{f}, nil
}

// Next reads the next variant, as genomics.Source says. An error ends the reading, and
// every later call returns it again.
func (r *Reader) Next(v *genomics.Variant, row genomics.Row) error { return r.variants.Next(v, row) }

// A DosageReader is a genomics.DosageSource that streams the dosages of a fileset. It
// reads ahead on all cores.
//
// PLINK stores dosages in steps of 1/16384. They are rounded to the nearest thousandth,
// and a half up, which only 0.0625 and every 0.125 above it have. A sample without a
// dosage has that of its call: 0, 1, 2 or missing.
type DosageReader struct{ *fileset[uint16] }

// OpenDosages opens a fileset as Open does, to read dosages.
func OpenDosages(prefixOrPgenPath string) (*DosageReader, error) {
	f, err := open[uint16](prefixOrPgenPath)
	if err != nil {
		return nil, err
	}
	n := len(f.samples)
	f.start(n, 2*n, func(d *decoder, k kind, c *cursor, calls genomics.Row, row []uint16) error {
		return d.rest(k, c, calls, row)
	})
	return &DosageReader{f}, nil
}

// NextDosages reads the next variant, as genomics.DosageSource says. An error ends the
// reading, and every later call returns it again.
func (r *DosageReader) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	return r.variants.Next(v, row)
}

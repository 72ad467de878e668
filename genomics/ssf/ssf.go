// Package ssf has what tables in the GWAS Catalog's GWAS-SSF v1.0 have in common.
package ssf

import (
	"strconv"
	"strings"

	"genoveil/genomics/chrom"
)

// Missing is the word for a value that is not there.
const Missing = "#NA"

// Chromosome is a human chromosome's number: X is 23, the pseudo-autosomal regions
// included, Y 24 and mitochondria 25; 0 for other names.
func Chromosome(key chrom.Key) int {
	switch key = key.Whole(); key {
	case chrom.X:
		return 23
	case chrom.Y:
		return 24
	case chrom.MT:
		return 25
	}
	n, _ := key.Number()
	return n
}

// AppendVariantID appends a variant_id, CHROM_POS_REF_ALT with the chromosome's number.
func AppendVariantID(line []byte, chromosome, pos int, ref, alt string) []byte {
	line = append(strconv.AppendInt(line, int64(chromosome), 10), '_')
	line = append(strconv.AppendInt(line, int64(pos), 10), '_')
	return append(append(append(line, ref...), '_'), alt...)
}

// RSID is an ID where it is rs and digits, and else Missing.
func RSID(id string) string {
	if digits, ok := strings.CutPrefix(id, "rs"); ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
		return id
	}
	return Missing
}

// Package panel reads and writes lists of variants, VCF files without samples,
// and brings genotypes into the order of a list.
package panel

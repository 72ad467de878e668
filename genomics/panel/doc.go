// Package panel reads and writes lists of variants (VCF files without samples), and puts
// genotypes into the order of a list.
package panel

// Package bam calls genotypes from aligned reads: it takes sites
// and one BAM file a sample, and streams calls as a genomics.Source. No genotype
// is ever written to disk.
//
// A base of a read counts if the read is mapped, primary, no duplicate and not
// marked as failing, and if mapping and base quality reach their bounds. Where both
// mates of a pair cover a site they count as one. Calls are the most probable of the
// three diploid genotypes, given independent errors as the qualities state them, and
// the sites' allele frequency in Hardy–Weinberg proportions where it has one.
// docs/bam.md says more.
//
// All files are walked side by side over windows of sites, so memory depends on
// the numbers of files and threads, not on their sizes.
package bam

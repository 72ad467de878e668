// Package bam calls genotypes from aligned reads. It takes sites and one BAM file per
// sample, and streams calls as a genomics.Source. No genotype is ever written to disk.
//
// A base of a read counts if the read is mapped, primary, not a duplicate and not marked
// as failing, and if mapping and base quality reach their bounds. If both mates of a pair
// cover a site, they count as one. A call is the most probable of the three diploid
// genotypes. It assumes independent errors as the qualities state them, and Hardy–Weinberg
// proportions if the site has an allele frequency. Errors that come together lower the
// quality of heterozygotes with a small share of one allele. docs/bam.md says more.
//
// All files are read side by side over windows of sites. So memory depends on the numbers
// of files and threads, not on the sizes of the files.
package bam

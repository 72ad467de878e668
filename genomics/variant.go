// Package genomics holds what a geneticist knows: variants, samples, dosages and traits.
// Its sub-packages hold the files that these come in and the statistics made from them. It
// imports no cryptography.
package genomics

import (
	"fmt"
	"io"
)

// Variant is one biallelic site. Pos is 1-based, as in VCF. A missing ID is ".".
type Variant struct {
	Chrom string
	Pos   int
	ID    string
	Ref   string
	Alt   string

	// Quality is the number that a reader was asked to find in INFO, and NaN where there
	// is none. Readers that were not asked leave it 0, and so does a Filter.
	Quality float64
}

// UnknownAllele stands for an allele that a PLINK 1 fileset does not know, as in its files:
// that of nobody where all have the other, or both where no call is there.
const UnknownAllele = "0"

// InVCF returns the variant as PLINK 2 writes it to VCF: an unknown REF is N and an
// unknown ALT a dot.
func (v Variant) InVCF() Variant {
	if v.Ref == UnknownAllele {
		v.Ref = "N"
	}
	if v.Alt == UnknownAllele {
		v.Alt = "."
	}
	return v
}

// MaxLine is the greatest length of a line of a VCF in bytes, with its line end: 128
// for each of 2 million samples. It bounds the memory that a file which is no VCF,
// or is damaged, can take.
const MaxLine = 1 << 28

// A Genotype is a diploid call, coded in two bits as the number of ALT alleles.
type Genotype = byte

const (
	HomRef  Genotype = 0
	Het     Genotype = 1
	HomAlt  Genotype = 2
	Missing Genotype = 3
)

// A Row holds one variant's genotypes of all samples, two bits each: sample i
// stands in bits 2(i mod 4) and up of byte i/4. Unused high bits of the last
// byte are zero.
type Row []byte

// RowLen is the number of bytes of a Row of n samples.
func RowLen(n int) int { return (n + 3) / 4 }

// At returns the genotype of sample i.
func (r Row) At(i int) Genotype { return r[i>>2] >> (2 * uint(i&3)) & 3 }

// Set stores the genotype g of sample i.
func (r Row) Set(i int, g Genotype) {
	s := 2 * uint(i&3)
	r[i>>2] = r[i>>2]&^(3<<s) | g<<s
}

// Counts are a variant's genotype counts, indexed by Genotype.
type Counts [4]int

// Called is the number of samples with a call.
func (c Counts) Called() int { return c[HomRef] + c[Het] + c[HomAlt] }

// AltAlleles is the number of ALT alleles among the called samples.
func (c Counts) AltAlleles() int { return c[Het] + 2*c[HomAlt] }

func (c Counts) refAlleles() int { return c[Het] + 2*c[HomRef] }

// A Note is a sentence about genotypes that a user should see. If it is about places in a
// file, it says how many there are and where the first is.
type Note struct {
	Text    string
	Warning bool // genotypes may be missing or wrong
	Count   int
	First   string // "" for a note about no place
}

func (n Note) String() string {
	if n.First == "" {
		return n.Text
	}
	return fmt.Sprintf("%s: %d (the first in %s)", n.Text, n.Count, n.First)
}

// FirstIn stands between a reason for passing over variants and where the first is.
const FirstIn = "; the first in "

// A Source yields variants in the order of its file.
type Source interface {
	// Samples returns the sample names, in the order of every Row.
	Samples() []string

	// Next reads the next usable variant into v and its genotypes into row,
	// whose length is RowLen(len(Samples())). It returns io.EOF after the last
	// one. Records that are not biallelic diploid sites are skipped and counted.
	Next(v *Variant, row Row) error

	// Skipped says how many records were passed over so far, by reason.
	Skipped() map[string]int

	io.Closer
}

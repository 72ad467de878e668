// Package readsim simulates sequenced samples whose genotypes are known: a reference,
// sites, haplotypes, and paired reads in BAM files. The tests and benchmarks of
// genomics/bam read these files.
//
// The reads have what makes calling hard: wrong bases with the qualities that say so,
// duplicates, overlapping mates, indels beside the sites, and clipped ends. There are also
// reads that a caller must not use, with bases that would do harm.
package readsim

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"

	"genoveil/genomics"
)

// Contig is a reference sequence. Length is in bases.
type Contig struct {
	Name   string
	Length int
}

// Options of a simulation. The same options give the same files.
type Options struct {
	Samples int
	Contigs []Contig
	Sites   int     // SNVs, spread evenly over all contigs
	Depth   float64 // mean number of usable reads over a position
	Seed    uint64
}

// A Site is a biallelic SNV with the frequency of ALT from which
// the genotypes were drawn.
type Site struct {
	genomics.Variant
	Frequency float64
}

// A Cohort is a simulated reference with samples.
type Cohort struct {
	options Options
	contigs []contig
	Sites   []Site         // in the order of the contigs, then of positions
	Truth   []genomics.Row // by site, over the samples
}

// A contig has the sites first to last (excluded) of the cohort.
type contig struct {
	Contig
	bases       []byte
	indels      []indel
	first, last int
}

// An indel stands after the 0-based position pos. It inserts bases, or it
// deletes as many as deleted says.
type indel struct {
	pos       int
	inserted  []byte
	deleted   int
	frequency float64
}

const letters = "ACGT"

// New simulates the reference, the sites and the genotypes.
func New(o Options) *Cohort {
	c := &Cohort{options: o}
	total := 0
	for _, k := range o.Contigs {
		total += k.Length
	}
	for i, k := range o.Contigs {
		random := rand.New(rand.NewPCG(o.Seed, uint64(i)))
		one := contig{Contig: k, bases: make([]byte, k.Length), first: len(c.Sites)}
		for j := range one.bases {
			one.bases[j] = letters[random.IntN(4)]
		}
		c.addSites(&one, random, int(math.Round(float64(o.Sites)*float64(k.Length)/float64(total))))
		one.last = len(c.Sites)
		c.contigs = append(c.contigs, one)
	}
	return c
}

// addSites puts n sites on a contig and, beside every third, an indel that does
// not cover a site.
func (c *Cohort) addSites(k *contig, random *rand.Rand, n int) {
	taken := map[int]bool{}
	var positions []int
	for len(positions) < n {
		// A base at the very end has few reads.
		if p := readLength + random.IntN(k.Length-2*readLength); !taken[p] {
			taken[p] = true
			positions = append(positions, p)
		}
	}
	slices.Sort(positions)
	free := 0 // where the next indel may begin
	for i, p := range positions {
		ref := k.bases[p]
		alt := letters[random.IntN(4)]
		for alt == ref {
			alt = letters[random.IntN(4)]
		}
		frequency := 0.01 + 0.98*math.Pow(random.Float64(), 2)
		row := make(genomics.Row, genomics.RowLen(c.options.Samples))
		for s := range c.options.Samples {
			row.Set(s, allele(random, frequency)+allele(random, frequency))
		}
		c.Sites = append(c.Sites, Site{genomics.Variant{
			Chrom: k.Name, Pos: p + 1, ID: fmt.Sprintf("rs%d", len(c.Sites)+1), Ref: string(ref), Alt: string(alt),
		}, frequency})
		c.Truth = append(c.Truth, row)

		if i%3 == 0 && i+1 < len(positions) {
			d := indel{pos: p + 1 + random.IntN(10), frequency: 0.2 + 0.6*random.Float64()}
			if size := 1 + random.IntN(6); random.IntN(2) == 0 {
				d.deleted = size
			} else {
				for range size {
					d.inserted = append(d.inserted, letters[random.IntN(4)])
				}
			}
			if d.pos >= free && d.pos+d.deleted+1 < positions[i+1] {
				k.indels = append(k.indels, d)
				free = d.pos + d.deleted + 2
			}
		}
	}
}

func allele(random *rand.Rand, frequency float64) genomics.Genotype {
	if random.Float64() < frequency {
		return 1
	}
	return 0
}

// SampleName names a sample.
func (c *Cohort) SampleName(sample int) string { return fmt.Sprintf("S%03d", sample+1) }

// WriteSites writes the sites, and the indels between them, as a VCF without
// samples. The frequencies stand in INFO.
func (c *Cohort) WriteSites(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, "##fileformat=VCFv4.3\n##INFO=<ID=AF,Number=A,Type=Float,Description=\"Frequency of ALT\">\n")
	for _, k := range c.contigs {
		fmt.Fprintf(out, "##contig=<ID=%s,length=%d>\n", k.Name, k.Length)
	}
	fmt.Fprint(out, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
	for _, k := range c.contigs {
		indels := k.indels
		for _, s := range c.Sites[k.first:k.last] {
			for len(indels) > 0 && indels[0].pos < s.Pos {
				d := indels[0]
				indels = indels[1:]
				ref := string(k.bases[d.pos : d.pos+1+d.deleted])
				fmt.Fprintf(out, "%s\t%d\t.\t%s\t%s\t.\t.\tAF=%.4f\n", k.Name, d.pos+1, ref, ref[:1]+string(d.inserted), d.frequency)
			}
			fmt.Fprintf(out, "%s\t%d\t%s\t%s\t%s\t.\t.\tAF=%.4f\n", k.Name, s.Pos, s.ID, s.Ref, s.Alt, s.Frequency)
		}
	}
	return out.Flush()
}

// WriteReference writes the reference as FASTA with 60 bases a line.
func (c *Cohort) WriteReference(w io.Writer) error {
	out := bufio.NewWriter(w)
	for _, k := range c.contigs {
		fmt.Fprintf(out, ">%s\n", k.Name)
		for line := range slices.Chunk(k.bases, 60) {
			out.Write(line)
			out.WriteByte('\n')
		}
	}
	return out.Flush()
}

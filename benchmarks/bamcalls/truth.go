package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
	"genoveil/genomics/text"
	"genoveil/genomics/vcf"
)

// A person is someone whose genotypes others have established, such as those of Genome in
// a Bottle: a BAM file, a VCF of the truth, and a BED file of the regions in which the truth
// has all variants. sites is the panel to call.
type person struct{ bam, sites, truth, confident string }

// given reports whether all files are named, or some.
func (p *person) given() (all, some bool) {
	n := 0
	for _, path := range []string{p.bam, p.sites, p.truth, p.confident} {
		if path != "" {
			n++
		}
	}
	return n == 4, n > 0
}

// A place is a base of the genome.
type place struct {
	chrom chrom.Key
	pos   int
}

// A score counts calls by what they are in truth.
type score struct{ sites, called, right int }

// compare calls a person's genotypes and counts the right ones. Inside the confident
// regions, who has no record in the truth is homozygous for REF. Outside, only sites with a
// record count. Sites where the truth has other alleles do not count.
func (p *person) compare(program string) error {
	dir, err := os.MkdirTemp("", "bamcalls")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	calls := filepath.Join(dir, "calls.vcf.gz")
	if _, err := shell(fmt.Sprintf("%s call --bam %s --sites %s -o %s", program, p.bam, p.sites, calls)); err != nil {
		return err
	}
	ours, err := genotypesOf(calls)
	if err != nil {
		return err
	}
	touched, err := p.touched()
	if err != nil {
		return err
	}
	truth, err := genotypesOf(p.truth)
	if err != nil {
		return err
	}
	regions, err := p.regions()
	if err != nil {
		return err
	}
	var inside, outside [3]score // by the true genotype
	wrong := 0
	for site, call := range ours {
		confident := regions.has(site.place)
		want, known := truth[site]
		if !known && (!confident || touched[site.place]) || want == genomics.Missing {
			continue
		}
		s := &outside[want]
		if confident {
			s = &inside[want]
		}
		s.sites++
		if call == genomics.Missing {
			continue
		}
		s.called++
		if call == want {
			s.right++
		} else if wrong++; wrong <= 20 {
			fmt.Printf("  wrong: %s:%d %s>%s has %d ALT alleles, and %d are called\n", site.chrom, site.pos, site.ref, site.alt, want, call)
		}
	}
	for _, part := range []struct {
		name   string
		scores [3]score
	}{{"inside confident regions", inside}, {"outside", outside}} {
		for alts, s := range part.scores {
			if s.sites > 0 {
				fmt.Printf("  %s, %d ALT alleles: %d of %d calls right (%.3f %%), %d of %d sites missing\n",
					part.name, alts, s.right, s.called, percent(s.right, max(1, s.called)), s.sites-s.called, s.sites)
			}
		}
	}
	return nil
}

// A variant is a site with its alleles.
type variant struct {
	place
	ref, alt string
}

// genotypesOf reads the genotypes of the first sample of a VCF.
func genotypesOf(path string) (map[variant]genomics.Genotype, error) {
	r, err := vcf.Open(path, nil)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	r.HalfCalls(vcf.HalfMissing)
	calls := map[variant]genomics.Genotype{}
	row := make(genomics.Row, genomics.RowLen(len(r.Samples())))
	for {
		var v genomics.Variant
		if err := r.Next(&v, row); err == io.EOF {
			return calls, nil
		} else if err != nil {
			return nil, err
		}
		calls[variant{place{chrom.Parse(v.Chrom), v.Pos}, v.Ref, v.Alt}] = row.At(0)
	}
}

// touched are the places that records of the truth touch, those included that
// genotypesOf passes over.
func (p *person) touched() (map[place]bool, error) {
	all := map[place]bool{}
	err := eachLine(p.truth, func(fields []string) error {
		pos, err := strconv.Atoi(fields[1])
		if err != nil {
			return err
		}
		for i := range len(fields[3]) {
			all[place{chrom.Parse(fields[0]), pos + i}] = true
		}
		return nil
	})
	return all, err
}

// regions are the confident ones, by chromosome: where each begins and ends, from 0.
type regions map[chrom.Key][][2]int

func (p *person) regions() (regions, error) {
	all := regions{}
	err := eachLine(p.confident, func(fields []string) error {
		from, err := strconv.Atoi(fields[1])
		if err != nil {
			return err
		}
		to, err := strconv.Atoi(fields[2])
		key := chrom.Parse(fields[0])
		all[key] = append(all[key], [2]int{from, to})
		return err
	})
	return all, err
}

func (r regions) has(p place) bool {
	for _, part := range r[p.chrom] {
		if part[0] < p.pos && p.pos <= part[1] {
			return true
		}
	}
	return false
}

// eachLine does something with the columns of all lines that have at least three, but for
// headers.
func eachLine(path string, do func(fields []string) error) error {
	lines, err := text.Open(path, genomics.MaxLine, "a table")
	if err != nil {
		return err
	}
	defer lines.Close()
	for {
		line, err := lines.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		fields := strings.Split(string(line), "\t")
		if len(fields) < 3 || fields[0][:min(1, len(fields[0]))] == "#" {
			continue
		}
		if err := do(fields); err != nil {
			return lines.Errorf("%w", err)
		}
	}
}

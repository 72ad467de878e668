package main

import (
	"fmt"
	"io"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/bam/readsim"
	"genoveil/genomics/vcf"
)

// concordance compares calls with the truth and with those of bcftools.
func concordance(program string, c *readsim.Cohort, bams []string) error {
	files := strings.Join(bams, " ")
	if _, err := shell(program + " call --bam " + strings.Join(bams, " --bam ") + " --sites panel.vcf -o ours.vcf.gz 2> log.txt"); err != nil {
		return err
	}
	// -A: mpileup is to use pairs that are not proper, as genoveil does, and call to
	// keep alleles that nobody has.
	if _, err := shell("bcftools mpileup -q 20 -Q 13 -A -T alleles.tsv.gz -f reference.fa " + files +
		" 2> log.txt | bcftools call -m -A -C alleles -T alleles.tsv.gz -Oz -o bcftools.vcf.gz 2> log.txt"); err != nil {
		return err
	}
	ours, err := readCalls("ours.vcf.gz", len(bams))
	if err != nil {
		return err
	}
	theirs, err := readCalls("bcftools.vcf.gz", len(bams))
	if err != nil {
		return err
	}
	truth := map[string]genomics.Row{}
	for i, s := range c.Sites {
		truth[key(&s.Variant)] = c.Truth[i]
	}
	all := len(c.Sites) * len(bams)
	for _, caller := range []struct {
		name  string
		calls map[string]genomics.Row
	}{{"genoveil", ours}, {"bcftools", theirs}} {
		called, right := agreement(caller.calls, truth, len(bams))
		fmt.Printf("  %s: %.3f %% of %d calls right, %.2f %% missing\n", caller.name, percent(right, called), called, percent(all-called, all))
	}
	both, same := agreement(ours, theirs, len(bams))
	fmt.Printf("  genoveil and bcftools agree in %.3f %% of %d calls that both make\n", percent(same, both), both)
	return nil
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(whole) }

func key(v *genomics.Variant) string { return fmt.Sprint(v.Chrom, ":", v.Pos, v.Ref, ">", v.Alt) }

func readCalls(path string, samples int) (map[string]genomics.Row, error) {
	r, err := vcf.Open(path, nil)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	calls := map[string]genomics.Row{}
	for {
		var v genomics.Variant
		row := make(genomics.Row, genomics.RowLen(samples))
		if err := r.Next(&v, row); err == io.EOF {
			return calls, nil
		} else if err != nil {
			return nil, err
		}
		calls[key(&v)] = row
	}
}

// agreement counts the genotypes that both have, and those that are the same.
func agreement(a, b map[string]genomics.Row, samples int) (both, same int) {
	for site, row := range a {
		for i := range samples {
			other := b[site]
			if row.At(i) == genomics.Missing || other == nil || other.At(i) == genomics.Missing {
				continue
			}
			both++
			if row.At(i) == other.At(i) {
				same++
			}
		}
	}
	return both, same
}

package main

import "testing"

func TestCheckNames(t *testing.T) {
	bams := &genotypeFlags{reads: bamFlags{bams: []string{"a.bam"}}}
	vcfs := &genotypeFlags{vcf: []string{"a.vcf"}}
	fileset := &genotypeFlags{bfile: []string{"a"}}
	for _, c := range []struct {
		flags *genotypeFlags
		name  string
		want  string
	}{
		{bams, "Anna", ""},
		{bams, "An#na", ""},
		{bams, "Anna K", `sample "Anna K" has a blank in its name, at which tables of traits are cut; rename it with samtools reheader`},
		{vcfs, "Anna\tK", `sample "Anna\tK" has a blank in its name, at which tables of traits are cut; rename it with bcftools reheader -s`},
		{fileset, "#Anna", `sample "#Anna" has a name that begins with #, as comments in tables of traits do; rename it in the table of samples beside the genotypes`},
	} {
		got := ""
		if err := c.flags.checkNames([]string{"Bert", c.name}); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.name, got, c.want)
		}
	}
}

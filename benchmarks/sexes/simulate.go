package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
)

// A site is a variant with its calls.
type site struct {
	genomics.Variant
	ploidy genomics.Ploidy
	calls  []genomics.Genotype // haploid ones are homozygous
}

// A simulation is a cohort in the making.
type simulation struct {
	*rand.Rand
	sexes []genomics.Sex
	sites []site
}

// simulate writes a cohort to prefix.bed, .bim and .fam, to prefix.vcf and .psam, with
// traits and covariates beside it. It returns the variants of X at which one sex has less
// than four calls, of which some may not be analysed.
func simulate(prefix string, seed uint64, samples, variants int) (oneSex map[string]bool, err error) {
	s := &simulation{Rand: rand.New(rand.NewPCG(seed, 0))}
	for range samples {
		sex := genomics.Male + genomics.Sex(s.IntN(2))
		if s.Float64() < 0.04 {
			sex = genomics.UnknownSex
		}
		s.sexes = append(s.sexes, sex)
	}
	s.addSites(variants)
	pheno, covar := s.tables()
	vcf, psam := s.vcf()
	bed, bim, fam := s.fileset()
	var errs []error
	for suffix, text := range map[string][]byte{
		".bed": bed, ".bim": bim, ".fam": fam, ".vcf": vcf, ".psam": psam, ".pheno.txt": pheno, ".covar.txt": covar,
		".pheno19.txt": bytes.TrimPrefix(pheno, []byte("#")), ".covar19.txt": s.withSex(covar),
	} {
		errs = append(errs, os.WriteFile(prefix+suffix, text, 0o644))
	}
	oneSex = map[string]bool{}
	for _, w := range s.sites {
		called := [3]int{}
		for i, g := range w.calls {
			if g != genomics.Missing && (g != genomics.Het || w.ploidy.Copies(s.sexes[i]) != 1) {
				called[s.sexes[i]]++
			}
		}
		oneSex[w.ID] = w.ploidy == genomics.XLinked && min(called[genomics.Male], called[genomics.Female]) < 4
	}
	return oneSex, errors.Join(errs...)
}

// parts are the chromosomes, with their share of the variants and their positions.
var parts = func() (all []struct {
	name     string
	share    float64
	from, to int
}) {
	add := func(name string, share float64, from, to int) {
		all = append(all, struct {
			name     string
			share    float64
			from, to int
		}{name, share, from, to})
	}
	for n := range 22 {
		add(fmt.Sprint(n+1), 0.4/22, 10_000, 45_000_000)
	}
	par, _ := chrom.PARof("b38")
	add("PAR1", 0.05, 10_001, par.End1)
	add("X", 0.25, par.End1+1, par.Start2-1)
	add("PAR2", 0.05, par.Start2, 156_030_895)
	add("Y", 0.12, 2_800_000, 26_000_000)
	add("MT", 0.13, 1, 16_569)
	return all
}()

func (s *simulation) addSites(variants int) {
	for _, part := range parts {
		n := max(3, int(part.share*float64(variants)))
		positions := []int{part.from, part.to} // bounds are where mistakes are
		for len(positions) < n {
			if p := part.from + s.IntN(part.to-part.from); !slices.Contains(positions, p) {
				positions = append(positions, p)
			}
		}
		slices.Sort(positions)
		for _, p := range positions {
			alleles := s.Perm(4)
			v := genomics.Variant{Chrom: part.name, Pos: p, ID: fmt.Sprintf("%s_%d", part.name, p), Ref: "ACGT"[alleles[0] : alleles[0]+1], Alt: "ACGT"[alleles[1] : alleles[1]+1]}
			s.sites = append(s.sites, s.site(v))
		}
	}
}

// site draws calls. What is rare elsewhere is common here: frequencies near 0 and 1,
// variants that nobody or one sex alone is called at, heterozygous calls of one copy.
func (s *simulation) site(v genomics.Variant) site {
	w := site{Variant: v, ploidy: genomics.PloidyOf(v.Chrom)}
	f := s.Float64()
	switch s.IntN(10) {
	case 0:
		f = 0.02 * f
	case 1:
		f = 1 - 0.02*f
	case 2:
		f = []float64{0, 1, 0.5, 0.05, 0.95}[s.IntN(5)]
	}
	missing := [3]float64{}
	switch s.IntN(8) {
	case 0:
		missing = [3]float64{0.02, 0.02, 0.02}
	case 1:
		m := 0.1 * s.Float64()
		missing = [3]float64{m, m, m}
	case 2:
		missing[1+s.IntN(2)] = 0.2 * s.Float64()
	case 3:
		if s.IntN(5) == 0 {
			missing[1+s.IntN(2)] = 1
		}
	case 4:
		if s.IntN(20) == 0 {
			missing = [3]float64{1, 1, 1}
		}
	}
	hets := []float64{0, 0, 0.01, 0.05, 1}[s.IntN(5)]
	if hets == 1 && s.IntN(10) > 0 {
		hets = 0.02
	}
	femaleY := s.IntN(4) == 0 // arrays call some females on Y
	for _, sex := range s.sexes {
		g := genomics.Genotype(0)
		for range 2 {
			if s.Float64() < f {
				g++
			}
		}
		copies := w.ploidy.Copies(sex)
		if copies == 1 {
			if g = genomics.HomRef; s.Float64() < f {
				g = genomics.HomAlt
			}
			if s.Float64() < hets {
				g = genomics.Het
			}
		}
		if s.Float64() < missing[sex] || copies == 0 && !femaleY {
			g = genomics.Missing
		}
		w.calls = append(w.calls, g)
	}
	return w
}

// tables has a case/control trait, a quantitative one and two covariates, of which samples
// lack some. On each kind of chromosome a variant has effects.
func (s *simulation) tables() (pheno, covar []byte) {
	pheno, covar = []byte("#FID\tIID\tCASE\tQT\n"), []byte("#FID\tIID\tC1\tC2\n")
	var causal []site
	for _, name := range []string{"1", "PAR1", "X", "Y", "MT"} {
		of := slices.DeleteFunc(slices.Clone(s.sites), func(w site) bool { return w.Chrom != name })
		causal = append(causal, of[s.IntN(len(of))])
	}
	for i, sex := range s.sexes {
		c1, c2 := s.NormFloat64(), s.NormFloat64()+0.3*float64(sex)
		q := 0.3*c1 - 0.2*c2 + 0.2*float64(sex) + s.NormFloat64()
		for _, w := range causal {
			if g := w.calls[i]; g != genomics.Missing {
				q += 0.3 * float64(g)
			}
		}
		status := "1"
		if s.Float64() < 1/(1+math.Exp(0.8-0.5*q)) {
			status = "2"
		}
		known := func(text string) string {
			if s.Float64() < 0.03 {
				return "NA"
			}
			return text
		}
		pheno = fmt.Appendf(pheno, "F%d\tS%d\t%s\t%s\n", i/2, i, known(status), known(fmt.Sprintf("%.5f", q)))
		covar = fmt.Appendf(covar, "F%d\tS%d\t%s\t%.5f\n", i/2, i, known(fmt.Sprintf("%.5f", c1)), c2)
	}
	return pheno, covar
}

// withSex adds the sex to the covariates, for PLINK 1.9.
func (s *simulation) withSex(covar []byte) []byte {
	var all []byte
	for i, line := range strings.Split(strings.TrimSpace(string(covar)), "\n") {
		sex := "SEX"
		if i > 0 {
			sex = []string{"NA", "1", "2"}[s.sexes[i-1]]
		}
		all = fmt.Appendf(all, "%s\t%s\n", strings.TrimPrefix(line, "#"), sex)
	}
	return all
}

// fileset has the pseudo-autosomal regions as XY, after Y, where PLINK 1.9 puts them.
func (s *simulation) fileset() (bed, bim, fam []byte) {
	for i, sex := range s.sexes {
		fam = fmt.Appendf(fam, "F%d\tS%d\t0\t0\t%d\t-9\n", i/2, i, sex)
	}
	code := [4]byte{genomics.HomRef: 3, genomics.Het: 2, genomics.HomAlt: 0, genomics.Missing: 1} // A1 is ALT
	number := func(w site) int {
		key := chrom.Parse(w.Chrom)
		if key == chrom.PAR1 || key == chrom.PAR2 {
			key = chrom.XY
		}
		n, _ := key.Number()
		return n
	}
	sorted := slices.Clone(s.sites)
	slices.SortStableFunc(sorted, func(a, b site) int { return number(a) - number(b) })
	bed = []byte{0x6c, 0x1b, 1}
	for _, w := range sorted {
		bim = fmt.Appendf(bim, "%d\t%s\t0\t%d\t%s\t%s\n", number(w), w.ID, w.Pos, w.Alt, w.Ref)
		row := make([]byte, genomics.RowLen(len(w.calls)))
		for i, g := range w.calls {
			row[i/4] |= code[g] << (2 * (i % 4))
		}
		bed = append(bed, row...)
	}
	return bed, bim, fam
}

// vcf has haploid calls where a sample has one copy, and all of X in one.
func (s *simulation) vcf() (vcf, psam []byte) {
	psam = []byte("#FID\tIID\tSEX\n")
	vcf = []byte("##fileformat=VCFv4.3\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT")
	for i, sex := range s.sexes {
		vcf = fmt.Appendf(vcf, "\tS%d", i)
		psam = fmt.Appendf(psam, "F%d\tS%d\t%s\n", i/2, i, []string{"NA", "1", "2"}[sex])
	}
	for _, w := range s.sites {
		name := w.Chrom
		if strings.HasPrefix(name, "PAR") {
			name = "X"
		}
		vcf = fmt.Appendf(vcf, "\nchr%s\t%d\t%s\t%s\t%s\t.\t.\t.\tGT", strings.TrimSuffix(name, "T"), w.Pos, w.ID, w.Ref, w.Alt)
		for i, g := range w.calls {
			text := [4]string{genomics.HomRef: "0/0", genomics.Het: "0/1", genomics.HomAlt: "1/1", genomics.Missing: "./."}[g]
			if w.ploidy.Copies(s.sexes[i]) < 2 && g != genomics.Het {
				text = text[:1]
			}
			vcf = append(append(vcf, '\t'), text...)
		}
	}
	return append(vcf, '\n'), psam
}

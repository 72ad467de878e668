package main

import (
	"fmt"
	"log/slog"
	"slices"

	"genoveil/genomics"
	"genoveil/genomics/bed"
	"genoveil/genomics/chrom"
	"genoveil/genomics/pgen"
	"genoveil/genomics/pheno"
)

// ploidyNotes is what filtered genotypes know of samples with one copy of a chromosome.
type ploidyNotes interface {
	Sexes() []genomics.Sex
	HaploidNotes(genomics.Ploidy) *genomics.HaploidNotes
}

// checkSexes refuses flags that do not go together.
func (g *genotypeFlags) checkSexes() error {
	if g.sex != "" && g.psam != "" {
		return usagef("--psam is the same as --sex; give one")
	}
	if g.sex == "" {
		g.sex = g.psam
	}
	if g.splitPAR == "" {
		return nil
	}
	if _, err := chrom.PARof(g.splitPAR); err != nil {
		return usagef("--split-par takes b36, b37 or b38, not %q", g.splitPAR)
	}
	return nil
}

// addSexes gives a filter the sexes of the source's samples, and the pseudo-autosomal
// regions.
func (g *genotypeFlags) addSexes(log *slog.Logger, f *genomics.Filter, samples []string) error {
	if g.splitPAR != "" {
		par, err := chrom.PARof(g.splitPAR)
		if err != nil {
			return err
		}
		f.PAR = &par
	}
	path, table, err := g.readSexes()
	if err != nil || table == nil {
		return err
	}
	f.Sexes = make([]genomics.Sex, len(samples))
	found := 0
	for i, name := range samples {
		sex, ok := table[name]
		f.Sexes[i] = sex
		if ok {
			found++
		}
	}
	if found == 0 {
		return fmt.Errorf("%s: none of its %s is among the genotypes; it has %q, and they have %q", path, count(len(table), "sample"), anyName(table), samples[0])
	}
	if other := len(table) - found; other > 0 && g.sex != "" {
		log.Info(fmt.Sprintf("%s names %s that the genotypes do not have", path, count(other, "sample")), "file", path, "unused", other)
	}
	if without := len(samples) - found; without > 0 && g.sex != "" {
		log.Warn(fmt.Sprintf("%s: %s of the genotypes without a line; their sex is unknown, so regression on X and Y leaves them out", path, count(without, "sample")), "file", path, "no_line", without)
	}
	return nil
}

// readSexes reads the table that is given, or what the files of samples have that go with
// the genotypes.
func (g *genotypeFlags) readSexes() (path string, table map[string]genomics.Sex, err error) {
	if g.sex != "" {
		table, err = pheno.ReadSexes(g.sex)
		return g.sex, table, err
	}
	first := map[string]string{} // the file that a sex is from
	for _, own := range g.ownSexes() {
		sexes, err := pheno.SexesOf(own)
		if err != nil {
			return own, nil, err
		}
		if path == "" && sexes != nil {
			path, table = own, map[string]genomics.Sex{}
		}
		for name, sex := range sexes {
			known := table[name]
			if known != genomics.UnknownSex && sex != genomics.UnknownSex && sex != known {
				return own, nil, fmt.Errorf("%s: sample %q has another sex than in %s; say with --sex what is right", own, name, first[name])
			}
			if table[name] = max(known, sex); sex != genomics.UnknownSex {
				first[name] = own
			}
		}
	}
	return path, table, nil
}

// ownSexes names the files of samples that go with the genotypes and may have sexes.
func (g *genotypeFlags) ownSexes() (paths []string) {
	for _, file := range g.files {
		path := file.sample
		switch {
		case named(g.bfile):
			path = bed.Files(file.path)[2]
		case named(g.binary.pfile):
			path = pgen.Files(file.path)[2]
		}
		if path != "" && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

func anyName(table map[string]genomics.Sex) (first string) {
	for name := range table {
		if first == "" || name < first {
			first = name
		}
	}
	return first
}

// wrongSexes is the share of males' calls on X that are heterozygous from which on the sexes
// may be wrong. Of females' calls a quarter or more are, on arrays.
const wrongSexes = 0.1

// logPloidy says what there was where samples may have one copy, and what was made of it.
// Sexes matter to tests.
func (g *genotypeFlags) logPloidy(log *slog.Logger, tests bool) {
	if g.ploidy == nil {
		return
	}
	x, y, mt := g.ploidy.HaploidNotes(genomics.XLinked), g.ploidy.HaploidNotes(genomics.YLinked), g.ploidy.HaploidNotes(genomics.Mitochondrial)
	if tests && (x != nil || y != nil) {
		g.logSexes(log)
	}
	males := 0
	for _, s := range g.sexes {
		if s == genomics.Male {
			males++
		}
	}
	for _, n := range []struct {
		*genomics.HaploidNotes
		where string
	}{{x, "of males on X"}, {y, "of males on Y"}, {mt, "of mitochondria"}} {
		if n.HaploidNotes == nil || n.Hets == 0 {
			continue
		}
		hint := ""
		if n.HaploidNotes == x && g.splitPAR == "" {
			hint = "; if they are in a pseudo-autosomal region, say with --split-par which genome assembly this is"
		}
		if calls := males * n.Variants; n.HaploidNotes == x && float64(n.Hets) > wrongSexes*float64(calls) {
			hint += fmt.Sprintf("; %.0f %% of males' calls on X are such, so check that the sexes are right", 100*float64(n.Hets)/float64(calls))
		}
		log.Warn(fmt.Sprintf("%s %s became missing, for there is one copy (the first: %s at %s:%d)%s",
			count(n.Hets, "heterozygous call"), n.where, n.First.ID, n.First.Chrom, n.First.Pos, hint), "calls", n.Hets)
	}
}

// logSexes counts the sexes.
func (g *genotypeFlags) logSexes(log *slog.Logger) {
	var n [3]int
	for _, s := range g.sexes {
		n[s]++
	}
	males, females, unknown := n[genomics.Male], n[genomics.Female], n[genomics.UnknownSex]
	text := fmt.Sprintf("sexes: %s, %s, %d unknown", count(males, "male"), count(females, "female"), unknown)
	switch attributes := []any{"males", males, "females", females, "unknown", unknown}; {
	case g.sexes == nil:
		log.Warn("the sexes of the samples are not given: in tests, all count as having two copies of X and none of Y, so that X is wrong for males; give --sex FILE, or leave X and Y out with --chr", attributes...)
	case males+females == 0:
		log.Warn(text+": in tests, all count as having two copies of X and none of Y; give --sex FILE, or leave X and Y out with --chr", attributes...)
	default:
		log.Info(text, attributes...)
	}
}

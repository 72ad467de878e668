package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"genoveil/pipeline/private"
)

// tables makes all tables from an encrypted cohort and compares them with PLINK's.
func (b *bench) tables(name string, input []string) error {
	if err := b.encrypt(name, input); err != nil {
		return err
	}
	p := func(suffix string) string { return b.path(name + suffix) }
	covar := []string{"--covar", b.path("sim.covar.txt")}
	for _, q := range []struct {
		test, trait    string
		traits, tables []string
	}{
		{"chi2", "CASE", []string{"--model"}, []string{"--model"}},
		{"linear", "QT", covar, nil},
		{"logistic", "CASE", covar, nil},
	} {
		for _, args := range [][]string{
			append([]string{"encrypt", "traits", "--index", p(".index"), "--pheno", b.path("sim.pheno.txt"), "--pheno-name", q.trait, "--test", q.test, "--keys", b.path("keys"), "-o", p("." + q.test)}, q.traits...),
			{"run", "--cohort", p(""), "--traits", p("." + q.test + ".traits"), "--eval-key", b.path("keys/eval.key"), "-o", p("." + q.test + ".sums")},
			append([]string{"decrypt", "--sums", p("." + q.test + ".sums"), "--index", p(".index"), "--private", p("." + q.test + ".private"), "--keys", b.path("keys"), "-o", p("")}, q.tables...),
		} {
			if err := b.genoveil(args...); err != nil {
				return err
			}
		}
	}
	for _, suffix := range []string{".assoc", ".model"} {
		if err := sameText(p(suffix), p(".plink"+suffix)); err != nil {
			return err
		}
	}
	return errors.Join(
		b.compareWith(name, ".QT.glm.linear", "ID", "T_STAT", "T_STAT", ".plink.QT.glm.linear"),
		b.compareWith(name, ".CASE.glm.logistic", "SNP", "Z_STAT", "STAT", ".plink.assoc.logistic", ".plink.x.assoc.logistic"),
	)
}

func (b *bench) compareWith(name, suffix, id, statistic, column string, references ...string) error {
	for i, reference := range references {
		references[i] = b.path(name + reference)
	}
	reference, err := statistics(id, column, references...)
	if err != nil {
		return err
	}
	return b.compare(b.path(name+suffix), b.path(name+".plink"+suffix), statistic, reference)
}

func (b *bench) encrypt(name string, input []string, filters ...string) error {
	return b.genoveil(slices.Concat([]string{"encrypt", "genotypes", "--keys", b.path("keys"), "-o", b.path(name)}, input, filters)...)
}

// filters compares what filters leave with what they leave in PLINK 2.
func (b *bench) filters(name string, input []string) error {
	for i, filter := range [][]string{
		{"--maf", "0.05"},
		{"--geno", "0.02"},
		{"--maf", "0.01", "--geno", "0.1", "--chr", "2-21,Y,MT"},
		{"--maf", "0.2", "--chr", "X"},
		{"--geno", "0.05", "--chr", "PAR1,PAR2"},
	} {
		if name == "bed" && strings.HasPrefix(filter[len(filter)-1], "PAR") {
			filter = []string{"--geno", "0.05", "--chr", "XY"}
		}
		out := fmt.Sprintf("%s.filter%d", name, i)
		if err := b.encrypt(out, input, filter...); err != nil {
			return err
		}
		if err := b.call("plink2", append([]string{"--bfile", b.path(name + ".one"), "--write-snplist", "--out", b.path(out)}, filter...)...); err != nil {
			return err
		}
		if err := b.sameVariants(out); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(filter, " "), err)
		}
	}
	return nil
}

// sameVariants compares the variants of an encrypted cohort with PLINK's list, and removes
// the cohort.
func (b *bench) sameVariants(name string) error {
	index, err := private.OpenIndex(b.path(name + ".index"))
	if err != nil {
		return err
	}
	defer index.Close()
	variants, err := index.AllVariants(b.ctx)
	if err != nil {
		return err
	}
	list, err := os.ReadFile(b.path(name + ".snplist"))
	if err != nil {
		return err
	}
	theirs := strings.Fields(string(list))
	for i := range max(len(variants), len(theirs)) {
		if i >= len(variants) || i >= len(theirs) || variants[i].ID != theirs[i] {
			return fmt.Errorf("it leaves %d variants, and in PLINK %d; they differ from number %d on", len(variants), len(theirs), i+1)
		}
	}
	return os.RemoveAll(b.path(name))
}

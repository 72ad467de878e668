package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
)

// plink has PLINK make its tables of a cohort, NAME.plink.*.
func (b *bench) plink(name string, input []string) error {
	out, one := b.path(name+".plink"), b.path(name+".one")
	stale, err := filepath.Glob(b.path(name + ".*"))
	for _, path := range append(stale, b.path(name)) {
		err = errors.Join(err, os.RemoveAll(path))
	}
	if err != nil {
		return err
	}
	glm := []string{"plink2", "--bfile", one, "--pheno", b.path("sim.pheno.txt"), "--covar", b.path("sim.covar.txt"), "--out", out, "--pheno-name"}
	old := []string{"plink1.9", "--bfile", b.path(name + ".all"), "--allow-extra-chr", "--allow-no-sex", "--pheno", b.path("sim.pheno19.txt"), "--pheno-name", "CASE", "--out"}
	// Of X, as PLINK 2 does it: males 0 or 2, the sex a covariate, and no sample of unknown sex.
	logistic := []string{"--keep-allele-order", "--logistic", "beta", "hide-covar", "no-x-sex", "--covar", b.path("sim.covar19.txt")}
	for _, args := range [][]string{
		slices.Concat([]string{"plink2", "--make-bed", "--out", b.path(name + ".all")}, input),
		{"plink2", "--bfile", b.path(name + ".all"), "--set-hh-missing", "--set-mixed-mt-missing", "--make-bed", "--out", one},
		slices.Concat(old, []string{out, "--assoc"}),
		slices.Concat(old, []string{out, "--model", "--cell", "0"}),
		slices.Concat(old, []string{out, "--not-chr", "X", "--covar-name", "C1,C2"}, logistic),
		slices.Concat(old, []string{b.path(name + ".plink.x"), "--chr", "X", "--xchr-model", "2"}, logistic),
		slices.Concat(glm, []string{"QT", "--glm", "hide-covar", "omit-ref", "cols=+a1count,+a1freq"}),
		slices.Concat(glm, []string{"CASE", "--glm", "hide-covar", "omit-ref", "no-firth", "cols=+a1count,+a1freq,+a1countcc,+totallelecc"}),
	} {
		if err := b.call(args[0], args[1:]...); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"strconv"

	"genoveil/pipeline/format"
)

// Names of the steps.
const (
	encryptBED      = "encrypt genotypes, BED"
	encryptVCF      = "encrypt genotypes, VCF.gz"
	chi2Traits      = "encrypt traits, χ²"
	chi2Run         = "run, χ²"
	chi2Decrypt     = "decrypt, χ²"
	plinkAssoc      = "PLINK 1.9 --assoc"
	logisticTraits  = "encrypt traits, logistic"
	logisticRun     = "run, logistic"
	logisticDecrypt = "decrypt, logistic"
	plinkGLM        = "PLINK 2 --glm"
)

// encryptGenotypes encrypts both cohorts.
func (b *bench) encryptGenotypes() {
	const scratch = "scratch"
	for _, threads := range b.threads() {
		if threads == b.Threads {
			b.encrypt(encryptBED, threads, whole, whole, "--bfile", b.path(whole))
			b.encrypt(encryptBED, threads, half, half, "--bfile", b.path(half))
			continue
		}
		b.encrypt(encryptBED, threads, whole, scratch, "--bfile", b.path(whole))
	}
	b.encrypt(encryptVCF, b.Threads, whole, scratch, "--vcf", b.path("sim.vcf.gz"))
	b.remove(scratch+".cohort", scratch+".cohort.index")
}

// encrypt encrypts genotypes anew into OUT.cohort.
func (b *bench) encrypt(name string, threads int, cohort, out string, source ...string) {
	out += ".cohort"
	b.remove(out, out+".index")
	s := b.measure(name, threads, cohort, b.genoveil, append([]string{"encrypt", "genotypes", "--keys", b.path("keys"),
		"--threads", strconv.Itoa(threads), "-o", b.path(out)}, source...)...)
	if cohort == half {
		return
	}
	b.do(func() error { return s.bytes(b.path(out)) })
	b.do(func() error {
		c, err := format.OpenCohort(b.path(out))
		if err != nil {
			return err
		}
		planes := 0
		for _, block := range c.Blocks {
			planes += len(block.Planes)
		}
		s.Products = float64(planes) / float64(len(c.Blocks))
		return nil
	})
}

// chi2 evaluates the trait without covariates, and compares the table with
// PLINK's.
func (b *bench) chi2() {
	for _, cohort := range []string{whole, half} {
		b.traits(chi2Traits, cohort, "chi2")
		b.evaluate(chi2Run, b.Threads, cohort, "chi2")
		b.measure(plinkAssoc, b.Threads, cohort, b.plink1.path, "--bfile", b.path(cohort), "--assoc", "--allow-no-sex",
			"--threads", strconv.Itoa(b.Threads), "--out", b.path(cohort))
	}
	for _, threads := range b.threads()[1:] {
		b.evaluate(chi2Run, threads, whole, "chi2")
	}
	b.decrypt(chi2Decrypt, "chi2")
	if b.plink1.path != "" {
		b.do(func() error { return sameText(b.path(whole+".chi2.assoc"), b.path(whole+".assoc")) })
	}
}

// logistic evaluates the trait with covariates.
func (b *bench) logistic() {
	for _, cohort := range []string{whole, half} {
		b.traits(logisticTraits, cohort, "logistic", "--covar", b.path("sim.covar.txt"))
		b.evaluate(logisticRun, b.Threads, cohort, "logistic")
		b.measure(plinkGLM, b.Threads, cohort, b.plink2.path, "--bfile", b.path(cohort), "--pheno", b.path("sim.pheno.txt"), "--pheno-name", "CASE",
			"--covar", b.path("sim.covar.txt"), "--glm", "no-firth", "hide-covar", "--threads", strconv.Itoa(b.Threads), "--out", b.path(cohort))
	}
	for _, threads := range b.threads()[1:] {
		b.evaluate(logisticRun, threads, whole, "logistic")
	}
	b.decrypt(logisticDecrypt, "logistic")
}

// traits encrypts the trait for a test into COHORT.TEST.traits. The command
// takes no number of threads, and the number of variants does not matter to it.
func (b *bench) traits(name, cohort, test string, covar ...string) {
	out := cohort + "." + test
	args := append([]string{"encrypt", "traits", "--index", b.path(cohort + ".cohort.index"), "--pheno", b.path("sim.pheno.txt"),
		"--pheno-name", "CASE", "--test", test, "--keys", b.path("keys"), "-o", b.path(out)}, covar...)
	if cohort == half {
		b.call(b.genoveil, args...)
		return
	}
	s := b.measure(name, 0, cohort, b.genoveil, args...)
	b.do(func() error { return s.bytes(b.path(out + ".traits")) })
}

// evaluate computes the sums of COHORT.TEST.traits.
func (b *bench) evaluate(name string, threads int, cohort, test string) {
	out := cohort + "." + test
	b.do(func() error { return cache(b.path(cohort + ".cohort")) })
	s := b.measure(name, threads, cohort, b.genoveil, "run", "--cohort", b.path(cohort+".cohort"), "--traits", b.path(out+".traits"),
		"--eval-key", b.path("keys/eval.key"), "--threads", strconv.Itoa(threads), "-o", b.path(out+".sums"))
	if cohort == half {
		return
	}
	b.do(func() error { return s.bytes(b.path(out + ".sums")) })
	b.do(func() error { return s.count(b.path(cohort+".cohort"), b.path(out+".traits")) })
}

// count finds how many products and columns an evaluation has.
func (s *step) count(cohortDir, traitsPath string) error {
	cohort, err := format.OpenCohort(cohortDir)
	if err != nil {
		return err
	}
	traits, err := format.OpenTraits(traitsPath)
	if err != nil {
		return err
	}
	defer traits.Close()
	_, s.Products = format.Evaluated(cohort, traits)
	s.Columns = traits.Columns
	return nil
}

// decrypt writes the table of whole.TEST.sums.
func (b *bench) decrypt(name, test string) {
	query := whole + "." + test
	b.measure(name, b.Threads, whole, b.genoveil, "decrypt", "--sums", b.path(query+".sums"), "--index", b.path(whole+".cohort.index"),
		"--private", b.path(query+".private"), "--keys", b.path("keys"), "--threads", strconv.Itoa(b.Threads), "-o", b.path(query))
}

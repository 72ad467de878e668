#!/bin/sh
# Makes the filesets in this folder and what PLINK 2 (v2.00a3.5, Debian) reads from them.
set -e
q() { plink2 --silent "$@"; }
# Calls: multi-allelic variants, phase, all ways to store genotypes.
q --vcf hard.vcf.gz --split-par hg38 --make-pgen vzs --out hard
q --pfile hard vzs --max-alleles 2 --make-bed --out hard.answer
# The same with a fixed width, without the multi-allelic variants.
q --pfile hard vzs --max-alleles 2 --make-pgen format=2 --out fixed
# Dosages, with and without phase.
q --vcf dosage.vcf.gz dosage=DS --make-pgen --out dosage
q --vcf dosage.vcf.gz dosage=HDS --make-pgen --out phased
# mode03, mode04 and mode20 are of write_test.go, for PLINK reads these modes and does not
# write them.
for name in dosage phased mode03 mode04 mode20
do
	q --pfile $name --export vcf vcf-dosage=DS-force bgz --out $name.answer
done
rm -f *.log

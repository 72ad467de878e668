#!/bin/sh
# Makes the BGEN files in this folder and what PLINK 2 (v2.00a3.5, Debian) reads from them.
set -e
q() { plink2 --silent "$@" 2>/dev/null; }
awk 'BEGIN { print "#IID\tSEX"; for (i = 0; i < 60; i++) print "s" i "\t" 1 + i % 2 }' > sex.psam
q --vcf source.vcf.gz dosage=HDS --psam sex.psam --make-pgen --out source
q --pfile source --export bgen-1.2 bits=8 ref-first --out zlib8
q --pfile source --export bgen-1.3 bits=16 ref-first --out zstd16
q --pfile source --export bgen-1.2 bits=13 --out last13
for name in zlib8 zstd16 last13
do
	order=ref-first
	case $name in last*) order=ref-last ;; esac
	q --bgen $name.bgen $order --sample $name.sample --make-pgen --out tmp
	q --pfile tmp --make-bed --out $name.answer
	q --pfile tmp --export vcf vcf-dosage=DS-force bgz --out $name.answer
done
rm -f *.log tmp.* source.p* sex.psam
# Who is no male has no allele of Y.
q --vcf y.vcf --psam y.psam --make-pgen --out tmp
for bits in 8 16
do
	q --pfile tmp --export bgen-1.2 bits=$bits ref-first --out y$bits
done
rm -f *.log tmp.*

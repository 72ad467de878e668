// Package sumstats reads tables of summary statistics, one row a variant, as programs for
// association tests write them: REGENIE (also with --htp), SAIGE, PLINK 1.9 and 2, METAL,
// the GWAS Catalog's GWAS-SSF, and any table whose columns the caller names. A table may be
// plain text or compressed with gzip, BGZF or zstd. Its header tells which program wrote it.
//
// A row of which no use can be made is left out and counted by its reason. A table whose
// form is not what its header says is an error.
package sumstats

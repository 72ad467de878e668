// Package meta is the meta-analysis of summary statistics with fixed effects, as METAL does
// it (Willer, Li and Abecasis, Bioinformatics 2010), in sums of integers: each site makes
// integers of its table, whoever has the sums of all sites makes the result of them, and
// nobody needs the table of anybody else.
//
// A List has the variants of a study; MakeList makes one. Harmonise brings a site's table
// into its order and orientation. A Study says what is added up; its Encode makes a site's
// words of a variant, and its Decode the total of the sites' sum. Result holds the statistics
// of a total. A Tally says beforehand how many sites have a variant, and a Card what a site
// declares of its table.
//
// Memory for the largest lists: a List takes 21 bytes a variant and its texts, some 16 for
// single bases; Estimates take 48, and the search for variants 8 while a table is read. What
// follows is made in parts of the list. 12 million variants take 1.2 GB.
package meta

// Package cells says which sites the totals of a study give away.
//
// A total stands on units, of one site each, whose numbers were added up, each times a factor
// of its site. Who has several totals can add and subtract them, with any factors. So what a
// study tells is the linear span of its totals' vectors of factors over units, and not only
// the totals and their differences: seven totals over three of seven sites each, of which no
// two differ in fewer than four sites, can give every site away; and so do two totals over
// the same three sites, one with genomic control and one without, to one of the three, who
// subtracts its own. A set of sites is exposed if a vector of the span, other than 0, is zero
// on all units of other sites.
//
// With c colluding sites the least number of sites that a vector may stand on is c + 2: the
// colluders subtract their own sums, and the remainder has to be the sum of two sites.
//
// All totals count as totals of the same numbers. Numbers of different kinds, as counts and
// the scores of each trait, cannot be combined. So callers ask once for each kind, about the
// totals of that kind; asked about all kinds at once, more would be exposed than need be.
//
// Factors of one name are the same in all totals, so their size does not matter. A λ that was
// found in another table, or on other variants, is another factor and needs another name.
//
// Factors of different names count as generic: what is exposed is what almost all factors
// expose. Factors that happen to be related can expose more. Where λ is 1 at all sites but
// two, the totals with genomic control and without differ in the numbers of these two alone.
// Nothing here sees that: it has names, and no factors.
//
// Answers are the same on every machine. They are exact where all factors have one name, and
// otherwise but for a probability below 2^-60. Where the search for them is bounded, and the
// bound is reached, the answer errs towards exposure.
package cells

// Package cells says which sites the totals of a study give away.
//
// A total stands on a roster: the units, of one site each, that were added up. Who has
// several totals can add and subtract them, with any factors. So what a study tells is the
// linear span of its rosters' 0/1 vectors over units, and not only the rosters and their
// differences: seven totals over three of seven sites each, of which no two differ in fewer
// than four sites, can give every site away. A set of sites is exposed if a vector of the
// span, other than 0, is zero on all units of other sites.
//
// With c colluding sites the least number of sites that a vector may stand on is c + 2: the
// colluders subtract their own sums, and the remainder has to be the sum of two sites.
//
// All totals count as totals of the same numbers. Where they are not, as with the scores of
// two traits, more is exposed than need be. But sites that are exposed by totals before are
// not exposed anew by totals of another trait over the same rosters. Whoever wants to ask
// them again takes the rosters that they allowed from those before, and adds them to next.
//
// Answers are exact, and the same on every machine. Where the search for them is bounded,
// and the bound is reached, the answer errs towards exposure.
package cells

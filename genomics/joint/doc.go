// Package joint fits regressions to the rows of several sites, from sums over the rows of
// each: linear, logistic and Cox regression, to the estimate that the pooled rows have. It
// knows nothing of how the sums are added.
//
// A [Fit] is what all parties know. In every round each site makes a vector of integers from
// its rows and the fit ([Fit.Sums]), and the total of all vectors takes the fit a step
// further ([Fit.Advance]). The first round is of moments, by which columns are then brought
// to mean 0 and variance 1. A linear model takes one round more. For the others each site
// brings its own estimate to the second round, and every round more is a step of Newton's
// method from their average.
//
// Totals that others have steered would make a site's sums tell of single rows, so a site
// asks before every round whether its rows may take part ([Fit.Allowed]).
package joint

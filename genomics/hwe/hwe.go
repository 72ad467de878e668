// Package hwe tests for Hardy-Weinberg equilibrium: exact tests with mid-p values
// (Wigginton, Cutler and Abecasis 2005; Graffelman and Moreno 2013), also of the
// chromosome X (Graffelman and Weir 2016). They are those of PLINK 2 with its modifier
// midp.
//
// A mid-p value is the probability of all outcomes less likely than the one observed, and
// half that of those as likely, itself included.
package hwe

import "math"

// start is the weight of an outcome near the likeliest; the others' are relative to it.
// Sums stay far below the greatest float64, and there is room below for outcomes that are
// 10^-600 times as likely.
const start = 0x1p960

// slack is the relative distance up to which two outcomes are equally likely. Rounding
// over the tens of thousands of steps between them makes less.
const slack = 0x1p-36

// negligible is the share of the observed outcome's weight below which others are left out.
const negligible = 0x1p-64

// MidP returns the mid-p value of the counts of three genotypes. Values that float64 does
// not have are 0.
func MidP(homRef, het, homAlt int) float64 { return MidPX(homRef, het, homAlt, 0, 0) }

// MidPX returns the mid-p value of the genotypes of females and the alleles of males on
// the chromosome X. It is small, too, where the two differ in frequency.
func MidPX(homRef, het, homAlt, maleRef, maleAlt int) float64 {
	return midP(cell{homRef: homRef, het: het, homAlt: homAlt, maleRef: maleRef, maleAlt: maleAlt}, math.Inf(1))
}

// AtLeast reports whether MidP is at least p. It mostly needs a small part of the time.
func AtLeast(p float64, homRef, het, homAlt int) bool { return AtLeastX(p, homRef, het, homAlt, 0, 0) }

// AtLeastX reports whether MidPX is at least p.
func AtLeastX(p float64, homRef, het, homAlt, maleRef, maleAlt int) bool {
	return midP(cell{homRef: homRef, het: het, homAlt: homAlt, maleRef: maleRef, maleAlt: maleAlt}, p) >= p
}

// midP returns a mid-p value, or one that is on the same side of enough.
func midP(observed cell, enough float64) float64 {
	middle := observed.middle()
	s := sums{observed: middle.weightOf(observed), most: math.Inf(1)}
	if s.observed == 0 {
		return 0
	}
	s.addRow(middle)
	all := s.all * middle.rows()
	// No outcome that counts is likelier than the one observed, and there are no more than
	// these.
	if outcomes := float64(observed.males()+1) * float64(observed.females()+1); s.observed/all*outcomes < enough && !math.IsInf(enough, 1) {
		return 0
	}
	s.most = enough * all
	for c := middle; s.below < s.most && c.moveToMales() && s.addRow(c); {
	}
	middle.swap()
	for c := middle; s.below < s.most && c.moveToMales() && s.addRow(c); {
	}
	if s.below >= s.most { // the quotient may be rounded to less
		return enough
	}
	return s.below / all
}

// sums are those of a mid-p value. Those below need not go beyond the most.
type sums struct{ observed, below, all, most float64 }

// addRow adds all outcomes that have the males of c, which is the likeliest of them, and
// reports whether it counts.
func (s *sums) addRow(c cell) bool {
	if !s.add(c.weight) {
		return false
	}
	for more := c; more.moreHets() && s.add(more.weight); {
	}
	for fewer := c; fewer.fewerHets() && s.add(fewer.weight); {
	}
	return true
}

// add adds an outcome, and reports whether it counts.
func (s *sums) add(weight float64) bool {
	s.all += weight
	switch {
	case weight < s.observed*(1-slack):
		s.below += weight
	case weight <= s.observed*(1+slack):
		s.below += weight / 2
	}
	return weight > s.observed*negligible && s.below < s.most
}

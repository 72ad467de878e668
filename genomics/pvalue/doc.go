// Package pvalue computes two-sided P values and reads them from text, as logarithms: so
// they may lie far below the smallest float64.
package pvalue

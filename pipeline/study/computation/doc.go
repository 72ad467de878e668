// Package computation has what the analyses of a study add up: meta-analyses of tables,
// forest plots and fits. Each is a protocol.Computation, a function of public documents, of
// what sites declared and of totals; and where a site has data, of these.
package computation

// Package secagg adds up vectors of several sites such that nobody sees more than the
// total: secure aggregation with pairwise masks (Bonawitz et al., CCS 2017; Bell et al.,
// CCS 2020) between sites that are never online together. It knows words, keys and labels;
// files, rounds and rules are its callers'.
//
// A site i with the words x_i uploads
//
//	u_i = x_i + Σ_{j>i} M(k_ij) − Σ_{j<i} M(k_ij) + M(β_i)
//
// modulo 2^64, or 2^128 for wide words. M is a stream that a key, a [Transcript], a part
// and the number of a chunk determine, so it serves one vector only. The masks of all pairs
// cancel in the total and in nothing less. What is left in it are the self masks M(β_i): a
// recipient learns the total once every site has opened its β_i, and not before.
//
// The proof, and what it asks of callers, is in docs/secure-sums.md. Above all: x_i is a
// function of what the transcript T pledges and of T itself; no secret is used in two
// analyses; and β_i leaves a site at most once, for one list of uploads.
package secagg

// Package he is the cryptographic core: exact encrypted inner products over
// samples,
//
//	T[j,k] = Σ_i v[i,j]·ρ[i,k]
//
// for integer planes v (many small values a sample, one ciphertext per sample
// and block of N positions j) and integer columns ρ (one value a sample, N
// samples packed in a ciphertext).
//
// The owner encrypts both under a secret key (Encryptor, ColumnEncryptor). An Engine,
// which holds only evaluation keys, expands the packed columns to one constant
// ciphertext per sample, multiplies and accumulates, and relinearises. The owner
// decodes the sums exactly (SumDecryptor) and verifies them against a secret
// checksum (CheckModulus).
//
// Scores are inner products over positions instead, of the planes with weights that
// the owner does not know. A Scorer multiplies by polynomials of weights and packs N
// answers into one ciphertext, which is flooded so that nothing else of the weights
// survives (Tile, ScoreParams.Flood). The owner decodes them (ScoreDecryptor).
//
// Parameters are chosen by Plan and PlanScore from the sizes alone, so that the
// rounding at the end is right with probability above 1 − 2^-40, and nobody tunes by
// hand. A plane is an array of small integers, whatever they mean.
//
// Scheme: RLWE in Z[X]/(X^N+1) with residue number system, as in BFV and CKKS,
// with one multiplication and no rescaling chain. Lattigo generates the keys and
// provides the reference engine.
package he

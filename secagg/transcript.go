package secagg

import "crypto/sha256"

// A Transcript stands for all that was said up to a round: T₀ ([Begin]) is the digest of
// what an analysis is, and T_r = SHA-256(T_{r−1}, r, the digests of all sites' messages of round
// r, in order). Sites that were shown different messages have different transcripts, and
// so streams that do not cancel.
type Transcript [sha256.Size]byte

// Begin is T₀, the transcript of an analysis in which nothing was said yet. Whatever the
// documents are that say what it is, no transcript of a later round is the same.
func Begin(documents ...[]byte) Transcript { return sha256.Sum256(label("analysis", documents...)) }

// Next is the transcript after a round.
func (t Transcript) Next(round string, messages [][sha256.Size]byte) Transcript {
	parts := [][]byte{t[:], []byte(round)}
	for i := range messages {
		parts = append(parts, messages[i][:])
	}
	return sha256.Sum256(label("transcript", parts...))
}

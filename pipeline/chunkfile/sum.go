package chunkfile

import "github.com/zeebo/xxh3"

// PieceSize is the number of bytes that have a sum of their own. Pieces can be verified
// in any order, each where it is used and while it is in the nearest cache.
const PieceSize = 1 << 14

// A summer is the sum of a chunk, XXH3-128 of the sums of its pieces, made from the
// chunk's bytes in order.
type summer struct {
	pieces []byte // their sums
	piece  xxh3.Hasher
	n      int // bytes of it so far
}

// Write adds bytes. It never fails.
func (s *summer) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		size := min(PieceSize-s.n, len(rest))
		if size == PieceSize {
			s.add(xxh3.Hash128(rest[:size]).Bytes())
		} else {
			s.piece.Write(rest[:size])
			if s.n += size; s.n == PieceSize {
				s.finishPiece()
			}
		}
		rest = rest[size:]
	}
	return len(p), nil
}

// Sum is the sum of what was written. Nothing can be added afterwards.
func (s *summer) Sum() [16]byte {
	if s.n > 0 {
		s.finishPiece()
	}
	return xxh3.Hash128(s.pieces).Bytes()
}

func (s *summer) finishPiece() {
	s.add(s.piece.Sum128().Bytes())
	s.piece.Reset()
	s.n = 0
}

func (s *summer) add(sum [16]byte) { s.pieces = append(s.pieces, sum[:]...) }

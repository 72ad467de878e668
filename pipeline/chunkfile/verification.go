package chunkfile

import "github.com/zeebo/xxh3"

// A Verification compares the bytes of a chunk with its sum, where and when they are
// used: piece by piece, in any order and from several goroutines.
type Verification struct {
	reader *Reader
	chunk  int
	bytes  []byte
	sums   []byte // of the pieces that were looked at, and else zeros
}

func newVerification(r *Reader, chunk int, bytes []byte) *Verification {
	v := &Verification{reader: r, chunk: chunk, bytes: bytes}
	v.sums = make([]byte, 16*v.Pieces())
	return v
}

// Pieces is the number of pieces: PieceSize bytes each, the last one what is left.
func (v *Verification) Pieces() int { return (len(v.bytes) + PieceSize - 1) / PieceSize }

// Piece takes the sum of piece k, which it returns. It reads mapped memory: call it
// under fault.Guard.
func (v *Verification) Piece(k int) []byte {
	piece := v.bytes[k*PieceSize : min((k+1)*PieceSize, len(v.bytes))]
	sum := xxh3.Hash128(piece).Bytes()
	copy(v.sums[16*k:], sum[:])
	return piece
}

// Finish is nil if all pieces were looked at and make up the chunk of the file.
func (v *Verification) Finish() error {
	return v.reader.compare(v.chunk, xxh3.Hash128(v.sums).Bytes())
}

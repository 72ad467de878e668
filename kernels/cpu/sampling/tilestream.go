package sampling

import "genoveil/kernels/cpu"

// A TileStream makes the rows of Uniform.FillTile some at a time.
type TileStream struct {
	uniform *Uniform
	modulus cpu.Modulus
	b       blocks
	next    int // block
	vectors tileVectors
}

// Start takes the stream to the row of ciphertext 0 for width coefficients from
// `first` on. width is 64 or less.
func (s *TileStream) Start(u *Uniform, m cpu.Modulus, prime uint32, first, width int) {
	s.uniform, s.modulus, s.next = u, m, 0
	s.b = blocks{prime: prime, counter: uint32(first / 16), width: width / 16}
	s.vectors.start(s)
}

// Next writes the next rows, whole ones. Meanwhile the words of `ahead`, about as many,
// are brought from memory into the nearest cache: the stream is arithmetic alone, and
// memory would do nothing. It is quickest where all calls but the last are for a
// multiple of 16 blocks.
func (s *TileStream) Next(dst, ahead []uint32) {
	dst = dst[s.nextVector(dst, ahead):]
	if len(dst) > 0 {
		rest := s.b
		rest.ciphertext, _ = s.b.at(s.next)
		s.uniform.fillPortable(dst, s.modulus, rest)
		s.next += len(dst) / 16
	}
}

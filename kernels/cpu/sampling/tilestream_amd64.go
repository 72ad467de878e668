//go:build !noasm

package sampling

import "genoveil/kernels/cpu/level"

// tileVectors is what vectors need of a TileStream.
type tileVectors struct {
	lanes int // 0 at the portable level, or where rows do not fit the vectors
	l     uniformLanes
	raw   [256]uint32
}

func (v *tileVectors) start(s *TileStream) {
	v.lanes = 0
	if level.Best() == level.Portable {
		return
	}
	lanes := 16
	if level.Best() == level.AVX2 {
		lanes = 8
	}
	if lanes%s.b.width == 0 {
		v.lanes = lanes
		v.l = s.uniform.newLanes(s.modulus, s.b, lanes)
		v.l.ciphertextStep = uint32(lanes / s.b.width)
	}
}

// nextVector writes whole groups of blocks, one at a time so that what is fetched
// comes evenly, and returns how many words. After a call that was not for whole groups
// the rest of the stream is left to the caller.
func (s *TileStream) nextVector(dst, ahead []uint32) int {
	v, done := &s.vectors, 0
	for group := 16 * v.lanes; group > 0 && len(dst)-done >= group; done += group {
		if n := min(group, len(ahead)); n > 0 {
			prefetch(ahead[:n])
			ahead = ahead[n:]
		}
		s.uniform.fillGroups(dst[done:done+group], s.modulus, s.b, s.next, v.lanes, &v.l, &v.raw)
		s.next += v.lanes
	}
	if done < len(dst) {
		v.lanes = 0
	}
	return done
}

// prefetch asks for the lines of a, which is not empty, and waits for nothing.
//
//go:noescape
func prefetch(a []uint32)

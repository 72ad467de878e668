package cpu

// Lift sets dst[i] to the residue modulo `to` of the representative of src[i]
// modulo `from` that is closest to zero: −(from+1)/2 … (from−3)/2 where
// `lowHalf` is set, otherwise −(from−1)/2 … (from−1)/2. The two differ for the
// one value (from−1)/2; Lattigo's decomposition uses the first, its divisions by
// a prime the second.
func Lift(dst, src []uint32, from, to Modulus, lowHalf bool) {
	if !liftVector(dst, src, from, to, lowHalf) {
		liftPortable(dst, src, from, to, lowHalf)
	}
}

// liftTop is the largest residue whose representative is not negative.
func liftTop(from Modulus, lowHalf bool) uint32 {
	if lowHalf {
		return from.Q/2 - 1
	}
	return from.Q / 2
}

// simpleLift says whether |representative| ≤ to, so that adding `to` once reduces
// the negative ones. It holds for primes of about the same size.
func simpleLift(from, to Modulus) bool { return from.Q/2 < to.Q }

func liftPortable(dst, src []uint32, from, to Modulus, lowHalf bool) {
	dst = dst[:len(src)]
	top := liftTop(from, lowHalf)
	if simpleLift(from, to) {
		shift := to.Q - from.Q
		for i, x := range src {
			dst[i] = x + shift&uint32(int32(top-x)>>31)
		}
		return
	}
	for i, x := range src {
		negative := int64(int32(top-x) >> 31)
		dst[i] = to.ReduceSigned(int64(x) - int64(from.Q)&negative)
	}
}

// MulAddLift sets dst[i] = dst[i]·w + Lift(src[i]) modulo m, in [0, 2q), for any
// words dst[i]: a step of Horner's rule for a remainder that was found prime by
// prime. Negative representatives are those of Lift without lowHalf.
func (m Modulus) MulAddLift(dst, src []uint32, from Modulus, w uint32) {
	if !m.mulAddLiftVector(dst, src, from, w) {
		m.mulAddLiftPortable(dst, src, from, w)
	}
}

func (m Modulus) mulAddLiftPortable(dst, src []uint32, from Modulus, w uint32) {
	ws, q2 := m.Shoup(w), 2*m.Q
	var lifted [1]uint32
	for i := range src {
		liftPortable(lifted[:], src[i:i+1], from, m, false)
		x := mulShoupLazy(dst[i], w, ws, m.Q) + lifted[0]
		dst[i] = min(x, x-q2)
	}
}

// DivideOut sets dst[i] = (a[i] − r[i])·w mod q: division by a number whose
// inverse is w, after the remainder r was transformed. All are reduced; dst may
// be a.
func (m Modulus) DivideOut(dst, a, r []uint32, w uint32) {
	if !m.divideOutVector(dst, a, r, w) {
		m.divideOutPortable(dst, a, r, w)
	}
}

func (m Modulus) divideOutPortable(dst, a, r []uint32, w uint32) {
	dst, r = dst[:len(a)], r[:len(a)]
	ws, q := m.Shoup(w), m.Q
	for i, x := range a {
		y := mulShoupLazy(x+q-r[i], w, ws, q)
		dst[i] = min(y, y-q)
	}
}

// DivideOutTiles is DivideOut with the result cut into tiles of 64 words: tile t
// goes to dst[t·stride:]. The length of a is a multiple of 64.
func (m Modulus) DivideOutTiles(dst []uint32, stride int, a, r []uint32, w uint32) {
	if !m.divideOutTilesVector(dst, stride, a, r, w) {
		for t := range len(a) / tileWidth {
			m.DivideOut(dst[t*stride:][:tileWidth], a[t*tileWidth:][:tileWidth], r[t*tileWidth:], w)
		}
	}
}

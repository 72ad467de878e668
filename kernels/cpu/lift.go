package cpu

// Lift sets dst[i] to the residue modulo `to` of the representative of src[i]
// modulo `from` that is closest to zero: −(from+1)/2 … (from−3)/2 where
// `lowHalf` is set, otherwise −(from−1)/2 … (from−1)/2. The two differ for the
// one value (from−1)/2; Lattigo's decomposition uses the first, its divisions by
// a prime the second.
func Lift(dst, src []uint32, from, to Modulus, lowHalf bool) {
	dst = dst[:len(src)]
	top := from.Q / 2 // largest value that stays positive
	if lowHalf {
		top--
	}
	if from.Q/2 < to.Q {
		// |representative| ≤ to: adding `to` once reduces the negative ones.
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

// DivideOut sets dst[i] = (a[i] − r[i])·w mod q: division by a prime whose
// inverse is w, after the remainder r was lifted and transformed. dst may be a.
func (m Modulus) DivideOut(dst, a, r []uint32, w uint32) {
	dst, r = dst[:len(a)], r[:len(a)]
	ws, q := m.Shoup(w), m.Q
	for i, x := range a {
		y := mulShoupLazy(x+q-r[i], w, ws, q)
		dst[i] = min(y, y-q)
	}
}

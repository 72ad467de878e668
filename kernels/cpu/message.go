package cpu

import "math/bits"

// Within says whether |x| ≤ limit for every x; limit is not negative.
func Within(x []int32, limit int32) bool {
	n, outside := withinVector(x, limit)
	return !outside && withinPortable(x[n:], limit)
}

func withinPortable(x []int32, limit int32) bool {
	for _, v := range x {
		if uint32(v)+uint32(limit) > 2*uint32(limit) {
			return false
		}
	}
	return true
}

// MulAddSigned sets dst[i] = v[i]·w + e[i] mod q, in [0, 2q), for a reduced
// constant w, any v and |e| ≤ q.
//
// It multiplies v + 2^31, which is not negative, and takes the surplus off again.
func (m Modulus) MulAddSigned(dst []uint32, v, e []int32, w uint32) {
	dst, e = dst[:len(v)], e[:len(v)]
	shoup := m.Shoup(w)
	surplus := m.Q + m.Neg(m.Mul(m.Reduce(1<<31), w)) // in [q, 2q)
	n := mulAddSignedVector(dst, v, e, w, shoup, surplus, m.Q)
	mulAddSignedPortable(dst[n:], v[n:], e[n:], w, shoup, surplus, m.Q)
}

func mulAddSignedPortable(dst []uint32, v, e []int32, w, shoup, surplus, q uint32) {
	for i := range dst {
		r := mulShoupLazy(uint32(v[i])^1<<31, w, shoup, q)
		r = min(r, r-q)
		r += surplus + uint32(e[i]) // in [0, 4q)
		dst[i] = min(r, r-2*q)
	}
}

// ShoupVec sets dst[i] to the companion Shoup(w[i]) of a reduced secret w[i]. It
// takes the same time whatever w is, which a division instruction need not.
func (m Modulus) ShoupVec(dst, w []uint32) {
	for i, x := range w {
		hi, _ := bits.Mul64(uint64(x)<<32, m.barrett)
		r := uint32(uint64(x)<<32 - hi*uint64(m.Q)) // in [0, 2q), see Reduce
		dst[i] = uint32(hi) + 1 - (r-m.Q)>>31
	}
}

// MulSubTiles sets row t, which is dst[t·stride:][:width], to a − b·w mod q at
// positions t·width … (t+1)·width−1 of a, b and w, with shoup from ShoupVec(w). a
// and w are reduced, b is any; len(a) is a multiple of width. It takes the same
// time whatever the words are.
func (m Modulus) MulSubTiles(dst []uint32, stride, width int, a, b, w, shoup []uint32) {
	b, w, shoup = b[:len(a)], w[:len(a)], shoup[:len(a)]
	if mulSubTilesVector(dst, stride, width, a, b, w, shoup, m.Q) {
		return
	}
	for t := range len(a) / width {
		from, to := t*width, (t+1)*width
		mulSubPortable(dst[t*stride:][:width], a[from:to], b[from:to], w[from:to], shoup[from:to], m.Q)
	}
}

func mulSubPortable(dst, a, b, w, shoup []uint32, q uint32) {
	for i := range dst {
		r := a[i] - mulShoupLazy(b[i], w[i], shoup[i], q) // in (−2q, q)
		r = min(r, r+2*q)
		dst[i] = min(r, r-q)
	}
}

package cpu

import "math"

// Run is the number of samples whose products fit into the middle accumulator
// without overflow: it takes two products a sample, each at most (q−1)².
func (m Modulus) Run() int {
	p := uint64(m.Q-1) * uint64(m.Q-1)
	return int(math.MaxUint64 / (2 * p))
}

// Accumulate adds (c0, c1) ⊗ (d0, d1), summed over samples, into three
// accumulators of width T:
//
//	acc[0:T]  += Σ c0·d0
//	acc[T:2T] += Σ c0·d1 + c1·d0
//	acc[2T:]  += Σ c1·d1
//
// c0 and c1 hold one row of T residues a sample, one after the other. d holds
// for every sample `stride` words, of which the first 2T are d0 and d1. All
// residues are reduced; the number of samples len(c0)/T is at most m.Run(), and
// acc starts at zero: then no word can overflow.
func Accumulate(acc []uint64, c0, c1, d []uint32, stride, T int) {
	if !accumulateVector(acc, c0, c1, d, stride, T) {
		accumulatePortable(acc, c0, c1, d, stride, T)
	}
}

func accumulatePortable(acc []uint64, c0, c1, d []uint32, stride, T int) {
	a0, a1, a2 := acc[:T], acc[T:2*T], acc[2*T:3*T]
	for s := 0; len(c0) > 0; s, c0, c1 = s+1, c0[T:], c1[T:] {
		x0, x1 := c0[:T], c1[:T]
		y0, y1 := d[s*stride:][:T], d[s*stride+T:][:T]
		for j := range x0 {
			u0, u1 := uint64(x0[j]), uint64(x1[j])
			v0, v1 := uint64(y0[j]), uint64(y1[j])
			a0[j] += u0 * v0
			a1[j] += u0*v1 + u1*v0
			a2[j] += u1 * v1
		}
	}
}

// ReduceAdd sets dst[i] = dst[i] + acc[i] mod q and clears acc.
func (m Modulus) ReduceAdd(dst []uint32, acc []uint64) {
	acc = acc[:len(dst)]
	for i, x := range dst {
		dst[i] = m.Add(x, m.Reduce(acc[i]))
		acc[i] = 0
	}
}

// MultiplyAdd2 sets acc0[i] += a[i]·b0[i] and acc1[i] += a[i]·b1[i]. Up to 256
// calls fit an accumulator that started at zero.
func MultiplyAdd2(acc0, acc1 []uint64, a, b0, b1 []uint32) {
	if !multiplyAdd2Vector(acc0, acc1, a, b0, b1) {
		multiplyAdd2Portable(acc0, acc1, a, b0, b1)
	}
}

func multiplyAdd2Portable(acc0, acc1 []uint64, a, b0, b1 []uint32) {
	acc0, acc1, b0, b1 = acc0[:len(a)], acc1[:len(a)], b0[:len(a)], b1[:len(a)]
	for i, x := range a {
		acc0[i] += uint64(x) * uint64(b0[i])
		acc1[i] += uint64(x) * uint64(b1[i])
	}
}

// ReduceVec sets dst[i] = acc[i] mod q.
func (m Modulus) ReduceVec(dst []uint32, acc []uint64) {
	acc = acc[:len(dst)]
	for i := range dst {
		dst[i] = m.Reduce(acc[i])
	}
}

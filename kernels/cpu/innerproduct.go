package cpu

// InnerProduct multiplies digits by a key: with D rows a_j of n words, n a
// multiple of 16,
//
//	out0[i] = base[i] + Σ_j a_j[i]·k_j0[i] mod q
//	out1[i] =           Σ_j a_j[i]·k_j1[i] mod q
//
// a holds the rows one after the other and key comes from InterleaveKey. All
// residues are reduced; D is at most 15, so that Montgomery reduction of a sum of
// D products stays below 2q.
func (m Modulus) InnerProduct(out0, out1, base, a, key []uint32) {
	if !m.innerProductVector(out0, out1, base, a, key) {
		m.innerProductPortable(out0, out1, base, a, key)
	}
}

func (m Modulus) innerProductPortable(out0, out1, base, a, key []uint32) {
	n := len(out0)
	digits := len(a) / n
	for i := range n {
		x0, x1 := uint64(0), uint64(0)
		k := key[i/16*digits*32+i%16:]
		for j := range digits {
			x0 += uint64(a[j*n+i]) * uint64(k[j*32])
			x1 += uint64(a[j*n+i]) * uint64(k[j*32+16])
		}
		out0[i] = m.Add(base[i], m.montgomery(x0))
		out1[i] = m.montgomery(x1)
	}
}

// montgomery returns x/2^32 mod q for x < 15·q² (Montgomery, 1985): adding the
// multiple of q that clears the low word leaves (x + 2^32·q)/2^32 < 15q²/2^32 + q
// < 2q, as q < 2^28.
func (m Modulus) montgomery(x uint64) uint32 {
	r := uint32((x + uint64(uint32(x)*m.negInv)*uint64(m.Q)) >> 32)
	return min(r, r-m.Q)
}

// InterleaveKey lays out the rows k_j0, k_j1 of a key for InnerProduct, in
// Montgomery form (times 2^32 mod q): 16 words of every row in turn,
// [n/16][digit][component][16], so that the inner product reads one stream.
func (m Modulus) InterleaveKey(rows [][2][]uint32) []uint32 {
	n := len(rows[0][0])
	key := make([]uint32, 0, 2*len(rows)*n)
	factor := m.Reduce(1 << 32)
	shoup := m.Shoup(factor)
	for i := 0; i < n; i += 16 {
		for _, components := range rows {
			for _, row := range components {
				for _, x := range row[i : i+16] {
					r := mulShoupLazy(x, factor, shoup, m.Q)
					key = append(key, min(r, r-m.Q))
				}
			}
		}
	}
	return key
}

package cpu

// InnerProduct multiplies digits by keys, two inner products at a time: with D
// rows a_j of n words each, n a multiple of 16,
//
//	out0[i] = base0[i] + Σ_j a0_j[i]·key0_j[i] mod q
//	out1[i] = base1[i] + Σ_j a1_j[i]·key1_j[i] mod q
//
// a0 and a1 hold their rows in D equal parts, of which the first n words count: rows
// that are not a multiple of 4 KB apart are read up to twice as fast, because their
// words do not compete for the same lines of the cache. Keys come from
// InterleaveKey. Where both use one key, or both the same digits, it is read once: keys come from
// memory, and reading them takes three times as long as the arithmetic.
//
// All residues are reduced; D is at most 15, so that Montgomery reduction of a sum
// of D products stays below 2q.
func (m Modulus) InnerProduct(out0, out1, base0, base1, a0, a1, key0, key1 []uint32) {
	if !m.innerProductVector(out0, out1, base0, base1, a0, a1, key0, key1) {
		m.innerProductPortable(out0, base0, a0, key0)
		m.innerProductPortable(out1, base1, a1, key1)
	}
}

func (m Modulus) innerProductPortable(out, base, a, key []uint32) {
	n := len(out)
	digits := len(key) / n
	stride := len(a) / digits
	for i := range n {
		sum := uint64(0)
		k := key[i/16*digits*16+i%16:]
		for j := range digits {
			sum += uint64(a[j*stride+i]) * uint64(k[j*16])
		}
		out[i] = m.Add(base[i], m.montgomery(sum))
	}
}

// montgomery returns x/2^32 mod q for x < 15·q² (Montgomery, 1985): adding the
// multiple of q that clears the low word leaves (x + 2^32·q)/2^32 < 15q²/2^32 + q
// < 2q, as q < 2^28.
func (m Modulus) montgomery(x uint64) uint32 {
	r := uint32((x + uint64(uint32(x)*m.negInv)*uint64(m.Q)) >> 32)
	return min(r, r-m.Q)
}

// InterleaveKey lays out the rows of a key for InnerProduct in `key`, in Montgomery
// form (times 2^32 mod q): 16 words of every row in turn, [n/16][digit][16], so
// that the inner product reads one stream.
func (m Modulus) InterleaveKey(key []uint32, rows [][]uint32) {
	n := len(rows[0])
	key = key[: 0 : len(rows)*n]
	factor := m.Reduce(1 << 32)
	shoup := m.Shoup(factor)
	for i := 0; i < n; i += 16 {
		for _, row := range rows {
			for _, x := range row[i : i+16] {
				r := mulShoupLazy(x, factor, shoup, m.Q)
				key = append(key, min(r, r-m.Q))
			}
		}
	}
}

package cpu

// A Permutation is what X → X^g does to transformed polynomials of n words.
//
// In the transform's order an aligned group of 16 words holds the values at roots
// ψ^(2r+1) whose r agree but for the four highest bits, and so do their images:
// whole vectors move, and within a vector one of at most 16 orders is taken.
type Permutation struct {
	index   []uint32 // where every word comes from
	vectors []uint32 // for every 16 words: the vector they come from, times 16, and their order
	orders  [16][16]uint32
}

// NewPermutation prepares the automorphism X → X^g, g odd, of size n, a power of
// two of at least 16.
func NewPermutation(n int, g uint64) *Permutation {
	p := &Permutation{index: make([]uint32, n)}
	for i := range p.index {
		root := uint64(2*reverseBits(i, n) + 1) // position i holds the value at ψ^root
		p.index[i] = uint32(reverseBits(int((g*root&uint64(2*n-1)-1)/2), n))
	}
	numbers := map[[16]uint32]uint32{}
	for v := range n / 16 {
		var order [16]uint32
		for i := range order {
			order[i] = p.index[16*v+i] % 16
		}
		number, ok := numbers[order]
		if !ok {
			number = uint32(len(numbers))
			numbers[order], p.orders[number] = number, order
		}
		p.vectors = append(p.vectors, p.index[16*v]/16*16+number)
	}
	return p
}

// Apply sets dst to src permuted. They must not overlap.
func (p *Permutation) Apply(dst, src []uint32) {
	if !p.applyVector(dst, src) {
		p.applyPortable(dst, src)
	}
}

func (p *Permutation) applyPortable(dst, src []uint32) {
	dst = dst[:len(p.index)]
	for i, j := range p.index {
		dst[i] = src[j]
	}
}

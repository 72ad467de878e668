package simulate

import (
	"sort"
	"strconv"

	"genoveil/genomics"
)

// chromosomes are the lengths of the human autosomes 1 to 22 in base pairs
// (GRCh38).
var chromosomes = [22]int{
	248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636,
	138394717, 133797422, 135086622, 133275309, 114364328, 107043718, 101991189, 90338345,
	83257441, 80373285, 58617616, 64444167, 46709983, 50818468,
}

// genomeLength is the sum of the chromosomes.
const genomeLength = 2875001522

// Frequencies are counted in parts of 2¹⁶.
const (
	frequencyUnit = 1 << 16
	leastMinor    = frequencyUnit / 200 // the rarest minor allele: 0.5 %
	leastCausal   = frequencyUnit / 20  // the rarest causal one: 5 %
	altMajorOneOf = 10                  // ALT is the major allele at one site of ten
)

// sites invents variants in order.
type sites struct {
	random   stream
	variants int
	causal   int
	spectrum []uint64 // see newSpectrum

	next       int // index of the next variant
	nextCausal int // number of causal variants before it
	chrom      int // index of its chromosome
}

// A site is a variant with what the simulation needs to know of it.
type site struct {
	genomics.Variant

	alt    uint32 // frequency of ALT, in parts of 2¹⁶
	broken uint32 // probability of a recombination since the site before, in parts of 2³²
	first  bool   // of its chromosome, or so far from the site before that nothing links them
	causal bool
}

func newSites(o Options) *sites {
	return &sites{
		random:   newStream(o.Seed, siteStream),
		variants: o.Variants,
		causal:   o.Causal,
		spectrum: newSpectrum(),
		chrom:    -1,
	}
}

// newSpectrum returns the cumulative weights of the minor-allele frequencies
// leastMinor, leastMinor+1, …, ½ with a zero before them. The weight of
// frequency x is 1/x + 1/(1−x) = 1/(x(1−x)): what a population of constant size
// has under neutral mutation, folded because the minor allele may be the old or
// the new one.
func newSpectrum() []uint64 {
	sum := []uint64{0}
	for x := uint64(leastMinor); x <= frequencyUnit/2; x++ {
		sum = append(sum, sum[len(sum)-1]+(1<<48)/(x*(frequencyUnit-x)))
	}
	return sum
}

// minor draws a minor-allele frequency of at least the given one.
func (s *sites) minor(least int) uint32 {
	low := s.spectrum[least-leastMinor]
	target := low + s.random.below(s.spectrum[len(s.spectrum)-1]-low)
	// The first index whose sum is above target is one past the frequency's.
	at := sort.Search(len(s.spectrum), func(i int) bool { return s.spectrum[i] > target })
	return uint32(leastMinor + at - 1)
}

// firstOf returns the index of the first variant of chromosome c, in proportion
// to the lengths before it.
func (s *sites) firstOf(c int) int {
	before := 0
	for _, length := range chromosomes[:c] {
		before += length
	}
	return before * s.variants / genomeLength
}

// linkage is the distance in base pairs over which haplotypes stay together: 50
// kb, about what is found in humans, but at least ten sites, so that the
// neighbours in a sparse panel are linked as well.
func (s *sites) linkage() int {
	return max(50_000, 10*genomeLength/s.variants)
}

// read invents the next site, with at holding the one before. It returns false
// after the last one.
func (s *sites) read(at *site) bool {
	if s.next == s.variants {
		return false
	}
	at.first = false
	for s.chrom < 0 || s.chrom+1 < len(chromosomes) && s.next >= s.firstOf(s.chrom+1) {
		s.chrom++
		at.first = true
		at.Chrom = strconv.Itoa(s.chrom + 1)
	}

	// Every variant has an equal part of its chromosome for itself.
	from, to := s.firstOf(s.chrom), s.firstOf(s.chrom+1)
	length, k, n := chromosomes[s.chrom], s.next-from, to-from
	start, end := length*k/n, length*(k+1)/n
	pos := start + 1 + int(s.random.below(uint64(end-start)))
	// The chance of a recombination grows with the distance; over many sites
	// haplotypes thus stay together with probability exp(−distance/linkage).
	if gap := pos - at.Pos; !at.first && gap < s.linkage() {
		at.broken = uint32(uint64(gap) << 32 / uint64(s.linkage()))
	} else {
		at.first = true
	}
	at.Pos = pos

	const bases = "ACGT"
	ref := s.random.below(4)
	alt := (ref + 1 + s.random.below(3)) % 4
	at.Ref, at.Alt = bases[ref:ref+1], bases[alt:alt+1]

	at.causal = s.nextCausal < s.causal && s.next == (2*s.nextCausal+1)*s.variants/(2*s.causal)
	if at.causal {
		s.nextCausal++
		at.alt = s.minor(leastCausal)
	} else {
		at.alt = s.minor(leastMinor)
	}
	if s.random.below(altMajorOneOf) == 0 {
		at.alt = frequencyUnit - at.alt
	}
	s.next++
	at.ID = "rs" + strconv.Itoa(s.next)
	return true
}

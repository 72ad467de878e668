package genomics

// haploid knows which of the kept samples have one copy of a chromosome.
type haploid struct {
	males     Mask
	maleCount int
	all       Mask

	chromosome string // asked about last
	last       Ploidy
	dropped    map[Ploidy]*HaploidHets
}

// HaploidHets counts heterozygous calls where a sample has one copy of the chromosome.
type HaploidHets struct {
	Ploidy Ploidy
	Calls  int
	First  Variant // the first with such a call
}

func newHaploid(sexes []Sex, kept []int, samples int) *haploid {
	chosen := sexes
	if sexes != nil && kept != nil {
		chosen = make([]Sex, len(kept))
		for i, at := range kept {
			chosen[i] = sexes[at]
		}
	}
	h := &haploid{dropped: map[Ploidy]*HaploidHets{}}
	h.males = NewMask(samples, func(i int) bool { return chosen != nil && chosen[i] == Male })
	h.maleCount = h.males.Len()
	h.all = NewMask(samples, func(int) bool { return true })
	return h
}

// ploidy is that of a variant's chromosome. Variants of one stand together.
func (h *haploid) ploidy(v *Variant) Ploidy {
	if v.Chrom != h.chromosome {
		h.chromosome, h.last = v.Chrom, PloidyOf(v.Chrom)
	}
	return h.last
}

// dropHets makes heterozygous calls of one copy missing, and counts them.
func (h *haploid) dropHets(v *Variant, row Row) Ploidy {
	p := h.ploidy(v)
	mask := h.males
	switch p {
	case Diploid:
		return p
	case Mitochondrial:
		mask = h.all
	}
	if n := mask.DropHets(row); n > 0 {
		if h.dropped[p] == nil {
			h.dropped[p] = &HaploidHets{Ploidy: p, First: *v}
		}
		h.dropped[p].Calls += n
	}
	return p
}

// HaploidHets lists, by chromosome, the heterozygous calls that were made missing.
func (s *selection) HaploidHets() []HaploidHets {
	var list []HaploidHets
	for _, p := range []Ploidy{XLinked, YLinked, Mitochondrial} {
		if d := s.haploid.dropped[p]; d != nil {
			list = append(list, *d)
		}
	}
	return list
}
